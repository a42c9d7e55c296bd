package web

import (
	"bytes"
	"encoding/json"
	"net/url"
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

// subscribersPage lists people, newest first.
type subscribersPage struct {
	Search, Source, State, From, To string
	HasSource                       bool
	People                          []domain.Subscriber
	More                            string // address of the next page
}

func (v *visit) subscribers() error {
	p := subscribersPage{
		Search: v.query("search"), Source: v.query("source"), State: v.query("state"), From: v.query("from"),
		To: v.query("to"), HasSource: v.query("source") != "",
	}
	f, err := v.subscriberFilter(&p)
	if err != nil {
		return err
	}
	next := ""
	if p.People, next, err = v.Reader.Subscribers(v.ctx, f,
		usecase.Page{Limit: 50, Cursor: v.query("cursor")}); err != nil {
		return err
	}
	if next != "" {
		q := url.Values{"cursor": {next}}
		for name, value := range map[string]string{"search": p.Search, "source": p.Source, "state": p.State,
			"from": p.From, "to": p.To} {
			if value != "" {
				q.Set(name, value)
			}
		}
		p.More = v.url("subscribers") + "?" + q.Encode()
	}
	return v.show("subscribers", p, v.text("nav.subscribers"))
}

// subscriberFilter reads the form of the page. Days are those of the project,
// both included.
func (v *visit) subscriberFilter(p *subscribersPage) (f usecase.SubscriberFilter, err error) {
	f = usecase.SubscriberFilter{ProjectID: v.project.ID, Search: p.Search}
	if p.HasSource {
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

func (v *visit) readDossier() (dossierPage, error) {
	k, err := v.who()
	if err != nil {
		return dossierPage{}, err
	}
	p := dossierPage{}
	if p.SubscriberRecord, err = v.Reader.Dossier(v.ctx, k); err != nil {
		return p, err
	}
	cs, _, err := v.Reader.Conversions(v.ctx,
		usecase.ConversionFilter{ProjectID: k.ProjectID, UserID: k.UserID, Messenger: k.Messenger},
		usecase.Page{Limit: shownConversions})
	if err != nil {
		return p, err
	}
	for _, c := range cs {
		as, err := v.Reader.Attempts(v.ctx, k.ProjectID, c.ID)
		if err != nil {
			return p, err
		}
		p.Conversions = append(p.Conversions, sentConversion{c, as})
	}
	return p, nil
}

func (v *visit) dossier() error {
	p, err := v.readDossier()
	if err != nil {
		return err
	}
	return v.show("dossier", p, PersonName(&p.Subscriber))
}

// exportPerson hands out all that is known of a person, as the law lets them
// ask for it.
func (v *visit) exportPerson() error {
	p, err := v.readDossier()
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
