package domain_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
)

func TestReasons(t *testing.T) {
	t.Parallel()
	texts := map[string]bool{}
	for _, c := range domain.Reasons() {
		if !regexp.MustCompile(`^[a-z_]+$`).MatchString(string(c)) {
			t.Errorf("%q is no code", c)
		}
		if text := c.Text(); (text == "") != (c == domain.ReasonNetwork) || texts[text] {
			t.Errorf("%s says %q", c, text)
		}
		texts[c.Text()] = true
		if ru := c.In(i18n.Russian); c != domain.ReasonNetwork && (ru == "" || ru == c.Text()) {
			t.Errorf("%s says %q in Russian", c, ru)
		}
	}
	var v domain.Conversion
	v.Because(domain.Parked, domain.ReasonAccountPaused)
	if v.Status != domain.Parked || v.ReasonCode != domain.ReasonAccountPaused ||
		v.StatusReason != "the ad account is paused" {
		t.Errorf("%+v", v)
	}
}

func TestStatusesThat(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		is   func(domain.Status) bool
		want []domain.Status
	}{
		"open": {domain.Status.Open, []domain.Status{domain.Pending, domain.Retrying, domain.Parked}},
		"unfinished": {domain.Status.Unfinished, []domain.Status{domain.Pending, domain.Retrying, domain.Parked,
			domain.Accepted}},
		"sendable again": {domain.Status.SendableAgain, []domain.Status{
			domain.Pending, domain.Retrying, domain.Parked, domain.Unmatched, domain.Rejected, domain.Expired,
			domain.Uncertain,
		}},
		"unwell": {domain.Status.Unwell, []domain.Status{
			domain.Pending, domain.Retrying, domain.Parked, domain.Accepted, domain.Unmatched, domain.Rejected,
			domain.Expired, domain.Uncertain,
		}},
		"all": {func(domain.Status) bool { return true }, slices.Clone(domain.Statuses())},
	} {
		if diff := cmp.Diff(c.want, domain.StatusesThat(c.is)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}
