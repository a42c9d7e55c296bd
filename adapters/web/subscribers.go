package web

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

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
	Search string
	People []domain.Subscriber
	Next   string
}

func (v *visit) subscribers() error {
	p := subscribersPage{Search: v.query("search")}
	var err error
	p.People, p.Next, err = v.Reader.Subscribers(v.ctx, usecase.SubscriberFilter{ProjectID: v.project.ID, Search: p.Search}, usecase.Page{Limit: 50, Cursor: v.query("cursor")})
	if err != nil {
		return err
	}
	return v.show("subscribers", p, v.text("nav.subscribers"))
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
	cs, _, err := v.Reader.Conversions(v.ctx, usecase.ConversionFilter{ProjectID: k.ProjectID, SubscriberID: p.ID}, usecase.Page{Limit: shownConversions})
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
	sub, err := v.Reader.Subscriber(v.ctx, k)
	if err != nil {
		return err
	}
	if err := v.People.Erase(v.ctx, k); err != nil {
		return err
	}
	if err := v.Access.Note(v.ctx, v.project.ID, "subscriber.erase", sub.ID); err != nil {
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
