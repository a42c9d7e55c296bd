package store

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

var _ usecase.CostStore = (*Store)(nil)

// linkRow is a row of links.
type linkRow struct {
	bun.BaseModel `bun:"table:links,alias:l"`

	No         int64  `bun:"no,pk,autoincrement"`
	ID         string `bun:"id"`
	ProjectID  string `bun:"project_id"`
	Name       string `bun:"name"`
	InviteLink string `bun:"invite_link"`
	// InviteKey is the invite link in the one form under which it is found.
	InviteKey  string               `bun:"invite_key"`
	UTM        jsonText[domain.UTM] `bun:"utm"`
	StartValue string               `bun:"start_value"`
	CreatedAt  stamp                `bun:"created_at"`
	OpenPage   domain.OpenPage      `bun:"open_page"`
	Slug       string               `bun:"slug"`
	Tags       domain.Tags          `bun:"tags"`
	ArchivedAt stamp                `bun:"archived_at"`

	Clicks int `bun:"clicks,scanonly"`
	Starts int `bun:"starts,scanonly"`
}

func newLinkRow(l domain.Link) *linkRow {
	return &linkRow{
		ID: l.ID, ProjectID: l.ProjectID, Name: l.Name, InviteLink: l.InviteLink, InviteKey: inviteKey(l.InviteLink),
		UTM: jsonOf(l.UTM), StartValue: l.StartValue, CreatedAt: stamp(l.CreatedAt),
		OpenPage: cmp.Or(l.OpenPage, domain.OpenPageOff), Slug: l.Slug, Tags: l.Tags, ArchivedAt: stamp(l.ArchivedAt),
	}
}

func (r linkRow) link() domain.Link {
	return domain.Link{
		ID: r.ID, ProjectID: r.ProjectID, Name: r.Name, InviteLink: r.InviteLink, UTM: r.UTM.v,
		StartValue: r.StartValue, CreatedAt: r.CreatedAt.time(), OpenPage: r.OpenPage, Slug: r.Slug, Tags: r.Tags,
		ArchivedAt: r.ArchivedAt.time(),
	}
}

func (r linkRow) counts() usecase.LinkCounts {
	return usecase.LinkCounts{Link: r.link(), Clicks: r.Clicks, Starts: r.Starts}
}

// inviteKey is an invite link in one form: people paste it with and without
// https, and Telegram has two hosts and two ways of writing it.
func inviteKey(address string) string {
	a := strings.TrimSpace(address)
	for _, prefix := range []string{"https://", "http://", "www."} {
		if len(a) >= len(prefix) && strings.EqualFold(a[:len(prefix)], prefix) {
			a = a[len(prefix):]
		}
	}
	host, rest, ok := strings.Cut(a, "/")
	if !ok {
		return a
	}
	host = strings.ToLower(host)
	if host == "telegram.me" || host == "telegram.dog" {
		host = "t.me"
	}
	rest = strings.TrimSuffix(rest, "/")
	if hash, ok := strings.CutPrefix(rest, "joinchat/"); ok {
		rest = "+" + hash
	}
	return host + "/" + rest
}

// Link implements usecase.ProjectStore.
func (s *Store) Link(ctx context.Context, id string) (domain.Link, error) {
	var r linkRow
	err := s.read.NewSelect().Model(&r).Where("l.id = ?", id).Scan(ctx)
	return r.link(), mapError("read link "+id, err)
}

// LinkAt gives the link of a click address: its id, or a readable address that
// it has or had.
func (s *Store) LinkAt(ctx context.Context, address string) (domain.Link, error) {
	var r linkRow
	named := s.read.NewSelect().Model((*addressRow)(nil)).Column("link_id").Where("a.address = ?", address)
	err := s.read.NewSelect().Model(&r).Where("l.id = ? OR l.id = (?)", address, named).Limit(1).Scan(ctx)
	return r.link(), mapError("read the link "+address, err)
}

