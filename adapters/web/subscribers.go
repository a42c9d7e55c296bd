package web

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func (w *Cabinet) subscribersRoutes() []route {
	const person = project + "/subscribers/:messenger/:user"
	return []route{
		{get, project + "/subscribers", viewer, (*visit).subscribers},
		{get, person, viewer, (*visit).dossier},
		{get, person + "/export", editor, (*visit).exportPerson},
		{post, person + "/erase", editor, (*visit).erasePerson},
	}
}

// subscribersPage lists people by when they joined, or in another order.
type subscribersPage struct {
	Search, Source, State, From, To string
	Kept                            []field // what else of the address the form keeps
	People                          *table
	Export                          *exportMenu
}

func (v *visit) subscribers() error {
	p := subscribersPage{
		Search: v.query(searchParam), Source: v.query("source"), State: v.query("state"), From: v.query("from"),
		To: v.query("to"),
	}
	if v.has("search") { // addresses of before
		p.Search = v.query("search")
	}
	f, err := v.peopleFilter(&p)
	if err != nil {
		return err
	}
	p.Export = v.exportPeople(&f)
	people, next, err := v.Reader.People(v.ctx, f, usecase.Page{Limit: rowsPerPage, Cursor: v.query(cursorParam)})
	if err != nil {
		return err
	}
	if by := v.query(sortParam); by != "" {
		p.Kept = []field{{sortParam, by}}
	}
	var sorts []string
	for _, o := range usecase.PeopleOrders() {
		sorts = append(sorts, string(o))
	}
	p.People, err = makeTable(v, listing[domain.Subscriber]{
		Label: v.text("nav.subscribers"), Columns: v.peopleColumns(people), Rows: people, Sort: newestJoined, Cards: true,
		Empty: v.text("subscribers.none"), Stored: &stored{Next: next, Sorts: sorts},
	})
	if err != nil {
		return err
	}
	return v.show("subscribers", p, v.text("nav.subscribers"))
}

// newestJoined is the order in which people are listed.
const newestJoined = "-" + string(usecase.ByJoin)

// peopleColumns say the messenger where it is another than the project's.
func (v *visit) peopleColumns(people []domain.Subscriber) []column[domain.Subscriber] {
	columns := []column[domain.Subscriber]{
		wordColumn(string(usecase.ByName), v.text("subscribers.person"), func(s *domain.Subscriber) cell {
			c := cell{Text: PersonName(s), Href: v.url("subscribers", s.Messenger, strconv.FormatInt(s.UserID, 10))}
			if name := s.Person.Username; name != "" && c.Text != "@"+name {
				c.Note = "@" + name
			}
			return c
		}),
		momentColumn(string(usecase.ByJoin), v.text("subscribers.joined"), func(s *domain.Subscriber) time.Time {
			return s.FirstJoin
		}),
		wordColumn("source", v.text("subscribers.source"), func(s *domain.Subscriber) cell {
			if s.FirstSource == "" {
				return cell{Text: "–", Quiet: true}
			}
			q := url.Values{"source": {s.FirstSource}}
			return cell{Text: s.FirstSource, Href: v.url("subscribers") + "?" + q.Encode()}
		}),
		wordColumn("state", v.text("subscribers.state"), func(s *domain.Subscriber) cell {
			switch {
			case s.Subscribed:
				return cell{Text: v.text("subscribers.in"), Class: "up"}
			case s.FirstJoin.IsZero():
				return cell{Text: v.text("subscribers.never"), Quiet: true}
			}
			return cell{Text: v.text("subscribers.out"), Class: "down"}
		}),
		wordColumn(string(usecase.ByID), v.text("subscribers.user_id"), func(s *domain.Subscriber) cell {
			return cell{Text: strconv.FormatInt(s.UserID, 10)}
		}),
	}
	foreign := func(s domain.Subscriber) bool { return s.Messenger != v.project.MessengerOf("") }
	if !slices.ContainsFunc(people, foreign) {
		return columns
	}
	return append(columns, wordColumn("messenger", v.text("dossier.messenger"), func(s *domain.Subscriber) cell {
		return cell{Text: page{v: v}.MessengerName(s.Messenger)}
	}))
}

// peopleFilter reads the form of the page. Days are those of the project, both
// included.
func (v *visit) peopleFilter(p *subscribersPage) (f usecase.PeopleFilter, err error) {
	by := parseSorting(cmp.Or(v.query(sortParam), newestJoined))
	f = usecase.PeopleFilter{
		ProjectID: v.project.ID, Search: p.Search, Order: usecase.PeopleOrder(by.Key), Down: by.Down,
	}
	if !slices.Contains(usecase.PeopleOrders(), f.Order) {
		f.Order, f.Down = usecase.ByJoin, true
	}
	if p.Source != "" {
		f.Source = &p.Source
	}
	switch p.State {
	case "":
	case "in", "out":
		in := p.State == "in"
		f.Subscribed = &in
	default:
		return f, domain.Invalid("state", "%q is not known", p.State)
	}
	if f.From, err = v.day("from", p.From, 0); err != nil {
		return f, err
	}
	f.To, err = v.day("to", p.To, 1)
	return f, err
}

