package store

import (
	"cmp"
	"context"
	"slices"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// The arguments of what Load asks for.
type (
	personKeyRow struct {
		ProjectNo int64  `bun:"project_no"`
		Messenger string `bun:"messenger"`
		UserID    int64  `bun:"user_id"`
	}
	clickStartRow struct {
		ProjectNo  int64  `bun:"project_no"`
		StartValue string `bun:"start_value"`
	}
	senderKeyRow struct {
		ProjectNo int64  `bun:"project_no"`
		Messenger string `bun:"messenger"`
		Key       string `bun:"key"`
	}
	holderRow struct {
		No      int64 `bun:"no"`
		Guessed bool  `bun:"guessed"`
	}
)

// keyUseRow is the event that a sender's key belongs to.
type keyUseRow struct {
	ProjectNo int64  `bun:"project_no"`
	Messenger string `bun:"messenger"`
	Key       string `bun:"key"`
	EventID   key    `bun:"event_id"`
	At        stamp  `bun:"at"`
	Same      bool   `bun:"same"`
}

// claimedColumns are a click c, who started with it, and the ids of those that
// its row names by numbers, joined by claimedJoins.
var claimedColumns = clickColumns + ", coalesce(c.claimed_by, 0), c.claimed_guess, h.id, coalesce(k.id, '')"

const claimedJoins = " LEFT JOIN people h ON h.no = c.claimed_by LEFT JOIN links k ON k.no = c.link_no "

var (
	lockPeople = bulk.Define[personKeyRow](`SELECT ` + bulk.Columns[personRow]("p") + ` FROM {rows} people p
		WHERE p.project_no = {project_no} AND p.user_id = {user_id} AND p.messenger = {messenger} AND p.user_id <> 0
		ORDER BY p.project_no, p.user_id, p.messenger {lock p}`)
	lockClicksByStart = bulk.Define[clickStartRow](
		`SELECT ` + claimedColumns + ` FROM {rows} clicks c` + claimedJoins + `
		WHERE c.project_no = {project_no} AND c.start_value = {start_value} ORDER BY c.no {lock c}`)
	keyUses = bulk.Define[senderKeyRow](`SELECT ` + bulk.Columns[keyUseRow]("k") + ` FROM {rows} event_keys k
		WHERE k.project_no = {project_no} AND k.messenger = {messenger} AND k.key = {key}`)
	takenEvents = bulk.Define[idRow](`SELECT v.id FROM {rows} events v WHERE v.id = {id}`)

	lockHolders = bulk.Define[holderRow](`SELECT ` + bulk.Columns[personRow]("p") + ` FROM {rows} people p
		WHERE p.no = {no} AND ({guessed} OR p.user_id = 0) ORDER BY p.no {lock p}`)
	clicksByID = bulk.Define[idRow](`SELECT ` + claimedColumns + ` FROM {rows} clicks c` + claimedJoins + `
		WHERE c.id = {id}`)
	waitingGoals = bulk.Define[noRow](`SELECT ` + bulk.Columns[waitingRow]("w") + ` FROM {rows} waiting_goals w
		WHERE w.person_no = {no} ORDER BY w.occurred_at, w.event_id`)
)

// loading gathers the state of a batch.
type loading struct {
	*ingestTx
	needs usecase.IngestNeeds
	state *usecase.IngestState

	projectIDs map[int64]string
}

// Load implements usecase.IngestTx. It takes two round trips, a third where
// somebody else holds a click. People who are not there yet can not be locked:
// when another batch makes one of them first, Save finds out and the batch is
// repeated.
func (t *ingestTx) Load(ctx context.Context, n usecase.IngestNeeds) (*usecase.IngestState, error) {
	l, err := t.loading(ctx, n)
	if err != nil {
		return nil, err
	}
	l.loadPeople()
	l.loadNamed()
	if err := l.makeRuled(ctx); err != nil {
		return nil, err
	}
	l.loadStarts()
	l.loadInvites()
	l.loadRepeats()
	l.loadGuesses()
	l.loadChannels()
	if err := l.Flush(ctx); err != nil {
		return nil, err
	}
	l.newPeople()
	l.loadPermanent()
	l.loadHolders()
	l.loadTouched()
	l.loadLinks()
	l.loadWaiting()
	l.loadInvited()
	l.loadMemberships()
	if err := l.Flush(ctx); err != nil {
		return nil, err
	}
	l.loadTouched() // of those who hold a click
	l.loadLinks()
	return l.state, l.Flush(ctx)
}

var episodesOf = bulk.Define[noRow](`SELECT e.no, e.id, e.opened_at, e.person_no FROM {rows} episodes e
	WHERE e.person_no = {no}`)

// Episodes implements usecase.IngestTx.
func (t *ingestTx) Episodes(ctx context.Context, ids []string) (map[string][]domain.EpisodeStart, error) {
	rows, idOf := make([]noRow, len(ids)), map[int64]string{}
	for i, id := range ids {
		rows[i] = noRow{t.people[id]}
		idOf[t.people[id]] = id
	}
	out := map[string][]domain.EpisodeStart{}
	episodesOf.Queue(t.Tx, rows, func(r bulk.Scanner) error {
		var no, personNo int64
		var id key
		var at stamp
		if err := r.Scan(&no, &id, &at, &personNo); err != nil {
			return err
		}
		t.episodes[id.text()] = no
		out[idOf[personNo]] = append(out[idOf[personNo]], domain.EpisodeStart{ID: id.text(), At: at.time()})
		return nil
	})
	if err := t.Flush(ctx); err != nil {
		return nil, err
	}
	for _, es := range out {
		slices.SortFunc(es, func(a, b domain.EpisodeStart) int { return a.At.Compare(b.At) })
	}
	return out, nil
}

func (t *ingestTx) loading(ctx context.Context, n usecase.IngestNeeds) (*loading, error) {
	l := &loading{
		ingestTx: t, needs: n, state: &usecase.IngestState{
			Subscribers: map[domain.SubscriberKey]*domain.Subscriber{}, ByID: map[string]*domain.Subscriber{},
			Links: map[string]*domain.Link{}, LinkByStart: map[usecase.StartKey]*domain.Link{},
			LinkByInvite: map[usecase.InviteKey]*domain.Link{}, LinksByCut: map[usecase.InviteKey][]*domain.Link{},
			ClickByStart: map[usecase.StartKey]*usecase.ClaimedClick{},
			ClickByID:    map[string]*usecase.ClaimedClick{}, Guesses: map[string][]*usecase.ClaimedClick{},
			GuessesByLink: map[string][]*usecase.ClaimedClick{}, SenderKeys: map[usecase.SenderKey]usecase.KeyUse{},
			Waiting: map[string][]usecase.WaitingGoal{}, Taken: map[string]bool{},
			Memberships: map[string]map[domain.Place]*domain.Membership{}, Channels: map[string]domain.ChatID{},
		},
		projectIDs: map[int64]string{},
	}
	if err := t.know(ctx, n.ProjectIDs()); err != nil {
		return nil, err
	}
	for id, no := range t.projects {
		l.projectIDs[no] = id
	}
	return l, nil
}

// person notes a subscriber and the numbers that go with them.
func (l *loading) person(r bulk.Scanner) (*domain.Subscriber, error) {
	var row personRow
	if err := r.Scan(bulk.Into(&row)...); err != nil {
		return nil, err
	}
	s := row.subscriber(l.projectIDs[row.ProjectNo])
	l.state.ByID[s.ID] = s
	l.people[s.ID], l.episodes[s.EpisodeID] = row.No, row.EpisodeNo
	l.listed[row.No] = listedOf(&row)
	return s, nil
}

func (l *loading) loadPeople() {
	lock := make([]personKeyRow, len(l.needs.Subscribers))
	for i, k := range l.needs.Subscribers {
		lock[i] = personKeyRow{l.projects[k.ProjectID], k.Messenger, k.UserID}
	}
	lockPeople.Queue(l.Tx, lock, func(r bulk.Scanner) error {
		s, err := l.person(r)
		if err == nil {
			l.state.Subscribers[s.SubscriberKey] = s
		}
		return err
	})
}

// loadNamed reads people whose ids the use case knows.
func (l *loading) loadNamed() {
	var rows []holderRow
	for _, id := range l.needs.People {
		rows = append(rows, holderRow{l.people[id], true})
	}
	slices.SortFunc(rows, func(a, b holderRow) int { return cmp.Compare(a.No, b.No) })
	lockHolders.Queue(l.Tx, rows, func(r bulk.Scanner) error {
		_, err := l.person(r)
		return err
	})
}

// newPeople makes those who are not there yet; Save inserts them.
func (l *loading) newPeople() {
	for _, k := range l.needs.Subscribers {
		if l.state.Subscribers[k] != nil {
			continue
		}
		s := &domain.Subscriber{
			SubscriberKey: k, ID: l.needs.NewIDs[k], FirstSeen: l.needs.Now, Person: domain.Person{ID: k.UserID},
		}
		l.state.Subscribers[k], l.state.ByID[s.ID] = s, s
		l.fresh[s.ID] = true
	}
}

func (l *loading) loadStarts() {
	var rows []clickStartRow
	for _, k := range l.needs.Starts {
		rows = append(rows, clickStartRow{l.projects[k.ProjectID], k.Value})
	}
	lockClicksByStart.Queue(l.Tx, rows, func(r bulk.Scanner) error {
		c, err := l.click(r)
		if err == nil {
			l.state.ClickByStart[usecase.StartKey{ProjectID: c.ProjectID, Value: c.StartValue}] = c
		}
		return err
	})
}

func (l *loading) loadRepeats() {
	var keys []senderKeyRow
	var events []idRow
	for _, k := range l.needs.SenderKeys {
		keys = append(keys, senderKeyRow{l.projects[k.ProjectID], k.Messenger, k.Key})
	}
	for _, id := range l.needs.EventIDs {
		events = append(events, idRow{keyOf(id)})
	}
	keyUses.Queue(l.Tx, keys, func(r bulk.Scanner) error {
		var row keyUseRow
		err := r.Scan(bulk.Into(&row)...)
		k := usecase.SenderKey{ProjectID: l.projectIDs[row.ProjectNo], Messenger: row.Messenger, Key: row.Key,
			Same: row.Same}
		l.state.SenderKeys[k] = usecase.KeyUse{EventID: row.EventID.text(), At: row.At.time()}
		return err
	})
	takenEvents.Queue(l.Tx, events, func(r bulk.Scanner) error {
		var id key
		err := r.Scan(&id)
		l.state.Taken[id.text()] = true
		return err
	})
}

// loadHolders locks who holds a click that may still be taken from them: those
// nobody knows, and those whose click is a guess.
func (l *loading) loadHolders() {
	guessed := map[int64]bool{}
	for _, c := range l.state.ClickByStart {
		if no := l.people[c.ClaimedBy]; no != 0 && l.state.ByID[c.ClaimedBy] == nil {
			guessed[no] = guessed[no] || c.Guessed
		}
	}
	var rows []holderRow
	for no, guess := range guessed {
		rows = append(rows, holderRow{no, guess})
	}
	slices.SortFunc(rows, func(a, b holderRow) int { return cmp.Compare(a.No, b.No) })
	lockHolders.Queue(l.Tx, rows, func(r bulk.Scanner) error {
		_, err := l.person(r)
		return err
	})
}

// loadTouched reads the clicks of people's touches.
func (l *loading) loadTouched() {
	seen := map[string]bool{}
	var rows []idRow
	for _, s := range l.state.ByID {
		for _, t := range s.Touches {
			if t.ClickID != "" && !seen[t.ClickID] && l.state.ClickByID[t.ClickID] == nil {
				seen[t.ClickID] = true
				rows = append(rows, idRow{keyOf(t.ClickID)})
			}
		}
	}
	clicksByID.Queue(l.Tx, rows, func(r bulk.Scanner) error {
		_, err := l.click(r)
		return err
	})
}

// loadWaiting reads the goals that wait for people's starts.
func (l *loading) loadWaiting() {
	ids := map[int64]string{}
	var rows []noRow
	for _, s := range l.state.ByID {
		if s.WaitingGoals > 0 {
			ids[l.people[s.ID]] = s.ID
			rows = append(rows, noRow{l.people[s.ID]})
		}
	}
	waitingGoals.Queue(l.Tx, rows, func(r bulk.Scanner) error {
		var row waitingRow
		err := r.Scan(bulk.Into(&row)...)
		id := ids[row.PersonNo]
		l.state.Waiting[id] = append(l.state.Waiting[id], row.goal(l.projectIDs[row.ProjectNo], id))
		return err
	})
}

// erased holds a click whose person is gone.
const erased = "erased"

// click reads a click; one that was found before stays the same value, since
// a decision about it must be seen wherever it stands.
func (l *loading) click(r bulk.Scanner) (*usecase.ClaimedClick, error) {
	var row clickRow
	var by int64
	var guessed bool
	var holder key
	var linkID string
	if err := r.Scan(append(bulk.Into(&row), &by, &guessed, &holder, &linkID)...); err != nil {
		return nil, err
	}
	c := &usecase.ClaimedClick{
		Click: row.click(l.projectIDs[row.ProjectNo], linkID), ClaimedBy: holder.text(), Guessed: guessed,
	}
	if known := l.state.ClickByID[c.ID]; known != nil {
		return known, nil
	}
	l.state.ClickByID[c.ID], l.clicks[c.ID], l.links[linkID] = c, row.No, row.LinkNo
	switch {
	case c.ClaimedBy != "":
		l.people[c.ClaimedBy] = by
	case by != 0:
		c.ClaimedBy = erased
	}
	return c, nil
}
