package adnettest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/domain"
)

// become gives a conversion to the i-th of several people, who have nothing in
// common but what they did.
func become(c *domain.Conversion, i int) {
	mark := markOf(i)
	c.UserID, c.EventID, c.ClickID = personOf(i), "ev-"+mark, "click-"+mark
	if c.Click == nil {
		return
	}
	k := *c.Click
	k.ID, k.StartValue, k.IP, k.UserAgent = c.ClickID, "PJ"+mark, fmt.Sprintf("203.0.113.%d", 77+i),
		k.UserAgent+" "+mark
	for _, v := range []*string{&k.URL, &k.Referrer} {
		if *v != "" {
			*v += mark
		}
	}
	k.Params, k.Cookies = maps.Clone(k.Params), maps.Clone(k.Cookies)
	for _, of := range []map[string]string{k.Params, k.Cookies} {
		for name := range of {
			of[name] += mark
		}
	}
	c.Click = &k
}

func markOf(i int) string { return fmt.Sprintf("own%dx", i) }

func personOf(i int) int64 { return int64(7700001 + i) }

// apart: several people's conversions go out together, and whatever the
// network answers, nothing that is kept for one of them shows another, and
// nothing that is kept for all shows anybody.
func apart(t *testing.T, sink adnet.Sink, c Case) {
	if c.Op == "test" || len(c.Conversion)+len(c.Conversions) == 0 {
		return
	}
	c.people = 3
	answers := [][]Reply{c.Answers}
	for _, status := range []int{200, 400, 401, 403, 413, 429, 500} {
		body, _ := json.Marshal("<html>\x00\xff502</html>")
		answers = append(answers, []Reply{{Status: status, Body: body}})
		for _, kind := range []string{"echo", "echo_account", "echo_row", "cut", "lost"} {
			answers = append(answers, []Reply{{Status: status, Error: kind}})
		}
	}
	for _, as := range answers {
		got, vs := run(t, context.Background(), sink, c, as)
		for i, v := range vs {
			switch v.Class {
			case adnet.Delivered, adnet.Accepted, adnet.Duplicate, adnet.Uncertain:
				if v.Exchange == nil {
					t.Errorf("%s without an exchange", v.Class)
				}
			}
			names(t, "what is kept for all", v.Exchange, marks(vs, -1))
			names(t, "what the account is warned of", v.Warning, marks(vs, -1))
			names(t, fmt.Sprintf("what is kept for %d", i), []string{v.Reason, v.Row, v.RowAnswer},
				marks(vs, i))
		}
		if len(got.Requests) == 1 && len(got.Calls) > 1 {
			t.Errorf("%d exchanges of one call", len(got.Calls))
		}
	}
}

// hashOf a person is as much theirs as what was hashed.
var hashOf = regexp.MustCompile(`[0-9A-Za-z]{20,}`)

// marks by which everybody but the i-th is known.
func marks(vs []adnet.Verdict, i int) []string {
	var all []string
	for j := range vs {
		if j == i {
			continue
		}
		all = append(all, markOf(j), strconv.FormatInt(personOf(j), 10), fmt.Sprintf("203.0.113.%d", 77+j))
		for _, h := range hashOf.FindAllString(vs[j].Row, -1) {
			if !slices.ContainsFunc(vs, func(v adnet.Verdict) bool {
				return v.Row != vs[j].Row && strings.Contains(v.Row, h)
			}) {
				all = append(all, h)
			}
		}
	}
	return all
}

// names stops at the first text that shows somebody: others will, too.
func names(t *testing.T, what string, kept any, marks []string) {
	t.Helper()
	b, err := json.Marshal(kept)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range marks {
		if strings.Contains(string(b), m) {
			t.Fatalf("%s has %s: %s", what, m, adnet.Clip(string(b), 1000))
		}
	}
}
