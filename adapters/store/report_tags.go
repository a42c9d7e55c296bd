package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/usecase/report"
)

var _ report.CompatStore = (*Store)(nil)

// tagRow is a row of utm_tags.
type tagRow struct {
	bun.BaseModel `bun:"table:utm_tags,alias:t"`

	ID        int64  `bun:"id,pk,autoincrement"`
	ProjectID string `bun:"project_id"`
	Key       string `bun:"name_key"`
	Name      string `bun:"name"`
}

func (r tagRow) tag() report.Tag { return report.Tag{ID: r.ID, Name: r.Name} }

// tagKey is a hash of a UTM value, which may be too long for a unique key.
func tagKey(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:16])
}

// TagNames implements report.CompatStore. The values are those of rollups and
// links.
func (s *Store) TagNames(ctx context.Context, projectID string) ([]string, error) {
	no, err := s.projectNo(ctx, projectID)
	if err != nil {
		return nil, mapError("read UTM values", err)
	}
	seen := map[string]bool{}
	for _, d := range report.UTMDimensions() {
		var names []string
		err := s.read.NewSelect().Table("rollup_sources").Distinct().Column(d.Column()).
			Where("project_no = ?", no).Scan(ctx, &names)
		if err != nil {
			return nil, mapError("read UTM values", err)
		}
		for _, name := range names {
			seen[name] = true
		}
	}
	links, err := s.ReportLinks(ctx, projectID)
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		source := report.Source{UTM: l.UTM}
		for _, d := range report.UTMDimensions() {
			seen[d.Of(&source)] = true
		}
	}
	delete(seen, "")
	return slices.Sorted(maps.Keys(seen)), nil
}

// tagStep is how many values are looked up or added at once.
const tagStep = 500

// TagIDs implements report.CompatStore. It writes only values that are new.
func (s *Store) TagIDs(ctx context.Context, projectID string, names []string) (map[string]int64, error) {
	out := map[string]int64{}
	if err := s.readTagIDs(ctx, projectID, names, out); err != nil {
		return nil, err
	}
	// Sorted, since two processes that add the same values in different orders
	// would wait for each other.
	unknown := slices.DeleteFunc(slices.Sorted(slices.Values(names)), func(name string) bool {
		return out[name] != 0
	})
	if len(unknown) == 0 {
		return out, nil
	}
	rows := convert(unknown, func(name string) tagRow {
		return tagRow{ProjectID: projectID, Key: tagKey(name), Name: name}
	})
	err := s.inTx(ctx, "number UTM values", func(ctx context.Context, tx bun.Tx) error {
		for chunk := range slices.Chunk(rows, tagStep) {
			_, err := tx.NewInsert().Model(&chunk).On("CONFLICT (project_id, name_key) DO NOTHING").
				Returning("NULL").Exec(ctx)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, s.readTagIDs(ctx, projectID, unknown, out)
}

func (s *Store) readTagIDs(ctx context.Context, projectID string, names []string, out map[string]int64) error {
	for chunk := range slices.Chunk(names, tagStep) {
		var rows []tagRow
		err := s.read.NewSelect().Model(&rows).Column("id", "name").Where("t.project_id = ?", projectID).
			Where("t.name_key IN (?)", bun.List(convert(chunk, tagKey))).Scan(ctx)
		if err != nil {
			return mapError("read numbers of UTM values", err)
		}
		for _, r := range rows {
			out[r.Name] = r.ID
		}
	}
	return nil
}

// Tags implements report.CompatStore.
func (s *Store) Tags(ctx context.Context, projectID string, limit int) ([]report.Tag, error) {
	var rows []tagRow
	err := s.read.NewSelect().Model(&rows).Column("id", "name").Where("t.project_id = ?", projectID).
		Order("t.id").Limit(int64(limit)).Scan(ctx)
	return convert(rows, tagRow.tag), mapError("read numbers of UTM values", err)
}
