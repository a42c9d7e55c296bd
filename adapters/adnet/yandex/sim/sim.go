// Package sim simulates Yandex Metrica: uploads of offline conversions and
// chats, the states they go through, and the quota of requests.
package sim

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/yandex/published"
)

// Network gives the simulation.
func Network() adsim.Network {
	return adsim.Network{
		Name: "yandex",
		Serve: func(s *adsim.Sim) map[string]http.Handler {
			return map[string]http.Handler{"yandex": handler(s)}
		},
		Scenario: adsim.Scenario{
			Settings: func(string) map[string]any {
				return map[string]any{"counter_id": "55", "oauth_token": "t", "mode": "offline"}
			},
			Query: "yclid=1777000777%d",
		},
		Demo: &adsim.Demo{
			Name: "Yandex Metrica", Unmatched: "Metrica found no visit for the row",
			LostAccess: "Metrica answers 403: the token was revoked",
			Settings: func(string) map[string]any {
				return map[string]any{"counter_id": "12345678", "oauth_token": "demo-oauth-token"}
			},
		},
	}
}

// upload is an upload as the management API shows it.
// https://yandex.com/dev/metrika/en/management/openapi/offline_conversions/findById_1
type upload struct {
	ID      int64  `json:"id"`
	Created string `json:"create_time"`
	Source  int    `json:"source_quantity"`
	Lines   int    `json:"line_quantity"`
	Comment string `json:"comment"`
	Type    string `json:"type"`
	Status  string `json:"status"`
	NoGoal  int    `json:"goal_not_found_quantity"`
	NoUser  int    `json:"user_not_found_quantity"`
	Linked  int    `json:"linked_quantity"`

	counter string
	at      time.Time
	rows    []counted
}

type counted struct {
	key      string
	linkable bool
	noGoal   bool
}

// metrica is Metrica: counters are whatever is asked for, uploads stay.
type metrica struct {
	sim     *adsim.Sim
	mu      sync.Mutex
	next    int64
	uploads []*upload
	calls   map[string]int // of a day, by token
}

// dailyQuota is the quota of a user's requests in a day.
const dailyQuota = 5000

// handler is the management API.
func handler(s *adsim.Sim) http.Handler {
	y := &metrica{sim: s, next: 70_000_001, calls: map[string]int{}}
	path := regexp.MustCompile(`^/management/v1/counter/(\d+)(?:/(.*))?$`)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m := path.FindStringSubmatch(r.URL.Path)
		if m == nil {
			refuse(w, 404, "not_found", "Object not found")
			return
		}
		if !y.admit(w, r) {
			return
		}
		one, isOne := strings.CutPrefix(m[2], "offline_conversions/uploading/")
		switch {
		case m[2] == "offline_conversions/upload" && r.Method == http.MethodPost:
			y.upload(w, r, m[1])
		case m[2] == "offline_conversions/uploadings" && r.Method == http.MethodGet:
			adsim.Reply(w, 200, map[string]any{"uploadings": y.list(m[1], r)})
		case isOne && r.Method == http.MethodGet:
			y.one(w, m[1], one)
		case m[2] == "goals" && r.Method == http.MethodGet:
			y.goals(w)
		case m[2] == "" && r.Method == http.MethodGet:
			adsim.Reply(w, 200, map[string]any{"counter": map[string]any{
				"id": number(m[1]), "name": "Simulated counter", "permission": "own",
			}})
		default:
			refuse(w, 404, "not_found", "Object not found")
		}
	})
}

func number(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

// refuse answers with an error that Yandex publishes; no other is simulated.
func refuse(w http.ResponseWriter, status int, kind, text string) {
	if !slices.Contains(published.Errors().Names, fmt.Sprintf("%d/%s", status, kind)) {
		http.Error(w, fmt.Sprintf("the simulation knows no error %d/%s", status, kind), http.StatusTeapot)
		return
	}
	adsim.Reply(w, status, map[string]any{
		"errors": []any{map[string]string{"error_type": kind, "message": text}}, "code": status,
		"message": text,
	})
}

// admit checks token and daily quota.
func (y *metrica) admit(w http.ResponseWriter, r *http.Request) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "OAuth ")
	switch {
	case !ok || token == "":
		refuse(w, 401, "unauthorized", "Authorization is OAuth and the token")
		return false
	case y.sim.Revoked("yandex", token):
		refuse(w, 403, "invalid_token", "Invalid oauth_token")
		return false
	}
	y.mu.Lock()
	defer y.mu.Unlock()
	day := token + y.sim.Now().Format(time.DateOnly)
	if y.calls[day]++; y.calls[day] > dailyQuota {
		refuse(w, 429, "quota_requests_by_uid", "Quota exceeded")
		return false
	}
	return true
}

func (y *metrica) upload(w http.ResponseWriter, r *http.Request, counter string) {
	kind := cmp.Or(r.URL.Query().Get("type"), "BASIC")
	rows, why := y.read(r, counter, kind)
	if why != "" {
		refuse(w, 400, "invalid_uploading", why)
		return
	}
	y.mu.Lock()
	u := &upload{
		ID: y.next, Created: y.sim.Now().Format(time.RFC3339), Source: len(rows), Lines: len(rows), Type: kind,
		Comment: r.URL.Query().Get("comment"), counter: counter, at: y.sim.Now(), rows: rows,
	}
	y.next++
	y.uploads = append(y.uploads, u)
	view := y.view(u)
	y.mu.Unlock()
	if kind == "CHATS" { // the two pages of the documents show two forms
		adsim.Reply(w, 200, map[string]any{"uploadings": []upload{view}})
		return
	}
	adsim.Reply(w, 200, map[string]any{"uploading": view})
}

