package usecase_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

func TestLinksAreManaged(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"a name is taken once":           namesAreTaken,
		"old namesakes go on":            oldNamesakes,
		"readable addresses":             readableAddresses,
		"archived and brought back":      archivedLinks,
		"deleted while unused":           deletedLinks,
		"duplicated":                     duplicatedLinks,
		"many at once":                   manyLinks,
		"a table":                        linkTables,
		"UTM templates":                  utmTemplates,
		"two at once do not get a name":  twoOfAName,
		"two projects, a single address": twoOfAnAddress,
		"what changed is written down":   linkTrail,
	})
}

func namesAreTaken(s *tale) {
	p := s.projects()
	l, err := p.CreateLink(s.Context(), s.p.ID, usecase.LinkInput{Name: ptr("Spring")})
	s.ok(err)
	_, err = p.CreateLink(s.Context(), s.p.ID, usecase.LinkInput{Name: ptr(" Spring")})
	s.blames(err, "name")
	if !strings.Contains(err.Error(), `"Spring (2)"`) {
		s.Errorf("%v proposes nothing", err)
	}
	other, err := p.CreateLink(s.Context(), s.p.ID, usecase.LinkInput{Name: ptr("Autumn")})
	s.ok(err)
	_, err = p.UpdateLink(s.Context(), s.p.ID, other.ID, usecase.LinkInput{Name: ptr("Spring")})
	s.blames(err, "name")
	_, err = p.UpdateLink(s.Context(), s.p.ID, l.ID, usecase.LinkInput{Archived: ptr(true)})
	s.ok(err)
	_, err = p.CreateLink(s.Context(), s.p.ID, usecase.LinkInput{Name: ptr("Spring")})
	s.blames(err, "name")
	if !strings.Contains(err.Error(), "archived") {
		s.Errorf("%v does not say where the other is", err)
	}
}

func oldNamesakes(s *tale) {
	a, b := s.link("Twin", ""), s.link("Twin", "")
	now, err := s.projects().UpdateLink(s.Context(), s.p.ID, a.ID, usecase.LinkInput{
		Name: ptr("Twin"), UTM: &domain.UTM{Source: "x"},
	})
	s.ok(err)
	if now.UTM.Source != "x" {
		s.Errorf("%+v", now)
	}
	_, err = s.projects().UpdateLink(s.Context(), s.p.ID, b.ID, usecase.LinkInput{Name: ptr("Single")})
	s.ok(err)
}

// leads expects addresses to lead to a link, "" for nowhere.
func (s *tale) leads(want map[string]string) {
	s.Helper()
	for address, id := range want {
		l, err := s.LinkAt(s.Context(), address)
		if l.ID != id || errors.Is(err, domain.ErrNotFound) != (id == "") {
			s.Errorf("%s leads to %q, want %q: %v", address, l.ID, id, err)
		}
	}
}

// blames expects an error that blames fields.
func (s *tale) blames(err error, want ...string) {
	s.Helper()
	if d := cmp.Diff(want, blamed(err)); d != "" {
		s.Errorf("%v (-want +got):\n%s", err, d)
	}
}

func readableAddresses(s *tale) {
	p, u := s.projects(), s.ids.next()[20:] // addresses are the whole store's
	first, second, third := "a-"+u, "b-"+u, "c-"+u
	l, err := p.CreateLink(s.Context(), s.p.ID, usecase.LinkInput{Name: ptr("Spring"), Slug: &first})
	s.ok(err)
	other, err := p.CreateLink(s.Context(), s.p.ID, usecase.LinkInput{Name: ptr("Autumn"), Slug: &second})
	s.ok(err)
	s.leads(map[string]string{first: l.ID, second: other.ID, l.ID: l.ID, third: ""})
	for _, taken := range []string{second, "ab", "A-" + u, strings.Repeat("0", 32)} {
		_, err = p.UpdateLink(s.Context(), s.p.ID, l.ID, usecase.LinkInput{Slug: &taken})
		s.blames(err, "slug")
	}
	now, err := p.UpdateLink(s.Context(), s.p.ID, l.ID, usecase.LinkInput{Slug: &third})
	s.ok(err)
	if now.Address() != third {
		s.Errorf("%+v", now)
	}
	// The one before goes on leading, and nobody else gets it.
	s.leads(map[string]string{first: l.ID, third: l.ID, l.ID: l.ID})
	_, err = p.UpdateLink(s.Context(), s.p.ID, other.ID, usecase.LinkInput{Slug: &first})
	s.blames(err, "slug")
	// Its own link may have it back, or none.
	for _, slug := range []string{first, "", third} {
		_, err = p.UpdateLink(s.Context(), s.p.ID, l.ID, usecase.LinkInput{Slug: &slug})
		s.ok(err)
		s.leads(map[string]string{first: l.ID, third: l.ID})
	}
	all, err := s.LinkAddresses(s.Context(), s.p.ID, l.ID)
	s.ok(err)
	if d := cmp.Diff([]string{first, third}, all); d != "" {
		s.Error(d)
	}
}

