package usecase

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tgtrack/tgtrack/domain"
)

// CostStore keeps what advertising cost.
type CostStore interface {
	// SetCosts puts costs in the place of those that were there; 0 removes one.
	SetCosts(ctx context.Context, projectID string, costs []domain.LinkCost) error
	// CostDays lists the costs of a link, newest first.
	CostDays(ctx context.Context, projectID, linkID string, limit int) ([]domain.LinkCost, error)
	// ProjectCosts lists the costs of all links by day.
	ProjectCosts(ctx context.Context, f CostFilter, page Page) ([]domain.LinkCost, string, error)
	// ReportLinks gives all links of a project.
	ReportLinks(ctx context.Context, projectID string) (map[string]domain.Link, error)
}

// Costs takes what advertising cost, link by link and day by day.
type Costs struct {
	store CostStore
	audit auditing
}

// NewCosts makes a Costs.
func NewCosts(store CostStore, newID func() string, now func() time.Time) *Costs {
	return &Costs{store: store, audit: auditing{newID, now}}
}

// CostFilter selects costs.
type CostFilter struct {
	ProjectID   string
	First, Last string // days, both included
}

// CostRow is what a link cost on a day.
type CostRow struct {
	domain.LinkCost
	Link string // its name
}

// List gives a page of what links cost, by day.
func (c *Costs) List(ctx context.Context, f CostFilter, page Page) ([]CostRow, string, error) {
	costs, next, err := c.store.ProjectCosts(ctx, f, page)
	if err != nil || len(costs) == 0 {
		return nil, "", err
	}
	links, err := c.store.ReportLinks(ctx, f.ProjectID)
	out := make([]CostRow, len(costs))
	for i, cost := range costs {
		out[i] = CostRow{cost, links[cost.LinkID].Name}
	}
	return out, next, err
}

// CostInput is what a link cost on some days together, the last one included.
type CostInput struct{ From, To, Amount string }

// maxCostDays bounds the days of one input.
const maxCostDays = 400

// Set spreads an amount over the days of a link.
func (c *Costs) Set(ctx context.Context, p *domain.Project, linkID string, in CostInput) error {
	links, err := c.store.ReportLinks(ctx, p.ID)
	if err != nil {
		return err
	}
	l, ok := links[linkID]
	if !ok {
		return fmt.Errorf("link %s: %w", linkID, domain.ErrNotFound)
	}
	var f faults
	from, err := costDay("from", in.From)
	f.add(err)
	to, err := costDay("to", firstOf(in.To, in.From))
	f.add(err)
	amount, err := costAmount("amount", in.Amount)
	f.add(err)
	days := 0
	if len(f) == 0 {
		days = int(to.Sub(from)/(24*time.Hour)) + 1
		if days < 1 {
			f.add(domain.Invalid("to", "lies before from"))
		} else if days > maxCostDays {
			f.add(domain.Invalid("from", "is more than %d days before to", maxCostDays))
		}
	}
	if err := f.err(); err != nil {
		return err
	}
	costs := make([]domain.LinkCost, days)
	for i, part := range amount.Spread(days) {
		costs[i] = domain.LinkCost{
			LinkID: linkID, Day: from.AddDate(0, 0, i).Format(time.DateOnly), Amount: part, Currency: p.Currency,
		}
	}
	ctx = c.audit.note(ctx, p.ID, "cost.set", l.Name, map[string]string{
		"from": costs[0].Day, "to": costs[days-1].Day, "amount": amount.String(),
	})
	return c.store.SetCosts(ctx, p.ID, costs)
}

// Days lists the costs of a link, newest first.
func (c *Costs) Days(ctx context.Context, projectID, linkID string) ([]domain.LinkCost, error) {
	links, err := c.store.ReportLinks(ctx, projectID)
	if err != nil {
		return nil, err
	}
	if _, ok := links[linkID]; !ok {
		return nil, fmt.Errorf("link %s: %w", linkID, domain.ErrNotFound)
	}
	return c.store.CostDays(ctx, projectID, linkID, maxCostDays)
}

func costDay(field, s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.DateOnly, "02.01.2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, domain.Invalid(field, "must be a day such as 2027-01-31 or 31.01.2027")
}

// maxCost of a day, so that sums of years still fit.
const maxCost = 1_000_000_000

func costAmount(field, s string) (domain.Amount, error) {
	s = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", ",", ".").Replace(strings.TrimSpace(s))
	a, err := domain.ParseAmount(s)
	if err != nil || a < 0 || a > maxCost*1_000_000 {
		return 0, domain.Invalid(field, "must be a sum such as 1500 or 1500.50, not below 0")
	}
	return a, nil
}

// Imported says what a file of costs comes to.
type Imported struct {
	Rows   int
	Links  int
	Amount domain.Amount
}

// maxCostRows bounds a file.
const maxCostRows = 50_000

// costColumns are the names of the columns, in English and in Russian.
var costColumns = map[string]string{
	"date": "date", "day": "date", "дата": "date", "день": "date", "link": "link", "link_id": "link",
	"source": "link", "ссылка": "link", "источник": "link", "utm_campaign": "utm_campaign",
	"campaign": "utm_campaign", "кампания": "utm_campaign", "cost": "cost", "amount": "cost", "spend": "cost",
	"расход": "cost", "стоимость": "cost",
}

