package web

import (
	"cmp"
	"html/template"
	"net/url"
	"strconv"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// conversionsTable lists what an ad account was and will be told. What was sent
// for one, and answered, stands under it when its attempts are pressed.
func (v *visit) conversionsTable(p *accountPage, next string) (*table, error) {
	return makeTable(v, listing[domain.Conversion]{
		Label: v.text("dossier.conversions"), Columns: v.conversionColumns(p), Rows: p.Conversions,
		Cards: true, Path: v.url("accounts", p.ID), Empty: v.text("dossier.no_conversions"),
		Stored: &stored{Next: next}, RowID: func(c *domain.Conversion) string { return c.ID },
		Below: func(c *domain.Conversion) (template.HTML, error) {
			if c.ID != p.Opened {
				return "", nil
			}
			if p.Preview != nil {
				return v.part("preview", p.Preview)
			}
			return v.part("tried", p.Attempts)
		},
	})
}

func (v *visit) conversionColumns(p *accountPage) []column[domain.Conversion] {
	type conversion = domain.Conversion
	attempts := countColumn("attempts", v.text("account.attempts"), func(c *conversion) int64 {
		return int64(c.Attempts)
	}).linked(func(c *conversion) string {
		if c.Attempts == 0 && c.Status != domain.SandboxOnly {
			return ""
		}
		q := url.Values{"conversion": {c.ID}}
		for name, value := range map[string]string{"status": p.Status, cursorParam: p.Cursor} {
			if value != "" {
				q.Set(name, value)
			}
		}
		return v.url("accounts", p.ID) + "?" + q.Encode() + "#" + c.ID
	})
	attempts.Hint = v.text("account.log")
	return []column[conversion]{
		secondColumn("time", v.text("dossier.time"), func(c *conversion) time.Time { return c.OccurredAt }),
		wordColumn("target", v.text("account.target"), func(c *conversion) cell {
			return cell{Text: cmp.Or(c.Name, c.Target)}
		}),
		sumColumn("value", v.text("dossier.amount"), func(c *conversion) (*domain.Amount, string) {
			return c.Value, c.Currency
		}),
		wordColumn("person", v.text("subscribers.person"), func(c *conversion) cell {
			if c.UserID == 0 {
				return cell{Text: "–", Quiet: true}
			}
			id := strconv.FormatInt(c.UserID, 10)
			return cell{Text: id, Href: v.url("subscribers", c.Messenger, id)}
		}),
		wordColumn("status", v.text("account.status"), func(c *conversion) cell {
			b := page{v: v}.StatusBadge(c.Status)
			return cell{Marks: []mark{{Class: b.Class, Text: b.Text}}}
		}),
		wordColumn("reason", v.text("account.reason"), func(c *conversion) cell {
			return cell{Text: page{v: v}.Why(*c), Whole: true}
		}),
		attempts,
		momentColumn("expires", v.text("account.expires"), func(c *conversion) time.Time {
			return c.ExpiresAt
		}),
	}
}
