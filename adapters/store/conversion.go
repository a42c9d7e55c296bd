package store

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// conversionRow is a conversion in the ledger. While it is open its status is
// empty and stands in its sendRow.
type conversionRow struct {
	bun.BaseModel `bun:"table:conversions,alias:v"`
	No            int64                 `bun:"no,pk"`
	ProjectNo     int64                 `bun:"project_no"`
	AccountNo     int64                 `bun:"account_no"` // 0: none
	PersonNo      int64                 `bun:"person_no"`  // 0: erased
	ClickNo       int64                 `bun:"click_no"`   // 0: none
	EpisodeNo     int64                 `bun:"episode_no"` // 0: none
	OccurredAt    stamp                 `bun:"occurred_at"`
	CreatedAt     stamp                 `bun:"created_at"`
	NotBefore     stamp                 `bun:"not_before"`
	ExpiresAt     stamp                 `bun:"expires_at"`
	DeliveredAt   stamp                 `bun:"delivered_at"`
	Value         *domain.Amount        `bun:"value"`
	Attempts      int                   `bun:"attempts"`
	ID            key                   `bun:"id"`
	EventID       key                   `bun:"event_id"`
	Network       string                `bun:"network"`
	Kind          domain.ConversionKind `bun:"kind"`
	Once          bool                  `bun:"once"` // counts once in its episode
	Target        string                `bun:"target"`
	Name          string                `bun:"name"`
	Currency      string                `bun:"currency"`
	Source        string                `bun:"source"`
	Status        domain.Status         `bun:"status"`
	ReasonCode    domain.ReasonCode     `bun:"reason_code"`
	Reason        string                `bun:"reason"`
	Upload        string                `bun:"upload"`
	Handle        string                `bun:"handle"`
}

// sendRow is what is open: to be sent, under way, or accepted with the outcome
// to come.
type sendRow struct {
	bun.BaseModel `bun:"table:sends,alias:s"`
	ConversionNo  int64             `bun:"conversion_no,pk"`
	AccountNo     int64             `bun:"account_no"`
	Attempt       int               `bun:"attempt"` // number of the one under way or the last
	Asked         int               `bun:"asked"`   // attempts that asked the network
	DueAt         stamp             `bun:"due_at"`  // when the relay looks at it next
	NextAt        stamp             `bun:"next_at"` // when it may be sent
	ExpiresAt     stamp             `bun:"expires_at"`
	LeaseUntil    stamp             `bun:"lease_until"`
	AttemptOpen   bool              `bun:"attempt_open"`
	HandedOver    bool              `bun:"handed_over"`
	Backlog       bool              `bun:"backlog"`
	Status        domain.Status     `bun:"status"`
	ReasonCode    domain.ReasonCode `bun:"reason_code"`
	Reason        string            `bun:"reason"`
	LeaseOwner    string            `bun:"lease_owner"`
	Upload        string            `bun:"upload"`
	Handle        string            `bun:"handle"`
}

// ownReason is what a reason's code does not say by itself.
func ownReason(code domain.ReasonCode, text string) string {
	if text == code.Text() {
		return ""
	}
	return storable(text)
}

// reasonText is the reason as people read it.
func reasonText(code domain.ReasonCode, own string) string {
	if own != "" {
		return own
	}
	return code.Text()
}

// storable takes from a text that came from outside what PostgreSQL can not
// keep: one such text would cost the outcomes of a whole batch.
func storable(text string) string { return strings.ReplaceAll(text, "\x00", "") }

// conversionRefs gives the numbers of what new conversions name by ids.
type conversionRefs struct {
	projectNo, personNo, clickNo, episodeNo func(id string) int64
}

// openedRow is what a new conversion has in sends.
type openedRow struct {
	ConversionNo int64             `bun:"conversion_no"`
	AccountNo    int64             `bun:"account_no"`
	Asked        int               `bun:"asked"`
	DueAt        stamp             `bun:"due_at"`
	NextAt       stamp             `bun:"next_at"`
	ExpiresAt    stamp             `bun:"expires_at"`
	Status       domain.Status     `bun:"status"`
	ReasonCode   domain.ReasonCode `bun:"reason_code"`
	Reason       string            `bun:"reason"`
	Upload       string            `bun:"upload"`
	Handle       string            `bun:"handle"`
}

// totalRow counts what was made for a project and network.
type totalRow struct {
	ProjectNo int64  `bun:"project_no"`
	Network   string `bun:"network"`
	Created   int64  `bun:"created"`
}

