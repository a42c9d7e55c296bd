package store

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// conversionParts is a conversion with what other tables have of it.
type conversionParts struct {
	conversionRow `bun:",extend"`
	Send          *sendRow `bun:"rel:has-one,join:no=conversion_no"` // nil: not open
	UserID        int64    `bun:"user_id,scanonly"`
	Messenger     string   `bun:"messenger,scanonly"`
	EpisodeID     key      `bun:"episode_id,scanonly"`
	ClickID       key      `bun:"click_id,scanonly"`
	LinkName      string   `bun:"link_name,scanonly"` // of the click's link by now
}

// parts makes a query read them.
func parts(q *bun.SelectQuery) *bun.SelectQuery {
	return q.ColumnExpr("v.*").
		ColumnExpr("coalesce(p.user_id, 0) AS user_id, coalesce(p.messenger, '') AS messenger").
		ColumnExpr("e.id AS episode_id, c.id AS click_id, coalesce(l.name, '') AS link_name").Relation("Send").
		Join("LEFT JOIN people AS p ON p.no = v.person_no").
		Join("LEFT JOIN episodes AS e ON e.no = v.episode_no").
		Join("LEFT JOIN clicks AS c ON c.no = v.click_no").
		Join("LEFT JOIN links AS l ON l.no = c.link_no")
}

// conversionsOf makes conversions of their parts, without their clicks.
func (s *Store) conversionsOf(ctx context.Context, found []conversionParts) ([]domain.Conversion, error) {
	var projectNos, accountNos []int64
	for i := range found {
		if no := found[i].ProjectNo; !slices.Contains(projectNos, no) {
			projectNos = append(projectNos, no)
		}
		if no := found[i].AccountNo; !slices.Contains(accountNos, no) {
			accountNos = append(accountNos, no)
		}
	}
	projects, err := s.projectIDs(ctx, projectNos)
	if err != nil {
		return nil, err
	}
	accounts, err := s.accountIDs(ctx, accountNos)
	if err != nil {
		return nil, err
	}
	var out []domain.Conversion
	for i := range found {
		out = append(out, found[i].conversion(projects[found[i].ProjectNo], accounts[found[i].AccountNo]))
	}
	return out, nil
}

func (r *conversionParts) conversion(projectID, accountID string) domain.Conversion {
	c := domain.Conversion{
		ID: r.ID.text(), ProjectID: projectID, AccountID: accountID, Network: r.Network, Kind: r.Kind,
		Target: r.Target, Name: r.Name, Value: r.Value, Currency: r.Currency, OccurredAt: r.OccurredAt.time(),
		CreatedAt: r.CreatedAt.time(), EventID: r.EventID.text(), Messenger: r.Messenger, UserID: r.UserID,
		Source: cmp.Or(r.LinkName, r.Source), ClickID: r.ClickID.text(), EpisodeID: r.EpisodeID.text(), Status: r.Status,
		ReasonCode: r.ReasonCode, StatusReason: reasonText(r.ReasonCode, r.Reason), Attempts: r.Attempts,
		NotBefore: r.NotBefore.time(), ExpiresAt: r.ExpiresAt.time(), DeliveredAt: r.DeliveredAt.pointer(),
		BatchID: r.Upload, Handle: r.Handle,
	}
	if s := r.Send; s != nil {
		c.Status, c.ReasonCode, c.StatusReason = s.Status, s.ReasonCode, reasonText(s.ReasonCode, s.Reason)
		c.Attempts, c.Attempt, c.NextAttemptAt, c.BatchID, c.Handle = s.Asked, s.Attempt, s.NextAt.pointer(),
			s.Upload, s.Handle
	}
	return c
}

// conversionQuery is a filter whose ids were looked up. What it selects is
// named v, and its send s.
type conversionQuery struct {
	usecase.ConversionFilter
	projectNo, accountNo int64
	people               []int64 // where there is a UserID
	none                 bool    // nothing can be found
	addressed            bool    // to an ad account
}