// LinkNamed implements usecase.ProjectStore.
func (s *Store) LinkNamed(ctx context.Context, projectID, name string) (id string, err error) {
	err = s.read.NewSelect().Model((*linkRow)(nil)).Column("id").Where("l.project_id = ?", projectID).
		Where("l.name = ?", name).OrderExpr("l.id DESC").Limit(1).Scan(ctx, &id)
	return id, mapError("find link "+name, err)
}

// Links implements usecase.ProjectStore: newest first, with the clicks of
// browsers and the subscriptions that came by them.
func (s *Store) Links(
	ctx context.Context, projectID string, f usecase.LinkFilter, page usecase.Page,
) ([]usecase.LinkCounts, string, error) {
	before, err := cursorID(page.Cursor)
	if err != nil {
		return nil, "", err
	}
	limit := pageLimit(page)
	var rows []linkRow
	clicks := s.read.NewSelect().TableExpr("clicks AS c").ColumnExpr("count(*)").
		Where("c.link_no = l.no").Where("c.robot = FALSE")
	starts := s.read.NewSelect().TableExpr("episodes AS e").ColumnExpr("count(*)").
		Where("e.link_no = l.no").Where("e.link_no <> 0").Where("e.project_no > 0") // no test people
	query := s.read.NewSelect().Model(&rows).ColumnExpr("?TableColumns").
		ColumnExpr("l.clicks_gone + (?) AS clicks", clicks).ColumnExpr("(?) AS starts", starts).
		Where("l.project_id = ?", projectID).Order("l.id DESC").Limit(int64(limit + 1))
	if before != "" {
		query.Where("l.id < ?", before)
	}
	switch f.Archived {
	case usecase.ArchivedOnly:
		query.Where("l.archived_at IS NOT NULL")
	case usecase.NotArchived:
		query.Where("l.archived_at IS NULL")
	}
	if f.Tag != "" { // the tags are another text without it; none has a comma
		query.Where("replace(',' || l.tags || ',', ?, '') <> ',' || l.tags || ','", ","+f.Tag+",")
	}
	if err := query.Scan(ctx); err != nil {
		return nil, "", mapError("list links", err)
	}
	out, next := cut(convert(rows, linkRow.counts), limit, func(l usecase.LinkCounts) string { return idCursor(l.ID) })
	return out, next, nil
}

// linkCostRow is a row of link_costs: what a link cost on a local day.
type linkCostRow struct {
	bun.BaseModel `bun:"table:link_costs,alias:r"`

	ProjectID string        `bun:"project_id,pk"`
	LinkID    string        `bun:"link_id,pk"`
	Day       string        `bun:"day,pk"`
	Amount    domain.Amount `bun:"amount"`
	Currency  string        `bun:"currency"`
}

func (r linkCostRow) cost() domain.LinkCost {
	return domain.LinkCost{LinkID: r.LinkID, Day: r.Day, Amount: r.Amount, Currency: r.Currency}
}

