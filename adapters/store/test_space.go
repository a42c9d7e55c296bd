package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// EraseTest implements usecase.TestStore.
func (s *Store) EraseTest(ctx context.Context, projectID string) error {
	id := domain.TestSpace(projectID)
	no, err := s.projectNo(ctx, id)
	if err != nil {
		return mapError("erase test people", err)
	}
	if err := s.purgeRows(ctx, id, no); err != nil {
		return err
	}
	for _, t := range projectTables {
		if t.byID {
			continue
		}
		if err := s.purgeTable(ctx, t, id, no); err != nil {
			return err
		}
	}
	return nil
}

// TestClicked implements usecase.TestStore.
func (s *Store) TestClicked(ctx context.Context, projectID string) (bool, error) {
	no, err := s.projectNo(ctx, domain.TestSpace(projectID))
	if err != nil {
		return false, mapError("look for a test click", err)
	}
	clicked, err := s.read.NewSelect().Model((*clickRow)(nil)).Where("c.project_no = ?", no).Exists(ctx)
	return clicked, mapError("look for a test click", err)
}

// ConversionWithClick implements usecase.PreviewStore.
func (s *Store) ConversionWithClick(ctx context.Context, projectID, id string) (domain.Conversion, error) {
	const doing = "read a conversion"
	found, _, err := s.Conversions(ctx, usecase.ConversionFilter{ProjectID: projectID, ID: id}, usecase.Page{Limit: 1})
	switch {
	case err != nil:
		return domain.Conversion{}, err
	case len(found) == 0:
		return domain.Conversion{}, fmt.Errorf("conversion %s: %w", id, domain.ErrNotFound)
	}
	c := found[0]
	if c.ClickID == "" {
		return c, nil
	}
	var row clickRow
	err = s.read.NewSelect().Model(&row).Where("c.id = ?", keyOf(c.ClickID)).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) { // it was too old
		return c, nil
	}
	if err != nil {
		return c, mapError(doing, err)
	}
	links, err := s.linkIDs(ctx, []int64{row.LinkNo})
	if err != nil {
		return c, mapError(doing, err)
	}
	click := row.click(projectID, links[row.LinkNo])
	c.Click = &click
	return c, nil
}
