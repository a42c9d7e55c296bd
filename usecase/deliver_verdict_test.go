package usecase_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/usecase"
)

func TestAttemptDocument(t *testing.T) {
	t.Parallel()
	x := &usecase.KeptCall{
		Head:   []byte(`{"method":"POST","url":"https://x.example/up","request":"a;b"}`),
		Answer: []byte(` {"status_code":200,"response":"{}"} `), Upload: "file-7",
	}
	for name, c := range map[string]struct {
		x              *usecase.KeptCall
		row, rowAnswer string
		want           string
	}{
		"all of it": {
			x, `{"n":"Z"}`, "bad",
			`{"method":"POST","url":"https://x.example/up","request":"a;b","status_code":200,"response":"{}",` +
				`"upload":"file-7","row":"{\"n\":\"Z\"}","row_answer":"bad"}`,
		},
		"no row": {
			x, "", "",
			`{"method":"POST","url":"https://x.example/up","request":"a;b","status_code":200,"response":"{}",` +
				`"upload":"file-7"}`,
		},
		"row alone": {&usecase.KeptCall{Head: []byte(`{}`), Answer: []byte(`{"cut`)}, "1,2", "", `{"row":"1,2"}`},
		"no call":   {nil, "row", "answer", ""},
	} {
		if got := string(usecase.AttemptDocument(c.x, c.row, c.rowAnswer)); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