// read takes the file apart; one bad row refuses all, and which is not said.
func (y *metrica) read(r *http.Request, counter, kind string) ([]counted, string) {
	if kind != "BASIC" && kind != "CHATS" {
		return nil, "unknown type"
	}
	if c := r.URL.Query().Get("comment"); len([]rune(c)) > 255 {
		return nil, "the comment is too long"
	}
	f, _, err := r.FormFile("file")
	if err != nil {
		return nil, "there is no part named file"
	}
	defer func() { _ = f.Close() }()
	cr := csv.NewReader(f)
	head, err := cr.Read()
	if err != nil {
		return nil, "the file is empty"
	}
	if why := headProblem(head, kind); why != "" {
		return nil, why
	}
	var good []map[string]string
	for {
		cells, err := cr.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, "the file is not CSV"
		}
		row := map[string]string{}
		for i, h := range head {
			row[h] = cells[i]
		}
		if why := y.check(row, kind); why != "" {
			return nil, why
		}
		good = append(good, row)
	}
	if len(good) == 0 {
		return nil, "the file has no rows"
	}
	rows := make([]counted, len(good))
	for i, row := range good {
		rows[i] = y.record(row, counter, kind)
	}
	return rows, ""
}

func headProblem(head []string, kind string) string {
	allowed := []string{"UserId", "ClientId", "Yclid", "PurchaseId", "Target", "DateTime", "Price", "Currency"}
	needed := []string{"Target", "DateTime"}
	if kind == "CHATS" {
		allowed = []string{
			"DateTime", "ChatPlatform", "ChatUsername", "ChatUserID", "PhoneNumber", "ClientID", "UserID",
			"Yclid", "PurchaseID",
		}
		needed = []string{"DateTime", "ChatPlatform"}
	}
	for _, h := range head {
		if !slices.Contains(allowed, h) {
			return "unknown column " + h
		}
	}
	for _, n := range needed {
		if !slices.Contains(head, n) {
			return "there is no column " + n
		}
	}
	return ""
}

func (y *metrica) check(row map[string]string, kind string) string {
	at, err := strconv.ParseInt(row["DateTime"], 10, 64)
	switch {
	case err != nil:
		return "DateTime is not a number"
	case time.Unix(at, 0).After(y.sim.Now()):
		return "DateTime is in the future"
	case row["Price"] != "" && !regexp.MustCompile(`^-?\d+(\.\d+)?$`).MatchString(row["Price"]):
		return "Price is not a number"
	case row["Currency"] != "" && !regexp.MustCompile(`^[A-Z]{3}$`).MatchString(row["Currency"]):
		return "Currency is not a code"
	}
	for _, id := range []string{"ClientId", "ClientID", "Yclid"} {
		if strings.Trim(row[id], "0123456789") != "" {
			return id + " is not a number"
		}
	}
	if kind == "CHATS" {
		if !slices.Contains(published.ChatPlatforms(), row["ChatPlatform"]) {
			return "ChatPlatform is not known"
		}
		if row["ChatUsername"]+row["ChatUserID"]+row["PhoneNumber"] == "" {
			return "the chat has no user"
		}
		return ""
	}
	if row["UserId"]+row["ClientId"]+row["Yclid"]+row["PurchaseId"] == "" {
		return "a row has no identifier"
	}
	if row["Target"] == "" || strings.ContainsAny(row["Target"], `/\&#?="`) {
		return "Target is not an identifier of a goal"
	}
	return ""
}

// record counts a row, each time it comes: Metrica drops no repeats.
func (y *metrica) record(row map[string]string, counter, kind string) counted {
	extra := map[string]string{"type": kind}
	for k, v := range row {
		if v != "" {
			extra[k] = v
		}
	}
	id := cmp.Or(row["ClientId"], row["ClientID"], row["Yclid"], row["ChatUserID"])
	target := row["Target"]
	if kind == "CHATS" {
		target = "chat" // the automatic goal
	}
	key := fmt.Sprintf("%s %s %s %s %s %s", counter, kind, id+row["ChatUserID"], target, row["DateTime"],
		row["Price"])
	y.sim.Record("yandex", key, adsim.Item{
		ID: id + "/" + target + "/" + row["DateTime"], Account: counter, Target: target,
		Value: row["Price"], Currency: row["Currency"], Extra: extra,
	})
	goals := y.sim.Goals()
	return counted{
		key: key,
		// A chat is linked to the click alone, an offline row needs a visit;
		// ids with a leading 0 stand for people nobody saw.
		linkable: !strings.HasPrefix(id, "0") && id != "" &&
			(kind == "BASIC" || row["Yclid"]+row["ClientID"] != ""),
		noGoal: kind == "BASIC" && goals != nil && !slices.Contains(goals, target),
	}
}