func (s *Store) conversionQuery(ctx context.Context, f usecase.ConversionFilter) (q conversionQuery, err error) {
	q.ConversionFilter = f
	if q.projectNo, err = s.projectNo(ctx, f.ProjectID); err != nil {
		return q, err
	}
	if f.AccountID != "" {
		if q.accountNo, err = s.accountNo(ctx, f.AccountID); err != nil {
			return q, err
		}
		q.none = q.accountNo == 0
	}
	if f.UserID != 0 {
		people := s.read.NewSelect().Model((*personRow)(nil)).Column("no").
			Where("p.project_no = ?", q.projectNo).
			Where("p.user_id = ?", f.UserID).Where("p.user_id <> 0")
		if f.Messenger != "" {
			people = people.Where("p.messenger = ?", f.Messenger)
		}
		if err := people.Scan(ctx, &q.people); err != nil {
			return q, err
		}
		q.none = q.none || len(q.people) == 0
	}
	return q, nil
}

// where adds the filter. Where there is a better index than the project's, the
// project is only compared.
func (f *conversionQuery) where(q bun.QueryBuilder) bun.QueryBuilder {
	add := func(use bool, condition string, args ...any) {
		if use {
			q = q.Where(condition, args...)
		}
	}
	better := f.ID != "" || f.UserID != 0 || f.AccountID != ""
	add(!better, "v.project_no = ?", f.projectNo)
	add(better, "v.project_no + 0 = ?", f.projectNo)
	add(f.ID != "", "v.id = ?", keyOf(f.ID))
	add(f.UserID != 0, "v.person_no IN (?) AND v.person_no <> 0", bun.List(f.people))
	add(f.AccountID != "" && f.UserID == 0, "v.account_no = ?", f.accountNo)
	add(f.AccountID != "" && f.UserID != 0, "v.account_no + 0 = ?", f.accountNo)
	add(f.addressed, "v.account_no <> 0")
	add(f.Target != "", "v.target = ?", f.Target)
	add(f.Network != "", "v.network = ?", f.Network)
	add(!f.From.IsZero(), "v.occurred_at >= ?", stamp(f.From))
	add(!f.To.IsZero(), "v.occurred_at < ?", stamp(f.To))
	add(!f.MadeBy.IsZero(), "v.created_at <= ?", stamp(f.MadeBy))
	return q
}

// lists are the filter's conversions as the indexes have them in order: those
// of each final status apart, and those that are open together.
func (f *conversionQuery) lists(db bun.IDB, statuses []domain.Status) (out []*bun.SelectQuery) {
	list := func() *bun.SelectQuery {
		return db.NewSelect().Model((*conversionRow)(nil)).Column("no").ApplyQueryBuilder(f.where)
	}
	var open, final []domain.Status
	for _, st := range statuses {
		if st.Unfinished() {
			open = append(open, st)
		} else {
			final = append(final, st)
		}
	}
	if len(open) > 0 {
		q := list().Where("v.status = ''")
		if len(open) < len(domain.StatusesThat(domain.Status.Unfinished)) {
			q = q.Join("JOIN sends AS s ON s.conversion_no = v.no").
				Where("s.status IN (?)", bun.List(open))
		}
		out = append(out, q)
	}
	if f.ID != "" || f.UserID != 0 { // few, which stand together
		return append(out, list().Where("v.status IN (?)", bun.List(final)))
	}
	for _, st := range final {
		out = append(out, list().Where("v.status = ?", st))
	}
	return out
}

// numbers gives the first numbers that the filter selects in some statuses, in
// the order of the last or of the first made, behind one.
func (f *conversionQuery) numbers(
	ctx context.Context, db bun.IDB, statuses []domain.Status, newest bool, behind int64, limit int,
) ([]int64, error) {
	if f.none {
		return nil, nil
	}
	order, comes := "v.no", "v.no > ?"
	if newest {
		order, comes = "v.no DESC", "v.no < ?"
	}
	if f.ID != "" || f.UserID != 0 {
		order = strings.Replace(order, "v.no", "v.no + 0", 1) // few, which another index finds
	}
	var texts []string
	var args []any
	for _, q := range f.lists(db, statuses) {
		if behind != 0 {
			q = q.Where(comes, behind)
		}
		texts = append(texts, "SELECT no FROM (?) AS one")
		args = append(args, q.OrderExpr(order).Limit(int64(limit)))
	}
	if len(texts) == 0 {
		return nil, nil
	}
	var nos []int64
	q := db.NewSelect().TableExpr("("+strings.Join(texts, " UNION ALL ")+") AS v", args...).Column("no").
		OrderExpr(order).Limit(int64(limit))
	return nos, q.Scan(ctx, &nos)
}