// Import takes a CSV file: date, link (its id or name) or utm_campaign, cost.
// A row sets what a link cost on a day, so that the same file again changes
// nothing; two rows of one link and day add up. Nothing is taken unless all
// rows are right; what is wrong names its line. A rehearsal keeps nothing.
func (c *Costs) Import(ctx context.Context, p *domain.Project, file []byte, rehearse bool) (Imported, error) {
	links, err := c.store.ReportLinks(ctx, p.ID)
	if err != nil {
		return Imported{}, err
	}
	costs, err := readCosts(file, p.Currency, links)
	if err != nil {
		return Imported{}, err
	}
	seen := map[string]bool{}
	out := Imported{Rows: len(costs)}
	for _, x := range costs {
		seen[x.LinkID] = true
		out.Amount = out.Amount.Add(x.Amount)
	}
	out.Links = len(seen)
	if rehearse {
		return out, nil
	}
	ctx = c.audit.note(ctx, p.ID, "cost.import", fmt.Sprint(out.Rows),
		map[string]string{"amount": out.Amount.String()})
	return out, c.store.SetCosts(ctx, p.ID, costs)
}

func readCosts(file []byte, currency string, links map[string]domain.Link) ([]domain.LinkCost, error) {
	if !utf8.Valid(file) {
		return nil, domain.Invalid("file", "is not UTF-8; save it as CSV UTF-8")
	}
	text := strings.TrimPrefix(string(file), "\ufeff")
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord = separator(text), -1
	r.TrimLeadingSpace = r.Comma != '\t' // or empty cells would be gone
	header, err := r.Read()
	if err != nil {
		return nil, domain.Invalid("file", "has no header; the first line names the columns date, link, cost")
	}
	at := map[string]int{}
	for i, name := range header {
		if column, ok := costColumns[strings.ToLower(strings.TrimSpace(name))]; ok {
			at[column] = i
		}
	}
	for _, needed := range []string{"date", "cost"} {
		if _, ok := at[needed]; !ok {
			return nil, domain.Invalid("file", "has no column %s; the first line names the columns date, link, cost",
				needed)
		}
	}
	find := finder(links)
	sums := map[[2]string]domain.Amount{}
	var keys [][2]string
	var f faults
	for n := 0; ; n++ {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		line, _ := r.FieldPos(0)
		if err != nil || n == maxCostRows {
			return nil, domain.Invalid("file", "can not be read from line %d on, or has more than %d lines",
				line, maxCostRows)
		}
		cost, err := readCost(record, at, find)
		if err != nil {
			f.add(domain.Invalid("", "line %d: %s", line, err))
			if len(f) == 20 {
				break
			}
			continue
		}
		k := [2]string{cost.LinkID, cost.Day}
		if _, again := sums[k]; !again {
			keys = append(keys, k)
		}
		sums[k] = sums[k].Add(cost.Amount)
	}
	if len(f) > 0 {
		return nil, domain.Invalid("file", "%s", costFaults(f))
	}
	out := make([]domain.LinkCost, len(keys))
	for i, k := range keys {
		out[i] = domain.LinkCost{LinkID: k[0], Day: k[1], Amount: sums[k], Currency: currency}
	}
	return out, nil
}

// costFaults is what is wrong with the lines of a file.
type costFaults []error

// Error gives all of it in one line.
func (f costFaults) Error() string { return strings.ReplaceAll(errors.Join(f...).Error(), "\n", "; ") }

// Unwrap gives the faults, line by line.
func (f costFaults) Unwrap() []error { return f }

func readCost(
	record []string, at map[string]int, find func(column, value string) (string, error),
) (domain.LinkCost, error) {
	cell := func(column string) string {
		if i, ok := at[column]; ok && i < len(record) {
			return strings.TrimSpace(record[i])
		}
		return ""
	}
	day, err := costDay("date", cell("date"))
	if err != nil {
		return domain.LinkCost{}, err
	}
	amount, err := costAmount("cost", cell("cost"))
	if err != nil {
		return domain.LinkCost{}, err
	}
	column := "link"
	if cell("link") == "" {
		column = "utm_campaign"
	}
	id, err := find(column, cell(column))
	return domain.LinkCost{LinkID: id, Day: day.Format(time.DateOnly), Amount: amount}, err
}

// finder finds a link by its id, name or campaign; several that have one name
// or campaign can not be told apart.
func finder(links map[string]domain.Link) func(column, value string) (string, error) {
	by := map[string]map[string][]string{"link": {}, "utm_campaign": {}}
	for id, l := range links {
		by["link"][id] = append(by["link"][id], id)
		if l.Name != id {
			by["link"][l.Name] = append(by["link"][l.Name], id)
		}
		by["utm_campaign"][l.UTM.Campaign] = append(by["utm_campaign"][l.UTM.Campaign], id)
	}
	return func(column, value string) (string, error) {
		ids := by[column][value]
		switch {
		case value == "":
			return "", domain.Invalid("link", "is empty; write a link's name or id, or a utm_campaign")
		case len(ids) == 0:
			return "", domain.Invalid(column, "%q is no link of the project", short(value))
		case len(ids) > 1:
			slices.Sort(ids)
			return "", domain.Invalid(column, "%q is of %d links; write the link's id", short(value), len(ids))
		}
		return ids[0], nil
	}
}

// separator is what stands most often in the first line.
func separator(text string) rune {
	line, _, _ := strings.Cut(text, "\n")
	best := ','
	for _, c := range []rune{';', '\t'} {
		if strings.Count(line, string(c)) > strings.Count(line, string(best)) {
			best = c
		}
	}
	return best
}
