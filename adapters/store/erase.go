package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// erasing is a person who is being erased.
type erasing struct {
	s         *Store
	tx        bun.Tx
	key       domain.SubscriberKey
	person    personRow
	projectNo int64
	events    []eventRow
	// moments of what changes: their days are counted anew.
	moments []time.Time
	values  []string // start values whose clicks are not known
	sources []string // start values that stand as the name of a source
}

// Erase implements usecase.Reader. What stays names nobody: conversions
// without person, click and value, so that the ledger adds up; episodes and
// events with the source they came by, so that the reports do; clicks without
// address and parameters. The number of their row stays with them and leads
// nowhere. Pages that either database has free may hold old content until they
// are used again. What is still to be done in the streams is noted, see
// Erasures.
func (s *Store) Erase(ctx context.Context, k domain.SubscriberKey, now time.Time) error {
	projectNo, err := s.projectNo(ctx, k.ProjectID)
	if err != nil {
		return mapError("erase a person", err)
	}
	if s.sqlite {
		// What the relay is publishing it has read before: let it finish, so
		// that the streams have it when they are searched.
		s.relayingEvents.Lock()
		defer s.relayingEvents.Unlock()
	}
	return s.inTx(ctx, "erase a person", func(ctx context.Context, tx bun.Tx) error {
		if err := s.holdWords(ctx, tx); err != nil {
			return err
		}
		person, err := s.personOf(ctx, tx, k, "UPDATE")
		if err != nil {
			return err
		}
		e := &erasing{s: s, tx: tx, key: k, person: person, projectNo: projectNo}
		for _, step := range []struct {
			what string
			do   func(ctx context.Context) error
		}{
			{"events that wait", e.waiting}, {"keys", e.keys}, {"answers", e.answers}, {"episodes", e.episodes},
			{"events", e.texts}, {"sources", e.rollups}, {"replays", e.replays}, {"conversions", e.conversions},
			{"clicks", e.clicks}, {"starts", e.starts}, {"person", e.rows},
		} {
			if err := step.do(ctx); err != nil {
				return fmt.Errorf("%s: %w", step.what, err)
			}
		}
		if err := markDays(ctx, tx, projectNo, e.moments...); err != nil {
			return fmt.Errorf("days: %w", err)
		}
		row := erasureRow{
			PersonNo: person.No, PersonID: person.ID, ProjectID: k.ProjectID, UserID: k.UserID,
			PersonHash: usecase.PersonHash(s.vault, k), StartValues: strings.Join(e.values, " "), ErasedAt: stamp(now),
		}
		_, err = tx.NewInsert().Model(&row).Exec(ctx)
		return err
	})
}

// waiting reads the person's events and takes them out of what waits for the
// streams and the reports: what the streams do not have yet they do not get.
func (e *erasing) waiting(ctx context.Context) error {
	err := e.tx.NewSelect().Model(&e.events).Where("v.person_no = ?", e.person.No).OrderExpr("v.seq").Scan(ctx)
	if err != nil || len(e.events) == 0 {
		return err
	}
	var batches []int64
	recorded := e.tx.NewSelect().Model((*eventRow)(nil)).Column("recorded_at").Where("v.person_no = ?", e.person.No)
	err = e.tx.NewSelect().Model((*batchRow)(nil)).Column("no").Where("b.at IN (?)", recorded).
		OrderExpr("b.no").Scan(ctx, &batches)
	if err != nil {
		return err
	}
	ids := map[string]bool{}
	for i := range e.events {
		ids[e.events[i].ID.text()] = true
	}
	return e.s.rewriteBatches(ctx, e.tx, batches, func(r *batchRecord) bool {
		if !ids[r.EventID] {
			return false
		}
		*r = batchRecord{} // the reports count the event's day anew
		return true
	})
}