// Conversions implements usecase.Reader: newest first, without their clicks.
func (s *Store) Conversions(
	ctx context.Context, f usecase.ConversionFilter, page usecase.Page,
) ([]domain.Conversion, string, error) {
	const doing = "list conversions"
	behind, err := cursorNumber(page.Cursor)
	if err != nil {
		return nil, "", err
	}
	q, err := s.conversionQuery(ctx, f)
	if err != nil {
		return nil, "", mapError(doing, err)
	}
	statuses := domain.Statuses()
	if f.Status != "" {
		statuses = []domain.Status{f.Status}
	}
	limit := pageLimit(page)
	nos, err := q.numbers(ctx, s.read, statuses, true, behind, limit+1)
	if err != nil {
		return nil, "", mapError(doing, err)
	}
	if len(nos) == 0 {
		return nil, "", nil
	}
	nos, next := cut(nos, limit, numberCursor)
	out, err := s.conversions(ctx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("v.no IN (?)", bun.List(nos))
	})
	return out, next, mapError(doing, err)
}

// conversions reads conversions (v) that a condition selects, newest first and
// without their clicks.
func (s *Store) conversions(
	ctx context.Context, where func(q *bun.SelectQuery) *bun.SelectQuery,
) ([]domain.Conversion, error) {
	var found []conversionParts
	if err := where(parts(s.read.NewSelect().Model(&found))).OrderExpr("v.no DESC").Scan(ctx); err != nil {
		return nil, err
	}
	out, err := s.conversionsOf(ctx, found)
	if err != nil {
		return nil, err
	}
	return out, s.todaysNames(ctx, out)
}

// todaysNames gives the sources of conversions without a click, of one project,
// the names that their links have by now: a link is known by the name that it had,
// if no other has or had the same.
func (s *Store) todaysNames(ctx context.Context, cs []domain.Conversion) error {
	var names []string
	for i := range cs {
		if c := &cs[i]; c.ClickID == "" && c.Source != "" {
			names = append(names, c.Source)
		}
	}
	if len(names) == 0 {
		return nil
	}
	today, err := s.renamed(ctx, cs[0].ProjectID, unique(names))
	for i := range cs {
		if c := &cs[i]; c.ClickID == "" {
			c.Source = cmp.Or(today[c.Source], c.Source)
		}
	}
	return err
}

// EventConversions implements usecase.StoryStore: in the order of their
// making. Conversions are found by the people of the events.
func (s *Store) EventConversions(
	ctx context.Context, projectID string, eventIDs []string,
) ([]domain.Conversion, error) {
	const doing = "read conversions"
	if len(eventIDs) == 0 {
		return nil, nil
	}
	projectNo, err := s.projectNo(ctx, projectID)
	if err != nil {
		return nil, mapError(doing, err)
	}
	ids := bun.List(keysOf(eventIDs))
	var people []int64
	err = s.read.NewSelect().TableExpr("events AS v").Distinct().ColumnExpr("v.person_no").
		Where("v.id IN (?)", ids).
		Where("v.project_no = ?", projectNo).Where("v.person_no <> 0").Scan(ctx, &people)
	if err != nil || len(people) == 0 {
		return nil, mapError(doing, err)
	}
	out, err := s.conversions(ctx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("v.person_no IN (?)", bun.List(people)).Where("v.person_no <> 0").
			Where("v.event_id IN (?)", ids)
	})
	slices.Reverse(out)
	return out, mapError(doing, err)
}
