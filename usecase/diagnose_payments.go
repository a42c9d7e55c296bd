package usecase

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// sameSale is how long before or after a payment a bot reports the same sale.
const sameSale = 10 * time.Minute

// sale is a sum that a request brought of a person.
type sale struct{ person, sum string }

// twice looks for payments of which Telegram told and the bot, too: both are
// revenue.
func (d *diagnosis) twice(records []RequestRecord) {
	told := map[sale][]time.Time{} // by the bot
	payments := func(native bool, f func(r *RequestRecord, s sale)) {
		for i := range records {
			r := &records[i]
			if r.Code != http.StatusOK || len(r.Receipts) == 0 || r.Verdict() == RequestRepeat {
				continue
			}
			for _, signal := range signalsOf(r) {
				person, _ := signal["person"].(map[string]any)
				own, _ := signal["native_payment"].(bool)
				if signal["amount"] == nil || person == nil || own != native {
					continue
				}
				f(r, sale{fmt.Sprint(person["id"]), strings.TrimPrefix(fmt.Sprint(signal["amount"]), "-")})
			}
		}
	}
	payments(false, func(r *RequestRecord, s sale) { told[s] = append(told[s], r.ReceivedAt) })
	payments(true, func(r *RequestRecord, s sale) {
		for i, at := range told[s] {
			if at.Sub(r.ReceivedAt).Abs() <= sameSale {
				told[s] = append(told[s][:i:i], told[s][i+1:]...) // one report for one payment
				d.add(FoundTwice, r, s.sum)
				return
			}
		}
	})
}
