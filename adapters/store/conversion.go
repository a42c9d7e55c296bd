package store

import (
	"slices"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// conversionColumns in the order of conversionDest, of a table named v.
const conversionColumns = `v.id, v.project_id, v.account_id, v.network, v.kind, v.target, v.name, v.value, v.currency, v.occurred_at, v.created_at,
	v.event_id, v.messenger, v.user_id, v.source, v.click_id, v.episode_id, v.status, v.status_reason, v.attempts, v.not_before, v.expires_at,
	v.next_attempt_at, v.delivered_at, v.batch_id, v.handle`

func conversionDest(c *domain.Conversion) []any {
	return []any{&c.ID, &c.ProjectID, &c.AccountID, &c.Network, &c.Kind, &c.Target, &c.Name, amountInto{&c.Value}, &c.Currency,
		into{&c.OccurredAt}, into{&c.CreatedAt}, &c.EventID, &c.Messenger, &c.UserID, &c.Source, &c.ClickID, &c.EpisodeID, &c.Status,
		&c.StatusReason, &c.Attempts, into{&c.NotBefore}, into{&c.ExpiresAt}, intoPtr{&c.NextAttemptAt}, intoPtr{&c.DeliveredAt},
		&c.BatchID, &c.Handle}
}

const conversionFields = `id text, project_id text, account_id text, network text, kind text, target text, name text, value int,
	currency text, occurred_at time, created_at time, event_id text, subscriber_id text, messenger text, user_id int, source text,
	click_id text, episode_id text, status text, status_reason text, attempts int, not_before time, expires_at time,
	next_attempt_at time, delivered_at time, batch_id text, handle text, count_key text`

func conversionRow(c *usecase.NewConversion) []any {
	return row(c.ID, c.ProjectID, c.AccountID, c.Network, string(c.Kind), c.Target, c.Name, c.Value,
		c.Currency, c.OccurredAt, c.CreatedAt, c.EventID, c.SubscriberID, c.Messenger, c.UserID, c.Source,
		c.ClickID, c.EpisodeID, string(c.Status), c.StatusReason, c.Attempts, c.NotBefore, c.ExpiresAt,
		c.NextAttemptAt, c.DeliveredAt, c.BatchID, c.Handle, c.CountKey)
}

var (
	// The totals are raised by what was really inserted, in the same round
	// trip where the database can.
	insertConversions = defineBoth(conversionFields,
		`WITH made AS (INSERT INTO conversions ({columns}) {values} ON CONFLICT (count_key) DO NOTHING RETURNING project_id, network)
		INSERT INTO conversion_totals AS t (project_id, network, created)
		SELECT project_id, network, count(*) FROM made GROUP BY 1, 2 ORDER BY 1, 2
		ON CONFLICT (project_id, network) DO UPDATE SET created = t.created + EXCLUDED.created`,
		`INSERT INTO conversions ({columns}) {values} ON CONFLICT (count_key) DO NOTHING RETURNING project_id, network`)
	raiseTotals = define("project_id text, network text, created int",
		`INSERT INTO conversion_totals AS t ({columns}) {values}
		ON CONFLICT (project_id, network) DO UPDATE SET created = t.created + EXCLUDED.created`)
)

// saveConversions queues conversions that are not there yet. What it returns
// is to be called after the flush; it queues the totals where they are not
// raised already.
func saveConversions(r runner, cs []usecase.NewConversion) (totals func()) {
	rows := make([][]any, len(cs))
	for i := range cs {
		rows[i] = conversionRow(&cs[i])
	}
	made := map[[2]string]int64{}
	r.queue(insertConversions, rows, func(r scanner) error {
		var k [2]string
		err := r.Scan(&k[0], &k[1])
		made[k]++
		return err
	})
	return func() {
		var rows [][]any
		for k, n := range made {
			rows = append(rows, row(k[0], k[1], n))
		}
		slices.SortFunc(rows, func(a, b []any) int { return strings.Compare(a[0].(string)+a[1].(string), b[0].(string)+b[1].(string)) })
		r.queue(raiseTotals, rows, nil)
	}
}
