package store

import (
	"cmp"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// membershipRow is a person's subscription to a place that is not the project's
// own, or was once.
type membershipRow struct {
	bun.BaseModel `bun:"table:memberships,alias:m"`
	PersonNo      int64        `bun:"person_no,pk"`
	Place         domain.Place `bun:"place,pk"`
	ProjectNo     int64        `bun:"project_no"`
	Subscribed    bool         `bun:"subscribed"`
	JoinedAt      stamp        `bun:"joined_at"`
	LeftAt        stamp        `bun:"left_at"`
	ToldAt        stamp        `bun:"told_at"`
	EpisodeNo     int64        `bun:"episode_no"`
	EpisodeID     key          `bun:"episode_id"`
}

func (r membershipRow) membership() domain.Membership {
	return domain.Membership{
		Place: r.Place, In: r.Subscribed, JoinedAt: r.JoinedAt.time(), LeftAt: r.LeftAt.time(),
		EpisodeID: r.EpisodeID.text(),
	}
}

// learnRow is a project and the channel that is its own.
type learnRow struct {
	No        int64 `bun:"no"`
	ChannelID int64 `bun:"channel_id"`
}

var (
	lockChannels = bulk.Define[noRow](`SELECT p.no, p.channel_id FROM {rows} projects p
		WHERE p.no = {no} ORDER BY p.no {lock p}`)
	learnChannels = bulk.Define[learnRow](`UPDATE projects SET channel_id = {channel_id} {from}
		WHERE projects.no = {no} AND projects.channel_id = 0`)
	membershipsOf = bulk.Define[noRow](`SELECT ` + bulk.Columns[membershipRow]("m") + ` FROM {rows} memberships m
		WHERE m.person_no = {no}`)
	keepMemberships = bulk.Define[membershipRow](`INSERT INTO memberships ({columns}) {values}
		ON CONFLICT (person_no, place) DO UPDATE SET subscribed = EXCLUDED.subscribed,
		joined_at = EXCLUDED.joined_at, left_at = EXCLUDED.left_at, told_at = EXCLUDED.told_at,
		episode_no = EXCLUDED.episode_no, episode_id = EXCLUDED.episode_id`)
)

// loadChannels locks the projects that may learn their channel: two batches
// that are told of two channels must not both learn.
func (l *loading) loadChannels() {
	var nos []int64
	for _, id := range l.needs.Channels {
		nos = append(nos, l.projects[id])
	}
	slices.Sort(nos)
	lockChannels.Queue(l.Tx, noRows(nos), func(r bulk.Scanner) error {
		var row learnRow
		err := r.Scan(bulk.Into(&row)...)
		l.state.Channels[l.projectIDs[row.No]] = domain.ChatID(row.ChannelID)
		return err
	})
}

// loadMemberships reads the other places of people of whom something is told
// that happened there, or whose project has another place of its own now.
func (l *loading) loadMemberships() {
	ids := map[int64]string{}
	for k, s := range l.state.Subscribers {
		own := l.needs.Own[k.ProjectID]
		if id := l.state.Channels[k.ProjectID]; id != 0 {
			own = domain.Place(id)
		}
		if l.people[s.ID] != 0 && (l.needs.Elsewhere[k] || s.Place != own) {
			ids[l.people[s.ID]] = s.ID
		}
	}
	membershipsOf.Queue(l.Tx, noRows(slices.Sorted(maps.Keys(ids))), func(r bulk.Scanner) error {
		var row membershipRow
		if err := r.Scan(bulk.Into(&row)...); err != nil {
			return err
		}
		id, m := ids[row.PersonNo], row.membership()
		if l.state.Memberships[id] == nil {
			l.state.Memberships[id] = map[domain.Place]*domain.Membership{}
		}
		l.state.Memberships[id][m.Place] = &m
		l.episodes[m.EpisodeID] = row.EpisodeNo
		return nil
	})
}

// saveMemberships queues the other places and the channels that were learned.
func (t *ingestTx) saveMemberships(c *usecase.IngestChanges) {
	var learned []learnRow
	for _, l := range c.Channels {
		learned = append(learned, learnRow{t.projects[l.ProjectID], int64(l.ChannelID)})
	}
	slices.SortFunc(learned, func(a, b learnRow) int { return cmp.Compare(a.No, b.No) })
	var rows []membershipRow
	for _, m := range c.Memberships {
		rows = append(rows, membershipRow{
			PersonNo: t.people[m.SubscriberID], Place: m.Place, ProjectNo: t.projects[m.ProjectID],
			Subscribed: m.In, JoinedAt: stamp(m.JoinedAt), LeftAt: stamp(m.LeftAt), ToldAt: stamp(c.Now),
			EpisodeNo: t.episodes[m.EpisodeID], EpisodeID: keyOf(m.EpisodeID),
		})
	}
	learnChannels.Queue(t.Tx, learned, nil)
	keepMemberships.Queue(t.Tx, rows, nil)
}