var (
	// The totals are raised by what was really inserted, in the same statement
	// where the database can.
	insertConversions = bulk.DefineBoth[conversionRow](
		`WITH made AS (INSERT INTO conversions ({columns}) {values} ON CONFLICT (id) DO NOTHING
			RETURNING project_no, network)
		INSERT INTO conversion_totals AS t (project_no, network, created)
		SELECT project_no, network, count(*) FROM made GROUP BY 1, 2 ORDER BY 1, 2
		ON CONFLICT (project_no, network) DO UPDATE SET created = t.created + EXCLUDED.created`,
		`INSERT INTO conversions ({columns}) {values} ON CONFLICT (id) DO NOTHING
			RETURNING project_no, network`)
	raiseTotals = bulk.Define[totalRow](`INSERT INTO conversion_totals AS t ({columns}) {values}
		ON CONFLICT (project_no, network) DO UPDATE SET created = t.created + EXCLUDED.created`)
	// The number is a new one: it is there if the conversion was.
	openSends = bulk.Define[openedRow](`INSERT INTO sends ({columns}) SELECT {conversion_no}, {account_no},
		{asked}, {due_at}, {next_at}, {expires_at}, {status}, {reason_code}, {reason}, {upload}, {handle}
		FROM {rows} conversions v WHERE v.no = {conversion_no}`)
)

// saveConversions queues conversions that are not there yet. What it returns
// is to be called after the flush and before the next: it queues the totals
// where they are not raised already.
func (s *Store) saveConversions(
	ctx context.Context, tx *bulk.Tx, n *numbers, cs []usecase.NewConversion, refs conversionRefs,
) (totals func(), err error) {
	accounts, err := s.accountNos(ctx, accountIDsOf(cs))
	if err != nil {
		return nil, err
	}
	rows := make([]conversionRow, len(cs))
	var opened []openedRow
	for i := range cs {
		no, err := n.next(ctx, tx)
		if err != nil {
			return nil, err
		}
		rows[i] = newConversionRow(&cs[i], no, accounts[cs[i].AccountID], refs)
		if cs[i].Status.Unfinished() {
			opened = append(opened, open(&rows[i], &cs[i]))
		}
	}
	made := map[totalRow]int64{}
	insertConversions.Queue(tx, rows, func(r bulk.Scanner) error {
		var t totalRow
		err := r.Scan(&t.ProjectNo, &t.Network)
		made[t]++
		return err
	})
	openSends.Queue(tx, opened, nil)
	return func() {
		var rows []totalRow
		for t, n := range made {
			t.Created = n
			rows = append(rows, t)
		}
		slices.SortFunc(rows, func(a, b totalRow) int {
			return cmp.Or(cmp.Compare(a.ProjectNo, b.ProjectNo), cmp.Compare(a.Network, b.Network))
		})
		raiseTotals.Queue(tx, rows, nil)
	}, nil
}

func accountIDsOf(cs []usecase.NewConversion) []string {
	var ids []string
	for i := range cs {
		if id := cs[i].AccountID; id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

func newConversionRow(c *usecase.NewConversion, no, accountNo int64, refs conversionRefs) conversionRow {
	return conversionRow{
		No: no, ProjectNo: refs.projectNo(c.ProjectID), AccountNo: accountNo,
		PersonNo: refs.personNo(c.SubscriberID),
		ClickNo:  refs.clickNo(c.ClickID), EpisodeNo: refs.episodeNo(c.EpisodeID),
		OccurredAt: stamp(c.OccurredAt),
		CreatedAt:  stamp(c.CreatedAt), NotBefore: stamp(c.NotBefore), ExpiresAt: stamp(c.ExpiresAt),
		DeliveredAt: stampOf(c.DeliveredAt), Value: c.Value, Attempts: c.Attempts, ID: keyOf(c.ID),
		EventID: keyOf(c.EventID), Network: c.Network, Kind: c.Kind, Once: c.Once, Target: c.Target,
		Name:     c.Name,
		Currency: c.Currency, Source: c.Source, Status: c.Status, ReasonCode: c.ReasonCode,
		Reason: ownReason(c.ReasonCode, c.StatusReason), Upload: c.BatchID, Handle: c.Handle,
	}
}

// open moves what a conversion is while it is open from its row into the one
// that it has until then.
func open(r *conversionRow, c *usecase.NewConversion) openedRow {
	o := openedRow{
		ConversionNo: r.No, AccountNo: r.AccountNo, Asked: r.Attempts, DueAt: stampOf(c.NextAttemptAt),
		NextAt: stampOf(c.NextAttemptAt), ExpiresAt: r.ExpiresAt, Status: r.Status, ReasonCode: r.ReasonCode,
		Reason: r.Reason, Upload: r.Upload, Handle: r.Handle,
	}
	r.Status, r.ReasonCode, r.Reason, r.Upload, r.Handle = "", domain.ReasonNone, "", "", ""
	return o
}
