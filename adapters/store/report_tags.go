package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/usecase"
)

var insertTags = define("project_id text, name_key text, name text",
	`INSERT INTO utm_tags ({columns}) {values} ON CONFLICT (project_id, name_key) DO NOTHING`)

// tagKey stands for a UTM value, which may be too long for a unique key.
func tagKey(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:16])
}

// TagNames implements usecase.OutsideStore: what the rollups and the links
// know.
func (s *Store) TagNames(ctx context.Context, projectID string) ([]string, error) {
	names, err := texts(ctx, s.read, `SELECT utm_source FROM rollup_sources WHERE project_id = ?0 UNION SELECT utm_medium FROM rollup_sources WHERE project_id = ?0
		UNION SELECT utm_campaign FROM rollup_sources WHERE project_id = ?0 UNION SELECT utm_content FROM rollup_sources WHERE project_id = ?0
		UNION SELECT utm_term FROM rollup_sources WHERE project_id = ?0`, projectID)
	if err != nil {
		return nil, mapError("read UTM values", err)
	}
	links, err := s.ReportLinks(ctx, projectID)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, name := range names {
		seen[name] = true
	}
	for _, l := range links {
		for _, name := range []string{l.UTM.Source, l.UTM.Medium, l.UTM.Campaign, l.UTM.Content, l.UTM.Term} {
			seen[name] = true
		}
	}
	delete(seen, "")
	return slices.Sorted(maps.Keys(seen)), nil
}

// tagStep is how many values are looked up at once.
const tagStep = 500

// TagIDs implements usecase.OutsideStore. Only values never seen before are
// written.
func (s *Store) TagIDs(ctx context.Context, projectID string, names []string) (map[string]int64, error) {
	out := map[string]int64{}
	if err := s.tagIDs(ctx, projectID, names, out); err != nil {
		return nil, err
	}
	var added [][]any
	var unknown []string
	for _, name := range slices.Sorted(slices.Values(names)) {
		if _, ok := out[name]; !ok {
			unknown = append(unknown, name)
			added = append(added, row(projectID, tagKey(name), name))
		}
	}
	if len(added) == 0 {
		return out, nil
	}
	err := s.bulk(ctx, "number UTM values", func(ctx context.Context, r runner) error {
		r.queue(insertTags, added, nil)
		return r.flush(ctx)
	})
	if err != nil {
		return nil, err
	}
	return out, s.tagIDs(ctx, projectID, unknown, out)
}

func (s *Store) tagIDs(ctx context.Context, projectID string, names []string, out map[string]int64) error {
	for chunk := range slices.Chunk(names, tagStep) {
		keys := make([]string, len(chunk))
		for i, name := range chunk {
			keys[i] = tagKey(name)
		}
		rows, err := s.read.QueryContext(ctx, "SELECT id, name FROM utm_tags WHERE project_id = ? AND name_key IN (?)", projectID, bun.List(keys))
		if err != nil {
			return mapError("read numbers of UTM values", err)
		}
		err = each(rows, func(r scanner) error {
			var tag usecase.Tag
			err := r.Scan(&tag.ID, &tag.Name)
			out[tag.Name] = tag.ID
			return err
		})
		if err != nil {
			return mapError("read numbers of UTM values", err)
		}
	}
	return nil
}

// Tags implements usecase.OutsideStore.
func (s *Store) Tags(ctx context.Context, projectID string, limit int) ([]usecase.Tag, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT id, name FROM utm_tags WHERE project_id = ? ORDER BY id LIMIT ?", projectID, limit)
	if err != nil {
		return nil, mapError("read numbers of UTM values", err)
	}
	var out []usecase.Tag
	err = each(rows, func(r scanner) error {
		var tag usecase.Tag
		err := r.Scan(&tag.ID, &tag.Name)
		out = append(out, tag)
		return err
	})
	return out, mapError("read numbers of UTM values", err)
}

var _ usecase.OutsideStore = (*Store)(nil)