func (s *tale) names(f usecase.LinkFilter) (names []string) {
	s.Helper()
	ls, _, err := s.Links(s.Context(), s.p.ID, f, usecase.Page{})
	s.ok(err)
	for _, l := range ls {
		names = append(names, l.Name)
	}
	return names
}

func archivedLinks(s *tale) {
	p := s.projects()
	l, err := p.CreateLink(s.Context(), s.p.ID, usecase.LinkInput{Name: ptr("Spring"), Tags: &[]string{"vk", "it's"}})
	s.ok(err)
	_, err = p.CreateLink(s.Context(), s.p.ID, usecase.LinkInput{Name: ptr("Autumn"), Tags: &[]string{"vk2"}})
	s.ok(err)
	now, err := p.UpdateLink(s.Context(), s.p.ID, l.ID, usecase.LinkInput{Archived: ptr(true)})
	s.ok(err)
	again, err := p.UpdateLink(s.Context(), s.p.ID, l.ID, usecase.LinkInput{Archived: ptr(true)})
	s.ok(err)
	if !now.Archived() || again != now {
		s.Errorf("%+v, then %+v", now, again)
	}
	s.leads(map[string]string{l.ID: l.ID})
	for f, want := range map[usecase.LinkFilter][]string{
		{}:                               {"Autumn"},
		{Archived: usecase.ArchivedOnly}: {"Spring"},
		{Archived: usecase.ArchivedToo}:  {"Autumn", "Spring"},
		{Tag: "vk"}:                      nil,
		{Tag: "vk", Archived: "all"}:     {"Spring"},
		{Tag: "it's", Archived: "only"}:  {"Spring"},
		{Tag: "vk2", Archived: usecase.NotArchived}: {"Autumn"},
	} {
		if d := cmp.Diff(want, s.names(f)); d != "" {
			s.Errorf("%+v: %s", f, d)
		}
	}
	now, err = p.UpdateLink(s.Context(), s.p.ID, l.ID, usecase.LinkInput{Archived: ptr(false)})
	s.ok(err)
	if now.Archived() || len(s.names(usecase.LinkFilter{})) != 2 {
		s.Errorf("%+v", now)
	}
}

func deletedLinks(s *tale) {
	p, slug := s.projects(), "d-"+s.ids.next()[20:]
	l, err := p.CreateLink(s.Context(), s.p.ID, usecase.LinkInput{Name: ptr("Spring"), Slug: &slug})
	s.ok(err)
	s.ok(p.DeleteLink(s.Context(), s.p.ID, l.ID))
	s.leads(map[string]string{slug: "", l.ID: ""})
	if err := p.DeleteLink(s.Context(), s.p.ID, l.ID); !errors.Is(err, domain.ErrNotFound) {
		s.Error(err)
	}
	// Its address is free again.
	_, err = p.CreateLink(s.Context(), s.p.ID, usecase.LinkInput{Name: ptr("Spring"), Slug: &slug})
	s.ok(err)

	clicked, started, cost, ruled := s.link("clicked", ""), s.link("started", ""), s.link("cost", ""), s.link("ruled", "")
	s.click(clicked)
	s.send(start(1, domain.StartPrefix+started.StartValue))
	s.ok(usecase.NewCosts(s.Store, s.ids.next, func() time.Time { return s.now }).Set(s.Context(), &s.p.Project, cost.ID,
		usecase.CostInput{From: "2031-03-01", Amount: "10"}))
	s.ok(s.SetStartRules(s.Context(), s.p.ID, []domain.StartRule{{Pattern: "promo_{click}", LinkID: ruled.ID}}))
	for l, want := range map[*domain.Link]domain.LinkUses{
		clicked: {Clicks: true}, started: {Starts: true}, cost: {Costs: true}, ruled: {Rules: true},
	} {
		err := p.DeleteLink(s.Context(), s.p.ID, l.ID)
		var used *usecase.LinkInUseError
		if !errors.As(err, &used) || !errors.Is(err, domain.ErrConflict) || used.Uses != want ||
			!strings.Contains(err.Error(), "archive it") {
			s.Errorf("%s: %v", l.Name, err)
		}
		s.leads(map[string]string{l.ID: l.ID})
	}
}

