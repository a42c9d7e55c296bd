package usecase_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// paid is a payment of which Telegram itself tells.
func paid(user int64, charge, sum, currency string) domain.Signal {
	a, err := domain.ParseAmount(sum)
	if err != nil {
		panic(err)
	}
	kind := domain.PaymentCreated
	if a < 0 {
		kind = domain.PaymentRefunded
	}
	return domain.Signal{
		Type: kind, Person: person(user), Amount: &a, Currency: currency, NativePayment: true,
		SenderKey: "telegram:" + string(kind) + ":" + charge,
	}
}

// shop is an account that has a name for payments.
func (s *tale) shop() *domain.Account {
	s.Helper()
	return s.account("beacon", func(a *domain.Account) {
		a.ActivationGoal, a.Goals = "", map[string]string{"payment_created": "Purchase"}
	})
}

func TestNativePayments(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"are no goal where no ad account has a name for them": func(s *tale) {
			s.beacon()
			s.came(1)
			s.send(paid(1, "a", "100", "RUB"))
			if d := cmp.Diff([]string{}, s.conversions()); d != "" {
				s.Error(d)
			}
			if d := cmp.Diff([]string{"bot_started", "payment_created"}, s.history(1)); d != "" {
				s.Error(d)
			}
		},
		"go to the accounts that have a name": func(s *tale) {
			s.beacon()
			s.shop()
			c := s.came(1)
			s.send(paid(1, "a", "100", "RUB"), paid(1, "a", "-100", "RUB"))
			want := []string{"beacon payment_created pending 100 RUB " + c.ID}
			if d := cmp.Diff(want, s.conversions()); d != "" {
				s.Error(d)
			}
			if got := s.all()[0].Name; got != "Purchase" {
				s.Errorf("the name is %q", got)
			}
		},
		"are known by their charge": func(s *tale) {
			s.shop()
			s.came(1)
			s.send(paid(1, "a", "100", "RUB"))
			if out := s.send(paid(1, "a", "100", "RUB")); !out.Receipts[0].Duplicate {
				s.Error("the same charge counts twice")
			}
			if out := s.send(paid(1, "b", "100", "RUB")); out.Receipts[0].Duplicate || len(s.all()) != 2 {
				s.Errorf("another charge: %+v, %v", out, s.conversions())
			}
		},
		"wait for the start only for those accounts": func(s *tale) {
			s.beacon()
			s.shop()
			s.send(paid(1, "a", "100", "RUB"))
			s.after(time.Hour)
			c := s.came(1)
			want := []string{"beacon payment_created pending 100 RUB " + c.ID}
			if d := cmp.Diff(want, s.conversions()); d != "" {
				s.Error(d)
			}
		},
		"do not wait where nobody has a name": func(s *tale) {
			s.beacon()
			s.send(paid(1, "a", "100", "RUB"))
			s.after(time.Hour)
			s.came(1)
			if d := cmp.Diff([]string{}, s.conversions()); d != "" {
				s.Error(d)
			}
		},
		"are left alone where they are off": func(s *tale) {
			s.shop()
			s.came(1)
			s.p.TelegramPayments = domain.ReadOff
			out := s.send(paid(1, "a", "100", "RUB"), paid(2, "b", "100", "RUB"))
			if len(out.Receipts) != 0 || len(s.all()) != 0 {
				s.Errorf("%+v, %v", out, s.conversions())
			}
			if _, err := s.Subscriber(s.Context(), s.key(2)); err == nil {
				s.Error("the person is known")
			}
			s.p.TelegramPayments = domain.ReadAuto
			if out := s.send(paid(1, "a", "100", "RUB")); len(out.Receipts) != 1 || out.Receipts[0].Duplicate {
				s.Errorf("when they are read again: %+v", out)
			}
		},
		"in stars are sent at the rate": func(s *tale) {
			s.shop()
			c := s.came(1)
			s.send(paid(1, "a", "150", "XTR"))
			s.p.StarRate = 1_500_000
			s.send(paid(1, "b", "150", "XTR"))
			want := []string{
				"beacon payment_created pending " + c.ID, "beacon payment_created pending 225 RUB " + c.ID,
			}
			if d := cmp.Diff(want, s.conversions()); d != "" {
				s.Error(d)
			}
		},
	})
}

func TestStarsInReports(t *testing.T) {
	ledgers(t, func(l *ledger) {
		l.now = time.Date(2031, 3, 3, 12, 0, 0, 0, time.UTC)
		l.send(start(1, ""), paid(1, "a", "150", "XTR"), paid(1, "a", "-50", "XTR"), paid(1, "b", "100", "RUB"))
		check := func(when string, want report.Money) {
			l.Helper()
			l.settle()
			if d := cmp.Diff(want, l.figures("2031-03-03").Money); d != "" {
				l.Errorf("%s: %s", when, d)
			}
			l.same(when, l.span("2031-03-01", "2031-03-05"), report.Filter{})
		}
		check("without a rate", report.Money{Revenue: 100_000_000, Stars: 100})
		l.p.StarRate = 2_000_000
		l.ok(l.UpdateProject(l.Context(), l.p.Project))
		check("at two roubles", report.Money{Revenue: 400_000_000, Costs: 100_000_000})
		l.p.StarRate = 0
		l.ok(l.UpdateProject(l.Context(), l.p.Project))
		check("without a rate again", report.Money{Revenue: 100_000_000, Stars: 100})
	})
}