// day reads a local day of the project; the zero time for none. After is how
// many days later it is wanted.
func (v *visit) day(field, text string, after int) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.ParseInLocation(time.DateOnly, text, v.zone())
	if err != nil {
		return at, domain.Invalid(field, "must be a day such as 2027-01-31")
	}
	return at.AddDate(0, 0, after), nil
}

// dossierPage is all that is known of a person.
type dossierPage struct {
	usecase.SubscriberRecord
	Conversions []sentConversion
	Tables      dossierTables `json:"-"`
}

// sentConversion is a conversion with what the network said.
type sentConversion struct {
	domain.Conversion
	History []usecase.Attempt
}

// who reads the person from the address.
func (v *visit) who() (domain.SubscriberKey, error) {
	id, err := strconv.ParseInt(v.param("user"), 10, 64)
	if err != nil || id < 1 {
		return domain.SubscriberKey{}, domain.ErrNotFound
	}
	return domain.SubscriberKey{ProjectID: v.project.ID, Messenger: v.param("messenger"), UserID: id}, nil
}

// shownConversions is how many conversions of a person their page shows.
const shownConversions = 50

// readDossier reads what the page of a person shows.
func (v *visit) readDossier() (p dossierPage, err error) {
	k, err := v.who()
	if err != nil {
		return p, err
	}
	if p.SubscriberRecord, err = v.Reader.Dossier(v.ctx, k); err != nil {
		return p, err
	}
	_, err = v.readSent(&p, k, usecase.Page{Limit: shownConversions})
	return p, err
}

// readWholeDossier reads all that is known of a person.
func (v *visit) readWholeDossier() (p dossierPage, err error) {
	k, err := v.who()
	if err != nil {
		return p, err
	}
	if p.SubscriberRecord, err = v.Reader.WholeDossier(v.ctx, k); err != nil {
		return p, err
	}
	for at := (usecase.Page{Limit: usecase.MaxPage}); ; {
		if at.Cursor, err = v.readSent(&p, k, at); err != nil || at.Cursor == "" {
			return p, err
		}
	}
}

// readSent reads a page of a person's conversions, and what was said of each.
func (v *visit) readSent(p *dossierPage, k domain.SubscriberKey, at usecase.Page) (next string, err error) {
	f := usecase.ConversionFilter{ProjectID: k.ProjectID, UserID: k.UserID, Messenger: k.Messenger}
	cs, next, err := v.Reader.Conversions(v.ctx, f, at)
	if err != nil {
		return "", err
	}
	for _, c := range cs {
		as, err := v.Reader.Attempts(v.ctx, k.ProjectID, c.ID)
		if err != nil {
			return "", err
		}
		p.Conversions = append(p.Conversions, sentConversion{c, as})
	}
	return next, nil
}

func (v *visit) dossier() error {
	p, err := v.readDossier()
	if err != nil {
		return err
	}
	if p.Tables, err = v.dossierTables(&p); err != nil {
		return err
	}
	return v.show("dossier", p, PersonName(&p.Subscriber))
}

// exportPerson hands out all that is known of a person, as the law lets them
// ask for it.
func (v *visit) exportPerson() error {
	p, err := v.readWholeDossier()
	if err != nil {
		return err
	}
	if err := v.Access.Note(v.ctx, v.project.ID, "subscriber.export", p.ID); err != nil {
		return err
	}
	b, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	v.c.Attachment("subscriber-" + strconv.FormatInt(p.UserID, 10) + ".json")
	v.c.Type("json", "utf-8")
	return v.c.Send(b)
}

func (v *visit) erasePerson() error {
	k, err := v.who()
	if err != nil {
		return err
	}
	if err := v.People.Erase(v.ctx, k); err != nil {
		return err
	}
	return v.redirect(v.url("subscribers"))
}

// PersonName is how a person is called on pages.
func PersonName(s *domain.Subscriber) string {
	p := &s.Person
	switch {
	case p.FirstName != "" && p.LastName != "":
		return p.FirstName + " " + p.LastName
	case p.FirstName+p.LastName != "":
		return p.FirstName + p.LastName
	case p.Username != "":
		return "@" + p.Username
	}
	return strconv.FormatInt(s.UserID, 10)
}

// Name of a person, for templates.
func (p page) PersonName(s domain.Subscriber) string { return PersonName(&s) }

// Evidence shows what was sent and answered; bodies that are JSON themselves
// are shown as such.
func (p page) Evidence(b []byte) string {
	var v any
	if json.Unmarshal(b, &v) != nil {
		return ""
	}
	if fields, ok := v.(map[string]any); ok {
		for k, x := range fields {
			fields[k] = unfolded(x)
		}
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if e.Encode(v) != nil {
		return ""
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// unfolded is the object or list that a text is, or else the value itself.
func unfolded(v any) any {
	text, ok := v.(string)
	if !ok || !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
		return v
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var inner any
	if d.Decode(&inner) != nil || d.More() {
		return v
	}
	return inner
}