func duplicatedLinks(s *tale) {
	p, slug := s.projects(), "e-"+s.ids.next()[20:]
	long := strings.Repeat("я", 99)
	from, err := p.CreateLink(s.Context(), s.p.ID, usecase.LinkInput{
		Name: &long, Slug: &slug, Tags: &[]string{"vk"}, UTM: &domain.UTM{Source: "vk"}, InviteLink: ptr("https://t.me/+a"),
		OpenPage: ptr("auto"),
	})
	s.ok(err)
	for _, want := range []string{strings.Repeat("я", 95) + " (2)", strings.Repeat("я", 95) + " (3)"} {
		l, err := p.DuplicateLink(s.Context(), s.p.ID, from.ID, nil)
		s.ok(err)
		if l.Name != want || l.UTM != from.UTM || l.Tags != from.Tags || l.OpenPage != from.OpenPage || l.Slug != "" ||
			l.InviteLink != "" || l.ID == from.ID || l.StartValue == from.StartValue {
			s.Errorf("%+v", l)
		}
	}
	l, err := p.DuplicateLink(s.Context(), s.p.ID, from.ID, ptr("Other"))
	if err != nil || l.Name != "Other" {
		s.Errorf("%+v %v", l, err)
	}
	_, err = p.DuplicateLink(s.Context(), s.p.ID, from.ID, ptr("Other"))
	s.blames(err, "name")
}

func manyLinks(s *tale) {
	p, u := s.projects(), s.ids.next()[20:]
	in := usecase.BulkInput{Rehearse: true}
	for i := range 600 {
		name, slug := fmt.Sprint("Link ", i), fmt.Sprintf("m%d-%s", i, u)
		in.Links = append(in.Links, usecase.LinkInput{Name: &name, Slug: &slug, UTM: &domain.UTM{Source: "vk"}})
	}
	shown, err := p.CreateLinks(s.Context(), s.p.ID, in)
	s.ok(err)
	if len(shown) != 600 || shown[7].Name != "Link 7" || len(s.names(usecase.LinkFilter{})) != 0 {
		s.Errorf("a rehearsal shows %d and keeps %v", len(shown), s.names(usecase.LinkFilter{}))
	}
	in.Rehearse = false
	made, err := p.CreateLinks(s.Context(), s.p.ID, in)
	s.ok(err)
	all, err := s.ReportLinks(s.Context(), s.p.ID)
	s.ok(err)
	if len(made) != 600 || len(all) != 600 {
		s.Errorf("%d of %d are kept", len(all), len(made))
	}
	s.leads(map[string]string{*in.Links[599].Slug: made[599].ID})
	_, err = p.CreateLinks(s.Context(), s.p.ID, usecase.BulkInput{Links: []usecase.LinkInput{
		{Name: ptr("New")}, {Name: ptr("New")}, {Name: ptr("Link 3"), Slug: ptr("x")}, {},
	}})
	s.blames(err, "links.1.name", "links.2.name", "links.2.slug", "links.3.name")
	if all, err = s.ReportLinks(s.Context(), s.p.ID); err != nil || len(all) != 600 {
		s.Errorf("%d links, %v: some were made", len(all), err)
	}
	_, err = p.CreateLinks(s.Context(), s.p.ID, usecase.BulkInput{})
	s.blames(err, "table")
	_, err = p.CreateLinks(s.Context(), s.p.ID, usecase.BulkInput{Links: make([]usecase.LinkInput, 1001)})
	s.blames(err, "table")
}

