package usecase_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// purse is the store, of which is counted how often costs are set, in a tale
// of three links: "Spring", and two that are named "Twin".
type purse struct {
	*tale
	calls int
	// links are the ids by how a test calls them: l1, l2 and l3.
	links map[string]string
}

func newPurse(s *tale) (*purse, *usecase.Costs) {
	s.Helper()
	p := &purse{tale: s, links: map[string]string{}}
	for called, l := range map[string]domain.Link{
		"l1": {Name: "Spring", UTM: domain.UTM{Campaign: "may"}}, "l2": {Name: "Twin"}, "l3": {Name: "Twin"},
	} {
		l.ID, l.ProjectID, l.CreatedAt = s.ids.next(), s.p.ID, s.now
		l.StartValue = "PJ" + l.ID
		s.ok(s.CreateLink(s.Context(), l))
		p.links[called] = l.ID
	}
	return p, usecase.NewCosts(p, s.ids.next, func() time.Time { return s.now })
}

func (p *purse) SetCosts(ctx context.Context, projectID string, costs []domain.LinkCost) error {
	p.calls++
	return p.Store.SetCosts(ctx, projectID, costs)
}

// spent is what the links cost: link and day → amount.
func (p *purse) spent() map[string]string {
	p.Helper()
	out := map[string]string{}
	for called, id := range p.links {
		costs, err := p.CostDays(p.Context(), p.p.ID, id, 100)
		p.ok(err)
		for _, c := range costs {
			out[called+" "+c.Day] = c.Amount.String() + " " + c.Currency
		}
	}
	return out
}

func TestSetCosts(t *testing.T) {
	tales(t, map[string]func(s *tale){"a sum is spread over the days": func(s *tale) {
		p, c := newPurse(s)
		s.ok(c.Set(s.Context(), &s.p.Project, p.links["l1"],
			usecase.CostInput{From: "2027-05-01", To: "03.05.2027", Amount: "100"}))
		want := map[string]string{
			"l1 2027-05-01": "33.34 RUB", "l1 2027-05-02": "33.33 RUB", "l1 2027-05-03": "33.33 RUB",
		}
		if d := cmp.Diff(want, p.spent()); d != "" {
			s.Errorf("the days add up to the sum (-want +got):\n%s", d)
		}
		for _, in := range []usecase.CostInput{
			{From: "May", Amount: "1"}, {From: "2027-05-02", To: "2027-05-01", Amount: "1"},
			{From: "2027-05-02", Amount: "-1"},
			{From: "2027-05-02", Amount: "much"},
			{From: "2020-05-02", To: "2027-05-02", Amount: "1"},
		} {
			if err := c.Set(s.Context(), &s.p.Project, p.links["l1"], in); err == nil {
				s.Errorf("%v was taken", in)
			}
		}
		err := c.Set(s.Context(), &s.p.Project, "none", usecase.CostInput{From: "2027-05-01", Amount: "1"})
		if err == nil {
			s.Error("a link that does not exist has a cost")
		}
		if d := cmp.Diff(want, p.spent()); d != "" {
			s.Errorf("what is refused changes nothing (-want +got):\n%s", d)
		}
	}})
}

func TestImportCosts(t *testing.T) {
	stories := map[string]func(s *tale){}
	for name, c := range map[string]struct {
		file string
		want map[string]string
		err  string // a part of it
	}{
		"by name, comma": {
			file: "date,link,cost\n2027-05-01,Spring,1500.50\n",
			want: map[string]string{"l1 2027-05-01": "1500.5 RUB"},
		},
		"in Russian, semicolon, decimal comma, mark of UTF-8": {
			file: "\ufeffДата;Ссылка;Расход\r\n01.05.2027;l2;1 500,50\r\n",
			want: map[string]string{"l2 2027-05-01": "1500.5 RUB"},
		},
		"by campaign, tab, other columns between": {
			file: "day\tclicks\tutm_campaign\tspend\n2027-05-01\t77\tmay\t10\n",
			want: map[string]string{"l1 2027-05-01": "10 RUB"},
		},
		"two lines of a day add up": {
			file: "date,link,cost\n2027-05-01,l1,1\n2027-05-01,Spring,2\n",
			want: map[string]string{"l1 2027-05-01": "3 RUB"},
		},
		"nothing is taken when one line is wrong": {
			file: "date,link,cost\n2027-05-01,l1,1\n2027-05-32,l1,2\n2027-05-01,nobody,2\n",
			err:  "line 3: date: must be a day",
		},
		"every wrong line is named": {file: "date,link,cost\n2027-05-01,nobody,1\nx,l1,2\n", err: "line 3"},
		"a name of two links":       {file: "date,link,cost\n2027-05-01,Twin,1\n", err: "of 2 links"},
		"no column of costs":        {file: "date,link\n2027-05-01,l1\n", err: "no column cost"},
		"another encoding":          {file: "date,link,cost\n2027-05-01,\xcf\xf0,1\n", err: "UTF-8"},
		"an empty file":             {file: "", err: "header"},
	} {
		stories[name] = func(s *tale) {
			p, costs := newPurse(s)
			file := []byte(strings.NewReplacer("l1", p.links["l1"], "l2", p.links["l2"]).Replace(c.file))
			_, err := costs.Import(s.Context(), &s.p.Project, file, true)
			if (err != nil) != (c.err != "") || p.calls != 0 || len(p.spent()) != 0 {
				s.Errorf("a rehearsal: %v, %d writes", err, p.calls)
			}
			_, err = costs.Import(s.Context(), &s.p.Project, file, false)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) || p.calls != 0 || len(p.spent()) != 0 {
					s.Errorf("%v, want one with %q; %d writes", err, c.err, p.calls)
				}
				return
			}
			if d := cmp.Diff(c.want, p.spent()); d != "" || err != nil {
				s.Errorf("%v (-want +got):\n%s", err, d)
			}
		}
	}
	tales(t, stories)
}
