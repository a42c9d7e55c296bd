package manageapi

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/usecase"
)

func TestRequestsShowStatusErrorAndBody(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	id := st.project(t, `{"name":"a"}`)
	log := st.withLog()
	for _, r := range []usecase.RequestRecord{
		{
			ID: "r1", Method: "add_event", Code: 200, Body: `{"amount":0}`,
			Decoded: []any{map[string]any{"Amount": 0.0, "Name": "", "At": "0001-01-01T00:00:00Z",
				"UTM": map[string]any{}}},
		},
		{
			ID: "r2", Method: "add_event", Code: 422,
			Error: "Unprocessable entity: user_id: is required", Body: `{}`, Size: 2,
		},
	} {
		r.ProjectID, r.ReceivedAt = id, morning
		log.Keep(t.Context(), r)
	}
	code, out := st.manage(t, "GET", "/projects/"+id+"/requests", "")
	items, _ := out["items"].([]any)
	if code != 200 || len(items) != 2 || out["next"] != "" {
		t.Fatalf("%d %v", code, out)
	}
	failed, taken := items[0].(map[string]any), items[1].(map[string]any)
	if failed["status"] != 422.0 || failed["error"] == "" || failed["body"] != "{}" ||
		failed["received_at"] != "2027-05-06T07:08:09Z" {
		t.Errorf("failed: %v", failed)
	}
	if d := cmp.Diff([]any{map[string]any{"Amount": 0.0}}, taken["decoded"]); taken["status"] != 0.0 || d != "" {
		t.Errorf("taken: %v %s", taken, d)
	}
	if _, out := st.manage(t, "GET", "/projects/"+id+"/requests?limit=1", ""); len(out["items"].([]any)) != 1 {
		t.Errorf("limit: %v", out)
	}
}