func linkTables(s *tale) {
	p, u := s.projects(), s.ids.next()[20:]
	for table, want := range map[string][]domain.Link{
		"name;slug;utm_source;tags\nSpring;s1-" + u + ";vk;a, b\n\n\"A;B\";;;\n": {
			{Name: "Spring", Slug: "s1-" + u, UTM: domain.UTM{Source: "vk"}, Tags: "a,b"}, {Name: "A;B"},
		},
		"\ufeffНазвание\tМетки\tutm_campaign\r\nВесна\t\tmay\r\n": {{Name: "Весна", UTM: domain.UTM{Campaign: "may"}}},
		"One\nTwo, three\n":                  {{Name: "One"}, {Name: "Two, three"}},
		"name,utm_term\n\"Direct, brand\",x": {{Name: "Direct, brand", UTM: domain.UTM{Term: "x"}}},
	} {
		got, err := p.CreateLinks(s.Context(), s.p.ID, usecase.BulkInput{Table: table, Rehearse: true})
		s.ok(err)
		var shown []domain.Link
		for _, l := range got {
			shown = append(shown, domain.Link{Name: l.Name, Slug: l.Slug, UTM: l.UTM, Tags: l.Tags})
		}
		if d := cmp.Diff(want, shown); d != "" {
			s.Errorf("%s: %s", table, d)
		}
	}
	for table, want := range map[string][]string{
		"name;slug\nA;x\n;b-" + u + "\nA;\n": {"lines.2.slug", "lines.3.name", "lines.4.name"},
		"name;utm\nA;b":                      {"table"},
		"slug;utm_source\nabc;vk":            {"table"},
		"name,slug\nA,abc,d":                 {"table"},
		"name\n":                             {"table"},
		"name;slug\nA;\xff":                  {"table"},
	} {
		_, err := p.CreateLinks(s.Context(), s.p.ID, usecase.BulkInput{Table: table})
		s.blames(err, want...)
	}
	if names := s.names(usecase.LinkFilter{}); names != nil {
		s.Errorf("%v were made", names)
	}
}

func utmTemplates(s *tale) {
	p := s.projects()
	t, err := p.SaveUTMTemplate(s.Context(), s.p.ID, usecase.UTMTemplateInput{
		Name: "VK", UTM: domain.UTM{Source: "vk", Campaign: "{city}_{month}", Content: "{name}"},
	})
	s.ok(err)
	l, err := p.CreateLink(s.Context(), s.p.ID, usecase.LinkInput{
		Name: ptr("Spring"), Template: "VK", Values: map[string]string{"city": "perm"}, UTM: &domain.UTM{Source: "vk-ads"},
	})
	s.ok(err)
	want := domain.UTM{Source: "vk-ads", Campaign: "perm_" + noon.Format("2006-01"), Content: "Spring"}
	if d := cmp.Diff(want, l.UTM); d != "" {
		s.Error(d)
	}
	_, err = p.CreateLink(s.Context(), s.p.ID, usecase.LinkInput{Name: ptr("A"), Template: t.ID})
	s.blames(err, "values.city")
	_, err = p.CreateLink(s.Context(), s.p.ID, usecase.LinkInput{Name: ptr("A"), Template: "none"})
	s.blames(err, "template")
	_, err = p.UpdateLink(s.Context(), s.p.ID, l.ID, usecase.LinkInput{Template: t.ID})
	s.blames(err, "template")
	ls, err := p.CreateLinks(s.Context(), s.p.ID, usecase.BulkInput{
		Table: "name;{city}\nA;ufa\nB;omsk\n", Template: t.ID, Rehearse: true,
	})
	s.ok(err)
	if len(ls) != 2 || !strings.HasPrefix(ls[1].UTM.Campaign, "omsk_") {
		s.Errorf("%+v", ls)
	}
	_, err = p.CreateLinks(s.Context(), s.p.ID, usecase.BulkInput{Table: "name;city\nA;ufa\nB;\n", Template: t.ID})
	s.blames(err, "lines.3.values.city")
	for _, wrong := range []usecase.UTMTemplateInput{{Name: "x"}, {Name: "x", UTM: domain.UTM{Source: "{"}}} {
		_, err = p.SaveUTMTemplate(s.Context(), s.p.ID, wrong)
		s.blames(err, "utm.source")
	}
	same, err := p.SaveUTMTemplate(s.Context(), s.p.ID, usecase.UTMTemplateInput{Name: "VK", UTM: domain.UTM{Source: "x"}})
	s.ok(err)
	ts, err := s.UTMTemplates(s.Context(), s.p.ID)
	s.ok(err)
	if len(ts) != 1 || ts[0].ID != t.ID || same.ID != t.ID || ts[0].UTM.Source != "x" {
		s.Errorf("%+v", ts)
	}
	s.ok(p.DeleteUTMTemplate(s.Context(), s.p.ID, t.ID))
	if err := p.DeleteUTMTemplate(s.Context(), s.p.ID, t.ID); !errors.Is(err, domain.ErrNotFound) {
		s.Error(err)
	}
}

