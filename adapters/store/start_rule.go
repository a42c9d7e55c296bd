package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// startRuleRow is a row of start_rules.
type startRuleRow struct {
	bun.BaseModel `bun:"table:start_rules,alias:r"`

	ProjectID string `bun:"project_id,pk"`
	Position  int    `bun:"position,pk"`
	Pattern   string `bun:"pattern"`
	LinkID    string `bun:"link_id"`
}

func (r startRuleRow) rule() domain.StartRule {
	return domain.StartRule{Pattern: r.Pattern, LinkID: r.LinkID}
}

// StartRules implements usecase.ProjectStore.
func (s *Store) StartRules(ctx context.Context, projectID string) ([]domain.StartRule, error) {
	var rows []startRuleRow
	err := s.read.NewSelect().Model(&rows).Where("r.project_id = ?", projectID).Order("r.position").Scan(ctx)
	return convert(rows, startRuleRow.rule), mapError("read start rules", err)
}

// SetStartRules implements usecase.ProjectStore.
func (s *Store) SetStartRules(ctx context.Context, projectID string, rules []domain.StartRule) error {
	return s.inTx(ctx, "set start rules", func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewDelete().Model((*startRuleRow)(nil)).Where("r.project_id = ?", projectID).Exec(ctx)
		if err != nil || len(rules) == 0 {
			return err
		}
		rows := make([]startRuleRow, len(rules))
		for i, r := range rules {
			rows[i] = startRuleRow{ProjectID: projectID, Position: i, Pattern: r.Pattern, LinkID: r.LinkID}
		}
		_, err = tx.NewInsert().Model(&rows).Exec(ctx)
		return err
	})
}

// newestStarts bounds the events that StartValues looks through.
const newestStarts = 20_000

// StartValues implements usecase.ProjectStore: of the newest starts.
func (s *Store) StartValues(ctx context.Context, projectID string, since time.Time) ([]usecase.StartValueCount, error) {
	no, err := s.projectNo(ctx, projectID)
	if err != nil {
		return nil, mapError("read start values", err)
	}
	var rows []eventRow
	err = s.read.NewSelect().Model(&rows).Column("occurred_at", "detail").Where("v.project_no = ?", no).
		Where("v.occurred_at >= ?", stamp(since)).Where("v.type = ?", domain.BotStarted).
		OrderExpr("v.occurred_at DESC").Limit(newestStarts).Scan(ctx)
	if err != nil {
		return nil, mapError("read start values", err)
	}
	counts := map[string]*usecase.StartValueCount{}
	for i := range rows {
		t := rows[i].Detail.v.Touch
		if t == nil || t.StartValue == "" {
			continue
		}
		if _, own := domain.OwnStart(t.StartValue); own {
			continue
		}
		if counts[t.StartValue] == nil {
			counts[t.StartValue] = &usecase.StartValueCount{Value: t.StartValue, Last: rows[i].OccurredAt.time()}
		}
		counts[t.StartValue].Starts++
	}
	var out []usecase.StartValueCount
	for _, c := range counts {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b usecase.StartValueCount) int {
		return cmp.Or(-cmp.Compare(a.Starts, b.Starts), -a.Last.Compare(b.Last), cmp.Compare(a.Value, b.Value))
	})
	return out, nil
}

// ruledRow is a click that a start makes.
type ruledRow struct {
	No         int64                       `bun:"no"`
	ProjectNo  int64                       `bun:"project_no"`
	LinkID     string                      `bun:"link_id"`
	ID         key                         `bun:"id"`
	StartValue string                      `bun:"start_value"`
	At         stamp                       `bun:"at"`
	Params     jsonText[map[string]string] `bun:"params"`
	Cookies    jsonText[map[string]string] `bun:"cookies"`
}

// Whoever makes one first makes it for all: the others lock it then.
var makeRuled = bulk.Define[ruledRow](`INSERT INTO clicks
	(no, project_no, link_no, id, start_value, at, url, raw_query, params, ip, user_agent, referrer, cookies, robot)
	SELECT {no}, {project_no}, k.no, {id}, {start_value}, {at}, '', '', {params}, '', '', '', {cookies}, TRUE
	FROM {rows} links k WHERE k.id = {link_id} ON CONFLICT DO NOTHING`)

// makeRuled makes the clicks of start values that rules read, where they are not
// there yet, in the order in which they are locked.
func (l *loading) makeRuled(ctx context.Context) error {
	if len(l.needs.Ruled) == 0 {
		return nil
	}
	rows := make([]ruledRow, len(l.needs.Ruled))
	for i, c := range l.needs.Ruled {
		no, err := l.numbers.next(ctx, l.Tx)
		if err != nil {
			return err
		}
		rows[i] = ruledRow{
			No: no, ProjectNo: l.projects[c.ProjectID], LinkID: c.LinkID, ID: keyOf(c.ID), StartValue: c.StartValue,
			At: stamp(c.At), Params: jsonOf(c.Params), Cookies: jsonOf(map[string]string{}),
		}
	}
	slices.SortFunc(rows, func(a, b ruledRow) int {
		return cmp.Or(cmp.Compare(a.ProjectNo, b.ProjectNo), cmp.Compare(a.StartValue, b.StartValue))
	})
	makeRuled.Queue(l.Tx, rows, nil)
	return nil
}
