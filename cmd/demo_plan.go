package cmd

import (
	"fmt"
	"math"
	mathrand "math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// demoSource is a link of a sample project and the people it brings.
type demoSource struct {
	link     string // id of the link, empty for people who come by themselves
	slug     string // its readable address
	tags     domain.Tags
	name     string
	utm      domain.UTM
	click    string  // parameter with the network's click id
	digits   bool    // the click id is a number
	perDay   float64 // clicks of an ordinary day; without a link, starts
	starts   float64 // share of clicks that start
	leaves   float64 // share of those who leave, most of them soon
	from, to int     // days ago between which it ran
	value    string  // a start value that is not of a link
	price    float64 // of a click
}

// demoPlan is the past of one sample project.
type demoPlan struct {
	project string
	seed    uint64
	sources []demoSource
	steps   []demoStep
	silent  time.Duration // nothing has come for so long
	firstID int64         // of its people
}

// demoStep is a step of the funnel: a share of those at the one before.
type demoStep struct {
	name   string
	share  float64
	after  time.Duration
	target string
	amount int64 // in main units, 0 for none
	labels []domain.Label
}

func demoPlans() []demoPlan {
	return []demoPlan{
		{project: demoProject, seed: 11, firstID: 600_000_000, sources: courseSources(), steps: courseSteps()},
		{project: "demo-flowers", seed: 12, firstID: 700_000_000, sources: flowerSources(),
			steps: flowerSteps(), silent: 60 * time.Hour},
	}
}

func courseSources() []demoSource {
	return []demoSource{
		{link: "demo-direct", name: "Яндекс.Директ: поиск", tags: "Яндекс",
			utm: domain.UTM{Source: "yandex", Medium: "cpc", Campaign: "search_brand"}, click: "yclid",
			digits: true, perDay: 42, starts: .46, leaves: .22, from: 90, price: 31},
		{link: "demo-rsya", name: "Яндекс.Директ: РСЯ", tags: "Яндекс",
			utm: domain.UTM{Source: "yandex", Medium: "cpc", Campaign: "network_autumn",
				Content: "banner_2"},
			click: "yclid", digits: true, perDay: 60, starts: .27, leaves: .48, from: 60, to: 9,
			price: 12},
		{link: "demo-meta", name: "Meta: лид-магнит",
			utm: domain.UTM{Source: "facebook", Medium: "paid", Campaign: "lead_magnet",
				Content: "video_1"},
			click: "fbclid", perDay: 34, starts: .38, leaves: .35, from: 75, price: 24},
		{link: "demo-vk", name: "VK Реклама",
			utm: domain.UTM{Source: "vk", Medium: "cpm", Campaign: "lookalike"}, click: "rb_clickid",
			perDay: 28, starts: .41, leaves: .39, from: 45, price: 17},
		{link: "demo-blogger", slug: "obzor", name: "Блогер: обзор курса", utm: domain.UTM{Source: "blogger", Medium: "post"},
			perDay: 55, starts: .55, leaves: .18, from: 33, to: 27},
		{link: "demo-tracker-link", name: "Тизеры (трекер)", utm: domain.UTM{Source: "teaser", Medium: "cpc"},
			click: "subid", perDay: 22, starts: .25, leaves: .62, from: 28, to: 4, price: 6},
		{link: "demo-qr", slug: "expo", tags: "офлайн", name: "QR-код на выставке", utm: domain.UTM{Source: "offline", Medium: "qr"},
			perDay: 30, starts: .6, leaves: .25, from: 16, to: 14},
		{name: "", perDay: 7, leaves: .15, from: 90},
		{value: "friend_invite", perDay: 2.5, leaves: .1, from: 70},
	}
}

func courseSteps() []demoStep {
	return []demoStep{
		{name: "watched_lesson_1", share: .62, after: 20 * time.Minute,
			labels: []domain.Label{{Name: "device", Value: "mobile"}}},
		{name: "opened_price", share: .55, after: 5 * time.Hour},
		{name: "filled_form", share: .38, after: 30 * time.Hour, target: "lead_form"},
		{name: "paid", share: .42, after: 40 * time.Hour, target: "sale", amount: 4900,
			labels: []domain.Label{{Name: "tariff", Value: "base"}}},
	}
}

func flowerSources() []demoSource {
	return []demoSource{
		{link: "demo-fl-direct", name: "Директ: доставка цветов",
			utm: domain.UTM{Source: "yandex", Medium: "cpc", Campaign: "delivery"}, click: "yclid",
			digits: true, perDay: 16, starts: .5, leaves: .3, from: 80, price: 38},
		{link: "demo-fl-map", name: "Карточка на картах", utm: domain.UTM{Source: "maps"}, perDay: 7,
			starts: .58, leaves: .2, from: 80},
		{name: "", perDay: 2, leaves: .2, from: 80},
	}
}

func flowerSteps() []demoStep {
	return []demoStep{
		{name: "chose_bouquet", share: .7, after: 4 * time.Minute},
		{name: "ordered", share: .5, after: 15 * time.Minute, target: "order", amount: 3200},
	}
}

// happenings makes the past of a plan up to now, in the order of time.
func (p *demoPlan) happenings(now time.Time, r *mathrand.Rand) []happening {
	m := &maker{plan: p, rand: r, until: now.Add(-p.silent), id: p.firstID}
	for day := demoDays; day >= 0; day-- {
		midnight := now.Truncate(24*time.Hour).AddDate(0, 0, -day).Add(-3 * time.Hour) // of Moscow
		for i := range p.sources {
			s := &p.sources[i]
			if day > s.from || day < s.to {
				continue
			}
			n := m.count(s.perDay * weekday(midnight) * growth(day))
			for range n {
				m.visit(s, midnight.Add(m.hour()))
			}
		}
	}
	slices.SortStableFunc(m.out, func(a, b happening) int { return a.at.Compare(b.at) })
	return m.out
}

// weekday makes weekends quieter.
func weekday(t time.Time) float64 {
	return []float64{.78, 1.08, 1.12, 1.06, 1.02, .96, .74}[t.Add(12*time.Hour).Weekday()]
}

// growth lets the last days be busier than the first.
func growth(daysAgo int) float64 { return .7 + .5*float64(demoDays-daysAgo)/demoDays }

// maker puts the past together.
type maker struct {
	plan  *demoPlan
	rand  *mathrand.Rand
	until time.Time
	id    int64
	out   []happening
}

// count is a whole number around an average.
func (m *maker) count(average float64) int {
	return max(0, int(math.Round(average*(.75+.5*m.rand.Float64()))))
}

// hour of a day: few come at night, most in the evening.
func (m *maker) hour() time.Duration {
	for {
		h := m.rand.Float64() * 24
		if m.rand.Float64() < .08+.92*math.Pow(math.Sin(math.Pi*math.Mod(h+19, 24)/24), 2) {
			return time.Duration(h * float64(time.Hour))
		}
	}
}

// spread is a time around an average, mostly shorter.
func (m *maker) spread(average time.Duration) time.Duration {
	return time.Duration(m.rand.ExpFloat64()*float64(average)) + time.Second
}

func (m *maker) add(h happening) {
	h.at = h.at.UTC().Truncate(time.Second)
	if h.at.Before(m.until) {
		if h.click != nil {
			h.click.At = h.at
		} else {
			h.signal.At = h.at
		}
		m.out = append(m.out, h)
	}
}

// visit is one click, or one start without any, and all that came of it.
func (m *maker) visit(s *demoSource, at time.Time) {
	start := s.value
	if s.link != "" {
		c := m.click(s)
		m.add(happening{at: at, click: c})
		if m.rand.Float64() >= s.starts {
			return
		}
		start = domain.StartPrefix + c.StartValue
		at = at.Add(m.spread(25 * time.Second))
	}
	m.id += 1 + m.rand.Int64N(9000)
	who := demoPerson(m.rand, m.id)
	m.add(happening{at: at, signal: &domain.Signal{Type: domain.BotStarted, Person: &who, StartValue: start}})
	m.funnel(who, at)
	if m.rand.Float64() < s.leaves {
		left := at.Add(m.spread(9 * 24 * time.Hour))
		m.add(happening{at: left, signal: &domain.Signal{Type: domain.BotStopped,
			Person: &domain.Person{ID: who.ID}}})
		if m.rand.Float64() < .07 {
			m.add(happening{at: left.Add(m.spread(6 * 24 * time.Hour)),
				signal: &domain.Signal{Type: domain.BotStarted, Person: &who}})
		}
	}
}

func (m *maker) click(s *demoSource) *domain.Click {
	params := map[string]string{}
	query := ""
	if s.click != "" {
		params[s.click] = strconv.FormatUint(m.rand.Uint64(), 36) + strconv.FormatUint(m.rand.Uint64(), 36)
		query = s.click + "=" + params[s.click]
	}
	if s.digits {
		params[s.click] = strconv.FormatUint(1e18+m.rand.Uint64N(1e18), 10)
		query = s.click + "=" + params[s.click]
	}
	return &domain.Click{
		LinkID: s.link, StartValue: fmt.Sprintf("PJ%016x", m.rand.Uint64()), URL: "/c/" + s.link + "?" + query,
		RawQuery: query, Params: params,
		IP:        fmt.Sprintf("198.51.100.%d", m.rand.IntN(256)),
		UserAgent: demoAgents[m.rand.IntN(len(demoAgents))],
	}
}

// funnel walks the steps until somebody drops out.
func (m *maker) funnel(who domain.Person, at time.Time) {
	for _, step := range m.plan.steps {
		if m.rand.Float64() >= step.share {
			return
		}
		at = at.Add(m.spread(step.after))
		s := &domain.Signal{Type: domain.FunnelEvent, Person: &domain.Person{ID: who.ID}, Name: step.name,
			Target: step.target, Result: domain.InProgress, Labels: step.labels}
		if step.amount > 0 {
			s.Result = domain.Success
			sum := domain.Amount(step.amount*int64(1+m.rand.IntN(3))) * 1_000_000
			s.Amount = &sum
		}
		m.add(happening{at: at, signal: s})
	}
}

var demoAgents = []string{
	"Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Mobile " +
		"Safari/537.36",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
		"Version/19.1 Mobile/15E148 Safari/604.1",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 " +
		"YaBrowser/26.10 Safari/537.36",
}

// demoPerson is somebody invented.
func demoPerson(r *mathrand.Rand, id int64) domain.Person {
	first := demoFirst[r.IntN(len(demoFirst))]
	p := domain.Person{ID: id, FirstName: first.name, Language: "ru"}
	if r.Float64() < .6 {
		p.LastName = demoLast[r.IntN(len(demoLast))] + first.ending
	}
	if r.Float64() < .7 {
		p.Username = fmt.Sprintf("%s_%d", first.latin, id%9973)
	}
	if r.Float64() < .12 {
		premium := true
		p.IsPremium = &premium
	}
	if r.Float64() < .06 {
		p.Language = "en"
	}
	return p
}

var demoFirst = []struct{ name, latin, ending string }{
	{"Анна", "anna", "а"}, {"Мария", "masha", "а"}, {"Екатерина", "katya", "а"}, {"Ольга", "olga", "а"},
	{"Алина", "alina", "а"}, {"Дарья", "dasha", "а"},
	{"Иван", "ivan", ""}, {"Алексей", "alex", ""}, {"Дмитрий", "dima", ""}, {"Сергей", "sergey", ""},
	{"Никита", "nikita", ""}, {"Тимур", "timur", ""},
}

var demoLast = []string{"Соколов", "Морозов", "Лебедев", "Козлов", "Новиков", "Павлов", "Волков", "Зайцев", "Орлов",
	"Киселёв", "Беляев", "Громов"}

// demoLinks are the links of a plan, made when its past began.
func (p *demoPlan) links(now time.Time) []domain.Link {
	var out []domain.Link
	for i, s := range p.sources {
		if s.link != "" {
			out = append(out, domain.Link{
				ID: s.link, ProjectID: p.project, Name: s.name, UTM: s.utm, Slug: s.slug, Tags: s.tags,
				StartValue: fmt.Sprintf("PJde%02x%010x", i, p.seed),
				CreatedAt:  now.AddDate(0, 0, -s.from),
			})
		}
	}
	return out
}

// costs are what the links of a plan cost on each of their days.
func (p *demoPlan) costs(now time.Time) []domain.LinkCost {
	r := mathrand.New(mathrand.NewPCG(p.seed, 3))
	var out []domain.LinkCost
	for _, s := range p.sources {
		if s.price == 0 {
			continue
		}
		for day := s.from; day >= s.to; day-- {
			at := now.AddDate(0, 0, -day)
			rub := s.perDay * weekday(at) * growth(day) * s.price * (.85 + .3*r.Float64())
			out = append(out, domain.LinkCost{LinkID: s.link, Day: at.Format(time.DateOnly),
				Amount: domain.Amount(rub) * 1_000_000, Currency: "RUB"})
		}
	}
	return out
}