// atOnce does things at the same time and counts those that went well.
func atOnce(n int, do func(i int) error) (done int) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if err := do(i); err == nil {
				mu.Lock()
				done++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return done
}

func twoOfAName(s *tale) {
	ps := make([]*usecase.Projects, 6)
	for i := range ps {
		ps[i] = s.projectsBy(s.ids.next)
	}
	n := atOnce(len(ps), func(i int) error {
		_, err := ps[i].CreateLink(context.Background(), s.p.ID, usecase.LinkInput{Name: ptr("Spring")})
		return err
	})
	if n != 1 || len(s.names(usecase.LinkFilter{})) != 1 {
		s.Errorf("%d got the name", n)
	}
}

func twoOfAnAddress(s *tale) {
	slug := "f-" + s.ids.next()[20:]
	projects := make([]string, 6)
	for i := range projects {
		made, err := s.projectsBy(s.ids.next).Create(s.Context(), usecase.ProjectInput{Name: ptr("a")})
		s.ok(err)
		projects[i] = made.ID
	}
	n := atOnce(len(projects), func(i int) error {
		_, err := s.projectsBy(s.ids.next).CreateLink(context.Background(), projects[i],
			usecase.LinkInput{Name: ptr("Spring"), Slug: &slug})
		if err != nil && len(blamed(err)) != 1 {
			s.Errorf("refused without naming the field: %v", err)
		}
		return err
	})
	if n != 1 {
		s.Errorf("%d got the address", n)
	}
}

func linkTrail(s *tale) {
	p := s.projectsBy(s.ids.next)
	l, err := p.CreateLink(s.Context(), s.p.ID, usecase.LinkInput{Name: ptr("Spring")})
	s.ok(err)
	for _, in := range []usecase.LinkInput{
		{Name: ptr("May"), UTM: &domain.UTM{Source: "vk"}}, {Archived: ptr(true)}, {Archived: ptr(false)}, {Name: ptr("May")},
	} {
		_, err = p.UpdateLink(s.Context(), s.p.ID, l.ID, in)
		s.ok(err)
	}
	_, err = p.DuplicateLink(s.Context(), s.p.ID, l.ID, nil)
	s.ok(err)
	s.ok(p.DeleteLink(s.Context(), s.p.ID, l.ID))
	es, _, err := s.Audit(s.Context(), s.p.ID, usecase.Page{})
	s.ok(err)
	var got []string
	for _, e := range es {
		got = append(got, e.Action+" "+e.Subject)
		if e.Action == "link.update" {
			if d := cmp.Diff(map[string]string{"name": "May", "utm_source": "vk"}, e.Detail); d != "" {
				s.Error(d)
			}
		}
	}
	if d := cmp.Diff([]string{"link.delete May", "link.duplicate May", "link.restore May", "link.archive May",
		"link.update May", "link.create Spring"}, got); d != "" {
		s.Error(d)
	}
}

