package adsim

import (
	"net/http"
	"strconv"
)

// yaStages are the states on the way, each lasting one Stage.
func yaStages() []string { return []string{"PREPARED", "UPLOADED", "EXPORTED", "MATCHED"} }

// view is an upload at this moment. Call with y.mu held.
func (y *yaSim) view(u *yaUpload) yaUpload {
	v := *u
	stages, stage := yaStages(), y.s.o.Stage
	n := len(stages)
	if stage > 0 {
		n = int(y.s.Now().Sub(u.at) / stage)
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
		y.s.Outcome("yandex", r.key, outcome)
	}
	if v.Linked == 0 && v.NoGoal == 0 {
		v.Status = "LINKAGE_FAILURE"
	}
	return v
}

func (y *yaSim) list(counter string, r *http.Request) []yaUpload {
	q := r.URL.Query()
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil {
		limit = 1000
	}
	offset, _ := strconv.Atoi(q.Get("offset"))
	y.mu.Lock()
	defer y.mu.Unlock()
	out := []yaUpload{}
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

func (y *yaSim) one(w http.ResponseWriter, counter, id string) {
	y.mu.Lock()
	defer y.mu.Unlock()
	for _, u := range y.uploads {
		if u.counter == counter && strconv.FormatInt(u.ID, 10) == id {
			reply(w, http.StatusOK, map[string]any{"uploading": y.view(u)})
			return
		}
	}
	yaRefuse(w, http.StatusNotFound, "not_found", "Object not found")
}

// goals of a counter: those of the options, else the one a start reaches.
func (y *yaSim) goals(w http.ResponseWriter) {
	names := y.s.o.Goals
	if names == nil {
		names = []string{"userDidSubscribe"}
	}
	goals := []any{}
	for i, n := range names {
		goals = append(goals, map[string]any{
			"id": i + 1, "name": n, "type": "action", "conditions": []any{map[string]string{"type": "exact", "url": n}},
		})
	}
	reply(w, http.StatusOK, map[string]any{"goals": goals})
}
