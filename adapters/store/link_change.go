package store

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// addressRow is a row of link_addresses.
type addressRow struct {
	bun.BaseModel `bun:"table:link_addresses,alias:a"`

	Address   string `bun:"address,pk"`
	ProjectID string `bun:"project_id"`
	LinkID    string `bun:"link_id"`
}

// CreateLink keeps a link without asking whether its name is taken.
func (s *Store) CreateLink(ctx context.Context, l domain.Link) error {
	return s.ChangeLinks(ctx, l.ProjectID, func(ctx context.Context, tx usecase.LinkTx) error {
		return tx.CreateLinks(ctx, []domain.Link{l})
	})
}

// ChangeLinks implements usecase.ProjectStore.
func (s *Store) ChangeLinks(
	ctx context.Context, projectID string, change func(ctx context.Context, tx usecase.LinkTx) error,
) error {
	return s.inTx(ctx, "change links", func(ctx context.Context, tx bun.Tx) error {
		if !s.sqlite { // which has one writer anyway
			const lock = "SELECT pg_advisory_xact_lock(hashtext('tgtrack links ' || current_schema() || ?))"
			if _, err := tx.NewRaw(lock, projectID).Exec(ctx); err != nil {
				return err
			}
		}
		return change(ctx, &linkTx{tx, s, projectID})
	})
}

// linkTx changes the links of a project.
type linkTx struct {
	tx        bun.Tx
	s         *Store
	projectID string
}

// Links implements usecase.LinkTx.
func (t *linkTx) Links(ctx context.Context) ([]domain.Link, error) {
	var rows []linkRow
	err := t.tx.NewSelect().Model(&rows).Where("l.project_id = ?", t.projectID).Order("l.id").Scan(ctx)
	return convert(rows, linkRow.link), err
}

// Link implements usecase.LinkTx.
func (t *linkTx) Link(ctx context.Context, id string) (domain.Link, error) {
	var r linkRow
	err := t.tx.NewSelect().Model(&r).Where("l.id = ?", id).Where("l.project_id = ?", t.projectID).Scan(ctx)
	return r.link(), mapError("read link "+id, err)
}

// linksAtOnce is how many rows one statement writes or asks for.
const linksAtOnce = 500

// LinksAt implements usecase.LinkTx.
func (t *linkTx) LinksAt(ctx context.Context, addresses []string) (map[string]string, error) {
	out := map[string]string{}
	for some := range slices.Chunk(addresses, linksAtOnce) {
		var rows []addressRow
		if err := t.tx.NewSelect().Model(&rows).Where("a.address IN (?)", bun.List(some)).Scan(ctx); err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.Address] = r.LinkID
		}
		var ids []string // a link of the demo has a word as its id
		err := t.tx.NewSelect().Model((*linkRow)(nil)).Column("id").Where("l.id IN (?)", bun.List(some)).Scan(ctx, &ids)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			out[id] = id
		}
	}
	return out, nil
}