// TestFiguresFollowLinks: after a link got another name and UTM all figures have
// these, those of the past too, and what the click itself said stays.
func TestFiguresFollowLinks(t *testing.T) {
	ledgers(t, func(l *ledger) {
		link := l.link("Sprnig", "")
		l.send(start(1, domain.StartPrefix+l.click(link, "utm_campaign=own").StartValue))
		l.after(40 * day)
		l.settle()
		l.send(start(2, domain.StartPrefix+link.StartValue))
		l.settle()
		_, err := l.projects().UpdateLink(l.Context(), l.p.ID, link.ID, usecase.LinkInput{
			Name: ptr("Spring"), UTM: &domain.UTM{Source: "vk", Campaign: "may"},
		})
		l.ok(err)
		rng := report.Range{From: monday.AddDate(0, 0, -1), To: l.now.AddDate(0, 0, 1), Zone: time.UTC}
		got := map[string]int64{}
		sources, err := l.reports.Sources(l.Context(), &l.p.Project, rng, report.Filter{report.BySource: "Spring"})
		l.ok(err)
		for s, f := range sources {
			got[s.Name+" "+s.UTM.Source+" "+s.UTM.Medium+" "+s.UTM.Campaign] += f.Joins
		}
		if d := cmp.Diff(map[string]int64{"Spring vk  own": 1, "Spring vk  may": 1}, got); d != "" {
			t.Error(d)
		}
	})
}

// TestPeopleFollowLinks: whoever is shown with their source is shown with its
// name of today, and found by it.
func TestPeopleFollowLinks(t *testing.T) {
	tales(t, map[string]func(s *tale){"renamed": func(s *tale) {
		s.account("beacon", func(a *domain.Account) { a.Settings["receive"] = "all" })
		link, other := s.link("Sprnig", ""), s.link("Other", "")
		s.send(start(1, domain.StartPrefix+s.click(link, "utm_campaign=own").StartValue),
			start(2, domain.StartPrefix+other.StartValue))
		// By now the first start is out of the window, and the goal is by another link
		// than its episode.
		s.after(50 * day)
		s.send(start(1, domain.StartPrefix+other.StartValue), goal(1, "lead"))
		s.listed()
		p := s.projectsBy(s.ids.next)
		rename := func(l *domain.Link, name string) {
			_, err := p.UpdateLink(s.Context(), s.p.ID, l.ID, usecase.LinkInput{Name: &name, UTM: &domain.UTM{Source: "vk"}})
			s.ok(err)
		}
		rename(link, "Spring")
		rename(other, "Sprnig") // the name that is free by now
		want := domain.UTM{Source: "vk", Campaign: "own"}
		if sub := s.who(1); sub.FirstSource != "Spring" || sub.FirstUTM != want {
			s.Errorf("%q %+v", sub.FirstSource, sub.FirstUTM)
		}
		many, err := s.SubscribersByKey(s.Context(), []domain.SubscriberKey{s.key(1)})
		s.ok(err)
		record, err := s.Dossier(s.Context(), s.key(1))
		s.ok(err)
		if many[0].FirstSource != "Spring" || record.FirstSource != "Spring" ||
			record.Episodes[0].Touch.Source != "Spring" || record.Episodes[0].Touch.UTM != want {
			s.Errorf("%q, %q, %+v", many[0].FirstSource, record.FirstSource, record.Episodes)
		}
		told := map[string]int{}
		for _, c := range s.all() {
			told[c.Source]++
		}
		if d := cmp.Diff(map[string]int{"Spring": 1, "Sprnig": 2}, told); d != "" {
			s.Error(d)
		}
		for source, user := range map[string]int64{"Spring": 1, "Sprnig": 2, "Other": 0} {
			found, _, err := s.Subscribers(s.Context(), usecase.SubscriberFilter{ProjectID: s.p.ID, Source: &source},
				usecase.Page{})
			s.ok(err)
			listed, _, err := s.People(s.Context(), usecase.PeopleFilter{ProjectID: s.p.ID, Source: &source}, usecase.Page{})
			s.ok(err)
			if len(listed) != len(found) || len(listed) > 0 && listed[0].FirstSource != source {
				s.Errorf("listed by %s: %+v", source, listed)
			}
			if (len(found) == 1) != (user != 0) || user != 0 && found[0].UserID != user {
				s.Errorf("by %s: %+v", source, found)
			}
		}
	}})
}
