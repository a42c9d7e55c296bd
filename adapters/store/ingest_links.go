package store

import (
	"slices"
	"strings"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

type (
	linkStartRow struct {
		ProjectID  string `bun:"project_id"`
		StartValue string `bun:"start_value"`
	}
	inviteRow struct {
		ProjectID string `bun:"project_id"`
		InviteKey string `bun:"invite_key"`
		Cut       string `bun:"cut"` // how an address begins that was cut
		Name      string `bun:"name"`
	}
)

var (
	linksByStart = bulk.Define[linkStartRow](`SELECT ` + bulk.Columns[linkRow]("l") + ` FROM {rows} links l
		WHERE l.project_id = {project_id} AND l.start_value = {start_value}`)
	linksByInvite = bulk.Define[inviteRow](`SELECT ` + bulk.Columns[linkRow]("l") + ` FROM {rows} links l
		WHERE l.project_id = {project_id} AND ((l.invite_key <> '' AND l.invite_key = {invite_key})
		OR ({cut} <> '' AND substr(l.invite_key, 1, length({cut})) = {cut})
		OR (l.name = {name} AND {name} <> '')) ORDER BY l.id`)
	linksByID = bulk.Define[textIDRow](`SELECT ` + bulk.Columns[linkRow]("l") + ` FROM {rows} links l
		WHERE l.id = {id}`)
)

// loadPermanent finds the links whose own start values the starts name: those
// that are no click's.
func (l *loading) loadPermanent() {
	var rows []linkStartRow
	for _, k := range l.needs.Starts {
		if l.state.ClickByStart[k] == nil {
			rows = append(rows, linkStartRow{k.ProjectID, k.Value})
		}
	}
	linksByStart.Queue(l.Tx, rows, func(r bulk.Scanner) error {
		link, err := l.link(r)
		if err == nil {
			l.state.LinkByStart[usecase.StartKey{ProjectID: link.ProjectID, Value: link.StartValue}] = link
		}
		return err
	})
}

// loadInvites finds the links that joins name; the address says more than the
// name, and of several of a name the newest is meant. Of a link that another
// administrator made Telegram tells how its address begins: that is a guess
// where it is the only one that begins so.
func (l *loading) loadInvites() {
	var rows []inviteRow
	for _, k := range l.needs.Invites {
		address, cut := inviteKey(k.Address), ""
		if begin, is := domain.CutLink(address); is {
			address, cut = "", begin
		}
		rows = append(rows, inviteRow{k.ProjectID, address, cut, k.Name})
	}
	byAddress := map[usecase.InviteKey]bool{}
	linksByInvite.Queue(l.Tx, rows, func(r bulk.Scanner) error {
		link, err := l.link(r)
		if err != nil {
			return err
		}
		for _, k := range l.needs.Invites {
			if k.ProjectID != link.ProjectID {
				continue
			}
			address := inviteKey(k.Address)
			begin, cut := domain.CutLink(address)
			if cut && strings.HasPrefix(inviteKey(link.InviteLink), begin) &&
				!slices.Contains(l.state.LinksByCut[k], link) {
				l.state.LinksByCut[k] = append(l.state.LinksByCut[k], link)
			}
			switch {
			case address != "" && address == inviteKey(link.InviteLink):
				l.state.LinkByInvite[k], byAddress[k] = link, true
			case k.Name != "" && k.Name == link.Name && !byAddress[k]:
				l.state.LinkByInvite[k] = link
			}
		}
		return nil
	})
}

// loadLinks reads the links of the clicks and touches found so far.
func (l *loading) loadLinks() {
	seen := map[string]bool{}
	var rows []textIDRow
	add := func(id string) {
		if id != "" && !seen[id] && l.state.Links[id] == nil {
			seen[id] = true
			rows = append(rows, textIDRow{id})
		}
	}
	for _, c := range l.state.ClickByID {
		add(c.LinkID)
	}
	for _, id := range l.needs.RuledLinks {
		add(id)
	}
	for _, s := range l.state.ByID {
		for _, t := range s.Touches {
			add(t.LinkID)
		}
	}
	linksByID.Queue(l.Tx, rows, func(r bulk.Scanner) error {
		_, err := l.link(r)
		return err
	})
}

func (l *loading) link(r bulk.Scanner) (*domain.Link, error) {
	var row linkRow
	if err := r.Scan(bulk.Into(&row)...); err != nil {
		return nil, err
	}
	if known := l.state.Links[row.ID]; known != nil {
		return known, nil
	}
	link := row.link()
	l.state.Links[link.ID], l.links[link.ID] = &link, row.No
	return &link, nil
}