// SetCosts implements usecase.CostStore.
func (s *Store) SetCosts(ctx context.Context, projectID string, costs []domain.LinkCost) error {
	return s.inTx(ctx, "set costs", func(ctx context.Context, tx bun.Tx) error {
		for _, c := range costs {
			r := &linkCostRow{ProjectID: projectID, LinkID: c.LinkID, Day: c.Day, Amount: c.Amount,
				Currency: c.Currency}
			var query execer = tx.NewInsert().Model(r).On("CONFLICT (project_id, link_id, day) DO UPDATE")
			if c.Amount == 0 {
				query = tx.NewDelete().Model(r).WherePK()
			}
			if _, err := query.Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// LinkCosts implements report.Store.
func (s *Store) LinkCosts(
	ctx context.Context, projectID, currency, first, last, eligible string,
) (map[string]report.LinkSpend, error) {
	var rows []struct {
		LinkID                                   string
		Main, Micro, EligibleMain, EligibleMicro int64 // see sumParts
	}
	err := s.read.NewSelect().Model((*linkCostRow)(nil)).Column("link_id").
		ColumnExpr("CAST(sum(r.amount / 1000000) AS BIGINT) AS main").
		ColumnExpr("CAST(sum(r.amount % 1000000) AS BIGINT) AS micro").
		ColumnExpr("CAST(sum(CASE WHEN r.day <= ? THEN r.amount / 1000000 ELSE 0 END) AS BIGINT) AS eligible_main",
			eligible).
		ColumnExpr("CAST(sum(CASE WHEN r.day <= ? THEN r.amount % 1000000 ELSE 0 END) AS BIGINT) AS eligible_micro",
			eligible).
		Where("r.project_id = ?", projectID).Where("r.currency = ?", currency).
		Where("r.day >= ?", first).Where("r.day <= ?", last).Group("r.link_id").Scan(ctx, &rows)
	if err != nil {
		return nil, mapError("read costs", err)
	}
	out := map[string]report.LinkSpend{}
	for _, r := range rows {
		out[r.LinkID] = report.LinkSpend{
			Amount: sumParts{r.Main, r.Micro}.amount(), Eligible: sumParts{r.EligibleMain, r.EligibleMicro}.amount(),
		}
	}
	return out, nil
}

// CostsByDay implements report.Store.
func (s *Store) CostsByDay(
	ctx context.Context, projectID, currency, first, last string, links []string,
) (map[string]domain.Amount, error) {
	out := map[string]domain.Amount{}
	for some := range slices.Chunk(links, sourcesAtOnce) {
		var rows []struct {
			Day         string
			Main, Micro int64 // see sumParts
		}
		err := s.read.NewSelect().Model((*linkCostRow)(nil)).Column("day").
			ColumnExpr("CAST(sum(r.amount / 1000000) AS BIGINT) AS main").
			ColumnExpr("CAST(sum(r.amount % 1000000) AS BIGINT) AS micro").
			Where("r.project_id = ?", projectID).Where("r.currency = ?", currency).
			Where("r.day >= ?", first).Where("r.day <= ?", last).Where("r.link_id IN (?)", bun.List(some)).
			Group("r.day").Scan(ctx, &rows)
		if err != nil {
			return nil, mapError("read costs by day", err)
		}
		for _, r := range rows {
			out[r.Day] = out[r.Day].Add(sumParts{r.Main, r.Micro}.amount())
		}
	}
	return out, nil
}

// CostDays implements usecase.CostStore.
func (s *Store) CostDays(ctx context.Context, projectID, linkID string, limit int) ([]domain.LinkCost, error) {
	var rows []linkCostRow
	err := s.read.NewSelect().Model(&rows).Where("r.project_id = ?", projectID).Where("r.link_id = ?", linkID).
		Order("r.day DESC").Limit(int64(limit)).Scan(ctx)
	return convert(rows, linkCostRow.cost), mapError("list costs", err)
}

// ProjectCosts implements usecase.CostStore.
func (s *Store) ProjectCosts(
	ctx context.Context, f usecase.CostFilter, page usecase.Page,
) ([]domain.LinkCost, string, error) {
	const doing = "list costs"
	behind, err := cursorID(page.Cursor)
	if err != nil {
		return nil, "", err
	}
	limit := pageLimit(page)
	var rows []linkCostRow
	q := s.read.NewSelect().Model(&rows).Where("r.project_id = ?", f.ProjectID).
		Where("r.day >= ?", f.First).Where("r.day <= ?", f.Last).Order("r.day", "r.link_id").Limit(int64(limit + 1))
	if behind != "" {
		day, link, ok := strings.Cut(behind, "/")
		if !ok {
			return nil, "", domain.InvalidCursor()
		}
		q = q.Where("(r.day, r.link_id) > (?, ?)", day, link)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", mapError(doing, err)
	}
	rows, next := cut(rows, limit, func(r linkCostRow) string { return idCursor(r.Day + "/" + r.LinkID) })
	return convert(rows, linkCostRow.cost), next, nil
}
