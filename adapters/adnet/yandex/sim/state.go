package sim

import (
	"net/http"
	"strconv"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
)

// stages are the states on the way, each lasting one Stage.
func stages() []string { return []string{"PREPARED", "UPLOADED", "EXPORTED", "MATCHED"} }

// view is an upload at this moment. Call with y.mu held.
func (y *metrica) view(u *upload) upload {
	v := *u
	stages, stage := stages(), y.sim.Stage()
	n := len(stages)
	if stage > 0 {
		n = int(y.sim.Now().Sub(u.at) / stage)
	}
	if n < len(stages) {
		v.Status = stages[n]
		return v
	}
	v.Status = "PROCESSED"
	for _, r := range u.rows {
		outcome := "linked"
		switch {
		case r.noGoal:
			v.NoGoal++
			outcome = "goal not found"
		case !r.linkable:
			v.NoUser++
			outcome = "not linked"
		default:
			v.Linked++
		}
		y.sim.Outcome("yandex", r.key, outcome)
	}
	if v.Linked == 0 && v.NoGoal == 0 {
		v.Status = "LINKAGE_FAILURE"
	}
	return v
}

func (y *metrica) list(counter string, r *http.Request) []upload {
	q := r.URL.Query()
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil {
		limit = 1000
	}
	offset, _ := strconv.Atoi(q.Get("offset"))
	y.mu.Lock()
	defer y.mu.Unlock()
	out := []upload{}
	for _, u := range y.uploads {
		if u.counter != counter || q.Get("type") != "" && u.Type != q.Get("type") {
			continue
		}
		if offset--; offset < 0 && len(out) < limit {
			out = append(out, y.view(u))
		}
	}
	return out
}

func (y *metrica) one(w http.ResponseWriter, counter, id string) {
	y.mu.Lock()
	defer y.mu.Unlock()
	for _, u := range y.uploads {
		if u.counter == counter && strconv.FormatInt(u.ID, 10) == id {
			adsim.Reply(w, http.StatusOK, map[string]any{"uploading": y.view(u)})
			return
		}
	}
	refuse(w, http.StatusNotFound, "not_found", "Object not found")
}

// goals of a counter: those of the options, else the one a start reaches.
func (y *metrica) goals(w http.ResponseWriter) {
	names := y.sim.Goals()
	if names == nil {
		names = []string{"userDidSubscribe"}
	}
	goals := []any{}
	for i, n := range names {
		goals = append(goals, map[string]any{
			"id": i + 1, "name": n, "type": "action",
			"conditions": []any{map[string]string{"type": "exact", "url": n}},
		})
	}
	adsim.Reply(w, http.StatusOK, map[string]any{"goals": goals})
}
