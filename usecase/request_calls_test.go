package usecase

import (
	"fmt"
	"strings"
	"testing"
)

func TestCallsOfRequests(t *testing.T) {
	t.Parallel()
	var rs []RequestRecord
	for _, text := range strings.Fields("h g:b f e:a d:b c:a b:a a") { // newest first, id:call
		id, call, _ := strings.Cut(text, ":")
		rs = append(rs, RequestRecord{ID: id, CallID: call, Code: 200})
	}
	var got []string
	for _, c := range CallsOf(rs) {
		ids := ""
		for _, r := range c.Requests {
			ids += r.ID
		}
		got = append(got, ids+":"+c.BatchID)
	}
	if s := strings.Join(got, " "); s != "h: dg:b f: bce:a a:" {
		t.Error(s)
	}
}

func TestShownOfACall(t *testing.T) {
	t.Parallel()
	c := RequestCall{}
	for i, code := range []int{200, 422, 200, 200, 429, 200} {
		c.Requests = append(c.Requests, RequestRecord{ID: fmt.Sprint(i), Code: code})
	}
	for most, want := range map[int]string{6: "012345", 9: "012345", 3: "014", 2: "14", 1: "1", 4: "0124"} {
		got := ""
		for _, r := range c.Shown(most) {
			got += r.ID
		}
		if got != want {
			t.Errorf("%d: %s, want %s", most, got, want)
		}
	}
	if c.Refused() != 2 || c.FirstRefused().ID != "1" {
		t.Error(c.Refused(), c.FirstRefused())
	}
}