// CreateLinks implements usecase.LinkTx.
func (t *linkTx) CreateLinks(ctx context.Context, ls []domain.Link) error {
	for some := range slices.Chunk(ls, linksAtOnce) {
		rows := convert(some, func(l domain.Link) *linkRow { return newLinkRow(l) })
		if _, err := t.tx.NewInsert().Model(&rows).Returning("NULL").Exec(ctx); err != nil {
			return err
		}
		if err := t.keepAddresses(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

// nameRow is a row of link_names: a name that a link had.
type nameRow struct {
	bun.BaseModel `bun:"table:link_names,alias:n"`

	ProjectID string `bun:"project_id,pk"`
	LinkID    string `bun:"link_id,pk"`
	Name      string `bun:"name,pk"`
}

// formerNames are those that the links of a name had before.
func (s *Store) formerNames(ctx context.Context, projectID, name string) (names []string, err error) {
	err = s.read.NewSelect().Model((*nameRow)(nil)).Distinct().Column("name").
		Join("JOIN links AS l ON l.id = n.link_id").Where("n.project_id = ?", projectID).
		Where("l.project_id = ?", projectID).Where("l.name = ?", name).Where("n.name <> ?", name).Scan(ctx, &names)
	return names, err
}

// renamed gives the names of today of the links that had some names, by those;
// only where one link alone has or had the name.
func (s *Store) renamed(ctx context.Context, projectID string, names []string) (map[string]string, error) {
	var rows []struct {
		Was  string `bun:"was"`
		Name string `bun:"name"`
	}
	ofProject := func() *bun.SelectQuery {
		return s.read.NewSelect().Model((*linkRow)(nil)).ColumnExpr("l.name").Where("l.project_id = ?", projectID)
	}
	had := ofProject().ColumnExpr("n.name AS was").Join("JOIN link_names AS n ON n.link_id = l.id").
		Where("n.project_id = ?", projectID).Where("n.name IN (?)", bun.List(names)).Where("n.name <> l.name")
	has := ofProject().ColumnExpr("l.name AS was").Where("l.name IN (?)", bun.List(names))
	if err := had.UnionAll(has).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out, links := map[string]string{}, map[string]int{}
	for _, r := range rows {
		out[r.Was] = r.Name
		links[r.Was]++
	}
	maps.DeleteFunc(out, func(was, _ string) bool { return links[was] > 1 })
	return out, nil
}

// keepName keeps the name that a link has before it gets another.
func (t *linkTx) keepName(ctx context.Context, l domain.Link) error {
	was, err := t.Link(ctx, l.ID)
	if err != nil || was.Name == l.Name {
		return err
	}
	_, err = t.tx.NewInsert().Model(&nameRow{ProjectID: l.ProjectID, LinkID: l.ID, Name: was.Name}).
		On("CONFLICT (project_id, link_id, name) DO NOTHING").Exec(ctx)
	return err
}

// UpdateLink implements usecase.LinkTx.
func (t *linkTx) UpdateLink(ctx context.Context, l domain.Link) error {
	if err := t.keepName(ctx, l); err != nil {
		return err
	}
	n, err := changed(t.tx.NewUpdate().Model(newLinkRow(l)).
		Column("name", "invite_link", "invite_key", "utm", "open_page", "slug", "tags", "archived_at").
		Where("l.id = ?", l.ID).Exec(ctx))
	if err := orNotFound(n, err, "link", l.ID); err != nil {
		return err
	}
	return t.keepAddresses(ctx, []domain.Link{l})
}

// keepAddresses keeps the readable addresses of links, beside those that they
// had. One that another project took since it was asked for makes the change
// begin anew, which then sees it.
func (t *linkTx) keepAddresses(ctx context.Context, ls []domain.Link) error {
	var rows []addressRow
	for _, l := range ls {
		if l.Slug != "" {
			rows = append(rows, addressRow{Address: l.Slug, ProjectID: l.ProjectID, LinkID: l.ID})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	slices.SortFunc(rows, func(a, b addressRow) int { return cmp.Compare(a.Address, b.Address) })
	_, err := t.tx.NewInsert().Model(&rows).On("CONFLICT (address) DO NOTHING").Exec(ctx)
	if err != nil {
		return err
	}
	kept, err := t.LinksAt(ctx, convert(rows, func(r addressRow) string { return r.Address }))
	for _, r := range rows {
		if err == nil && kept[r.Address] != r.LinkID {
			return errMetAnother
		}
	}
	return err
}

// DeleteLink implements usecase.LinkTx.
func (t *linkTx) DeleteLink(ctx context.Context, id string) error {
	for _, table := range []string{"link_addresses", "link_names", "link_placeholders", "crowded_visits"} {
		_, err := t.tx.NewDelete().Table(table).Where("project_id = ?", t.projectID).Where("link_id = ?", id).Exec(ctx)
		if err != nil {
			return err
		}
	}
	n, err := changed(t.tx.NewDelete().Model((*linkRow)(nil)).Where("l.id = ?", id).
		Where("l.project_id = ?", t.projectID).Exec(ctx))
	return orNotFound(n, err, "link", id)
}

// LinkUses implements usecase.LinkTx.
func (t *linkTx) LinkUses(ctx context.Context, id string) (domain.LinkUses, error) {
	return linkUses(ctx, t.tx, t.projectID, id)
}

// LinkUses implements usecase.ProjectStore.
func (s *Store) LinkUses(ctx context.Context, projectID, linkID string) (domain.LinkUses, error) {
	u, err := linkUses(ctx, s.read, projectID, linkID)
	return u, mapError("look at what is kept of link "+linkID, err)
}

// linkUses looks at what is kept of a link. A start of somebody who was there
// already opens nothing, and stands in the figures alone; visits that made no
// click had visitors all the same.
func linkUses(ctx context.Context, db bun.IDB, projectID, id string) (u domain.LinkUses, err error) {
	link := func(expr string) *bun.SelectQuery {
		return db.NewSelect().TableExpr("links AS l").ColumnExpr(expr).Where("l.id = ?", id).
			Where("l.project_id = ?", projectID)
	}
	of := func(table string) *bun.SelectQuery {
		return db.NewSelect().Table(table).ColumnExpr("1").Where("project_id = ?", projectID).Where("link_id = ?", id)
	}
	var no int64
	if err := link("l.no").Scan(ctx, &no); err != nil {
		return u, err
	}
	kept := func(table, number string) *bun.SelectQuery {
		return db.NewSelect().TableExpr("?", bun.Ident(table)).ColumnExpr("1").Where("? = ?", bun.Ident(number), no)
	}
	counted := kept("rollup_sources", "link_no").
		Where("project_no = (SELECT p.no FROM projects AS p WHERE p.id = ?)", projectID)
	for _, use := range []struct {
		is    *bool
		query *bun.SelectQuery
	}{
		{&u.Clicks, kept("clicks", "link_no").Where("robot = FALSE")},
		{&u.Clicks, link("1").Where("l.clicks_gone > 0")},
		{&u.Clicks, of("crowded_visits")},
		{&u.Starts, kept("episodes", "link_no").Where("link_no <> 0").Where("project_no > 0")},
		{&u.Starts, counted},
		{&u.Costs, of("link_costs")},
		{&u.Rules, of("start_rules")},
	} {
		if *use.is {
			continue
		}
		if *use.is, err = use.query.Exists(ctx); err != nil {
			return u, err
		}
	}
	return u, nil
}

// LinkAddresses implements usecase.ProjectStore.
func (s *Store) LinkAddresses(ctx context.Context, projectID, linkID string) (out []string, err error) {
	err = s.read.NewSelect().Model((*addressRow)(nil)).Column("address").Where("a.project_id = ?", projectID).
		Where("a.link_id = ?", linkID).Order("a.address").Scan(ctx, &out)
	return out, mapError("list addresses of link "+linkID, err)
}
