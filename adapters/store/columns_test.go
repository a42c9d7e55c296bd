package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"

	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
)

type columnsRow struct {
	bun.BaseModel `bun:"table:columns_test,alias:c"`

	ID    string                      `bun:"id,pk"`
	At    stamp                       `bun:"at"`
	Never stamp                       `bun:"never"`
	Map   jsonText[map[string]string] `bun:"map"`
	None  jsonText[map[string]string] `bun:"none"`
	List  jsonText[[]string]          `bun:"list"`
	Zero  jsonText[struct{ A int }]   `bun:"zero"`
}

// What is written in a column of a model is read from it again.
func TestColumns(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		kind := "TIMESTAMPTZ"
		if db.Write.Dialect().Name() == dialect.SQLite {
			kind = "INTEGER"
		}
		_, err := db.Write.ExecContext(ctx,
			"CREATE TABLE columns_test (id TEXT PRIMARY KEY, at ?0 NOT NULL, never ?0, "+
				"map TEXT NOT NULL, none TEXT NOT NULL, list TEXT NOT NULL, zero TEXT NOT NULL)", bun.Safe(kind))
		if err != nil {
			t.Fatal(err)
		}
		want := columnsRow{
			ID: "it's?", At: stamp(time.Date(2027, 1, 31, 23, 59, 59, 123456000, time.UTC)),
			Map:  jsonOf(map[string]string{"a'?": `"\`, "б": "<"}),
			None: jsonOf(map[string]string{}),
			List: jsonOf([]string{"?", "''"}),
		}
		if n, err := changed(db.Write.NewInsert().Model(&want).Exec(ctx)); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		var text string
		err = db.Write.NewSelect().Model((*columnsRow)(nil)).ColumnExpr("none || zero").Scan(ctx, &text)
		if err != nil || text != "" {
			t.Errorf("empty values are kept as %q, %v", text, err)
		}
		var got columnsRow
		err = db.Write.NewSelect().Model(&got).Where("c.at = ? AND c.never IS NULL", want.At).Scan(ctx)
		if err != nil {
			t.Fatal(err)
		}
		want.None = jsonOf[map[string]string](nil)
		for name, pair := range map[string][2]any{
			"id": {got.ID, want.ID}, "at": {got.At.time(), want.At.time()},
			"never": {got.Never.pointer(), (*time.Time)(nil)},
			"map":   {got.Map.v, want.Map.v}, "none": {got.None.v, want.None.v}, "list": {got.List.v, want.List.v},
			"zero": {got.Zero.v, want.Zero.v},
		} {
			if d := cmp.Diff(pair[1], pair[0]); d != "" {
				t.Errorf("%s: %s", name, d)
			}
		}
	})
}