// episodes forget the start value and the click.
func (e *erasing) episodes(ctx context.Context) error {
	var rows []episodeRow
	if err := e.tx.NewSelect().Model(&rows).Where("e.person_no = ?", e.person.No).Scan(ctx); err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		e.moments = append(e.moments, r.OpenedAt.time(), r.ClosedAt.time())
		t := touchOf(r.Touch, r.OpenedAt)
		e.touch(&t)
		r.Touch, r.ClickNo = touchText(t, r.OpenedAt), 0
		if _, err := e.tx.NewUpdate().Model(r).Column("touch", "click_no").WherePK().Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// touch forgets the start value and the click, and a source that is nothing
// but the start value.
func (e *erasing) touch(t *domain.Touch) {
	t.StartValue, t.ClickID = "", ""
	if t.Reason == domain.ByStartValue && t.Source != "" {
		e.sources = append(e.sources, t.Source)
		t.Source = ""
	}
}

// texts of events: touches, invite links and labels.
func (e *erasing) texts(ctx context.Context) error {
	for i := range e.events {
		r := &e.events[i]
		e.moments = append(e.moments, r.OccurredAt.time())
		d := &r.Detail.v
		if d.Touch == nil && d.InviteLink == "" && len(d.Labels) == 0 {
			continue
		}
		if d.Touch != nil {
			t := d.Touch.touch(r.OccurredAt)
			e.touch(&t)
			row := touchRowOf(t, r.OccurredAt)
			d.Touch = &row
		}
		d.InviteLink, d.Labels = "", nil
		_, err := e.tx.NewUpdate().Model(r).Column("detail").
			Where("v.id = ?", r.ID).Where("v.recorded_at = ?", r.RecordedAt).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// rollups forget names of sources that were start values of this person and
// nobody else's. The figures stay. Whether they are somebody else's the words
// of people say.
func (e *erasing) rollups(ctx context.Context) error {
	slices.Sort(e.sources)
	for _, source := range slices.Compact(e.sources) {
		shared, err := e.shared(ctx, source)
		if err != nil {
			return err
		}
		if shared {
			continue
		}
		_, err = e.tx.NewUpdate().Table("rollup_sources").Set("source = ''").Where("project_no = ?", e.projectNo).
			Where("source = ?", source).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// shared tells whether somebody else of the project came by a source. While the
// words of people are written again their rows are asked, which takes longer.
func (e *erasing) shared(ctx context.Context, source string) (bool, error) {
	whole, err := wholeWords(e.tx).Exists(ctx)
	if err != nil {
		return false, err
	}
	if whole {
		words := []string{sourceWordOf(true, source), sourceWordOf(false, source)}
		return e.tx.NewSelect().Model((*wordsRow)(nil)).Where("w.project_no = ?", e.projectNo).
			Where("w.source IN (?)", bun.List(words)).Where("w.person_no <> ?", e.person.No).Exists(ctx)
	}
	begins, err := json.Marshal(personState{Source: source})
	if err != nil {
		return false, err
	}
	state := strings.TrimSuffix(string(begins), "}")
	return e.tx.NewSelect().Model((*personRow)(nil)).Where("p.project_no = ?", e.projectNo).
		Where("p.no <> ?", e.person.No).Where("substr(p.state, 1, ?) = ?", utf8.RuneCountInString(state),
		state).Exists(ctx)
}

// replays of this person alone that did not come to their end keep the id to
// go on with, and there is nothing left to take.
func (e *erasing) replays(ctx context.Context) error {
	user := fmt.Sprintf(`%%"user":%d`, e.key.UserID)
	_, err := e.tx.NewDelete().Table("replays").
		Where("state IN (?)", bun.List([]usecase.ReplayState{usecase.ReplayFailed, usecase.ReplayCancelled})).
		Where("(filter LIKE ? OR filter LIKE ?)", user+",%", user+"}%").
		Where("(filter LIKE ? OR filter NOT LIKE ?)", `%"project":"`+e.key.ProjectID+`"%`, `%"project":%`).Exec(ctx)
	return err
}

// conversions end where they are open, and name nobody. What was said to the
// networks, and what they answered, may name the person.
func (e *erasing) conversions(ctx context.Context) error {
	theirs := func(q bun.QueryBuilder) bun.QueryBuilder {
		return q.Where("s.conversion_no IN (?)", e.tx.NewSelect().Model((*conversionRow)(nil)).Column("no").
			Where("v.person_no = ?", e.person.No).Where("v.person_no <> 0"))
	}
	_, err := e.s.endSends(ctx, e.tx, domain.Rejected, domain.ReasonPersonErased, theirs)
	if err != nil {
		return err
	}
	// Locked, since an outcome may be written right now: it comes before this,
	// or it sees that the person is gone.
	var rows []conversionRow
	lock := e.tx.NewSelect().Model(&rows).Column("no", "occurred_at").Where("v.person_no = ?", e.person.No).
		Where("v.person_no <> 0").OrderExpr("v.no")
	if !e.s.sqlite {
		lock = lock.For("UPDATE")
	}
	if err := lock.Scan(ctx); err != nil || len(rows) == 0 {
		return err
	}
	for _, r := range rows { // the click may have told the source of a goal
		e.moments = append(e.moments, r.OccurredAt.time())
	}
	nos := bun.List(convert(rows, func(r conversionRow) int64 { return r.No }))
	_, err = e.tx.NewUpdate().Model((*attemptRow)(nil)).Set("body = NULL, answer = NULL, call_no = 0, reason = ''").
		Where("a.conversion_no IN (?)", nos).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = e.tx.NewUpdate().Model((*conversionRow)(nil)).
		Set("person_no = 0, click_no = 0, value = NULL, source = '', handle = '', reason = ''").
		Where("v.no IN (?)", nos).Exec(ctx)
	return err
}

// clicks keep link, time and number. The start value stands in what the person
// wrote to the bot.
func (e *erasing) clicks(ctx context.Context) error {
	var rows []clickRow
	err := e.tx.NewSelect().Model(&rows).Column("no", "at", "robot").Where("c.claimed_by = ?", e.person.No).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return err
	}
	for _, r := range rows {
		if !r.Robot {
			e.moments = append(e.moments, r.At.time())
		}
	}
	_, err = e.tx.NewUpdate().Model((*clickRow)(nil)).Set("start_value = 'erased-' || c.no").
		Set("url = '', raw_query = '', params = '', ip = '', user_agent = '', referrer = '', cookies = ''").
		Where("c.claimed_by = ?", e.person.No).Exec(ctx)
	return err
}

// starts whose clicks are not known: those may wait in a stream.
func (e *erasing) starts(ctx context.Context) error {
	return e.tx.NewSelect().Model((*unknownRow)(nil)).Column("start_value").
		Where("u.person_no = ?", e.person.No).OrderExpr("u.start_value").Scan(ctx, &e.values)
}

// rows that are the person's alone go.
func (e *erasing) rows(ctx context.Context) error {
	for _, of := range []struct{ table, column string }{
		{"waiting_goals", "person_no"}, {"unknown_starts", "person_no"}, {"memberships", "person_no"},
		{"people_words", "person_no"}, {"people", "no"},
	} {
		_, err := e.tx.NewDelete().Table(of.table).Where("? = ?", bun.Ident(of.column), e.person.No).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}
