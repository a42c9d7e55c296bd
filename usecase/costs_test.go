package usecase

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
)

// purse is just enough of a CostStore to see what was decided.
type purse struct {
	links map[string]domain.Link
	set   map[string]string // link and day → amount
	calls int
}

func (p *purse) ReportLinks(context.Context, string) (map[string]domain.Link, error) {
	return p.links, nil
}

func (p *purse) CostDays(context.Context, string, string, int) ([]domain.LinkCost, error) {
	return nil, nil
}

func (p *purse) SetCosts(_ context.Context, _ string, costs []domain.LinkCost) error {
	p.calls++
	for _, c := range costs {
		p.set[c.LinkID+" "+c.Day] = c.Amount.String() + " " + c.Currency
	}
	return nil
}

func newPurse() (*purse, *Costs) {
	p := &purse{set: map[string]string{}, links: map[string]domain.Link{
		"l1": {ID: "l1", Name: "Spring", UTM: domain.UTM{Campaign: "may"}}, "l2": {ID: "l2", Name: "Twin"},
		"l3": {ID: "l3", Name: "Twin"},
	}}
	return p, NewCosts(p, func() string { return "id" }, func() time.Time { return morning })
}

var shop = &domain.Project{ID: "p", Currency: "RUB"}

func TestSetCosts(t *testing.T) {
	t.Parallel()
	p, c := newPurse()
	if err := c.Set(t.Context(), shop, "l1",
		CostInput{From: "2027-05-01", To: "03.05.2027", Amount: "100"}); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"l1 2027-05-01": "33.34 RUB", "l1 2027-05-02": "33.33 RUB", "l1 2027-05-03": "33.33 RUB"}
	if d := cmp.Diff(want, p.set); d != "" {
		t.Errorf("the days add up to the sum (-want +got):\n%s", d)
	}
	for _, in := range []CostInput{
		{From: "May", Amount: "1"}, {From: "2027-05-02", To: "2027-05-01", Amount: "1"},
		{From: "2027-05-02", Amount: "-1"},
		{From: "2027-05-02", Amount: "much"},
		{From: "2020-05-02", To: "2027-05-02", Amount: "1"},
	} {
		if err := c.Set(t.Context(), shop, "l1", in); err == nil {
			t.Errorf("%v was taken", in)
		}
	}
	if err := c.Set(t.Context(), shop, "none", CostInput{From: "2027-05-01", Amount: "1"}); err == nil {
		t.Error("a link that does not exist has a cost")
	}
}

func TestImportCosts(t *testing.T) {
	t.Parallel()
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
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, costs := newPurse()
			if _, err := costs.Import(t.Context(), shop, []byte(c.file), true); (err != nil) != (c.err != "") ||
				p.calls != 0 {
				t.Errorf("a rehearsal: %v, %d writes", err, p.calls)
			}
			_, err := costs.Import(t.Context(), shop, []byte(c.file), false)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) || p.calls != 0 {
					t.Errorf("%v, want one with %q; %d writes", err, c.err, p.calls)
				}
				return
			}
			if d := cmp.Diff(c.want, p.set); d != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, d)
			}
		})
	}
}
