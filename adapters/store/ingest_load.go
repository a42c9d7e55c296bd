package store

import (
	"context"
	"slices"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// candidates is the most unclaimed clicks that are looked at for a guess.
const candidates = "50"

var (
	lockPeople = define("project_id text, messenger text, user_id int",
		`SELECT `+subscriberColumns+` FROM {rows} subscribers s
		WHERE s.project_id = {project_id} AND s.messenger = {messenger} AND s.user_id = {user_id} AND s.user_id <> 0
		ORDER BY s.project_id, s.messenger, s.user_id {lock s}`)
	lockClicksByStart = define("project_id text, start_value text",
		`SELECT `+claimedColumns+` FROM {rows} clicks c WHERE c.project_id = {project_id} AND c.start_value = {start_value} ORDER BY c.id {lock c}`)
	linksByStart = define("project_id text, start_value text",
		`SELECT `+linkColumns+` FROM {rows} links l WHERE l.project_id = {project_id} AND l.start_value = {start_value}`)
	linksByInvite = define("project_id text, invite_key text, name text",
		`SELECT `+linkColumns+` FROM {rows} links l WHERE l.project_id = {project_id}
		AND ((l.invite_key <> '' AND l.invite_key = {invite_key}) OR (l.name = {name} AND {name} <> '')) ORDER BY l.id`)
	keyUses = define("project_id text, key text",
		`SELECT k.project_id, k.key, k.event_id, k.at FROM {rows} event_keys k WHERE k.project_id = {project_id} AND k.key = {key}`)
	takenEvents = define("id text", `SELECT e.id FROM {rows} events e WHERE e.id = {id}`)

	freeClicks = defineBoth("project_id text, since time",
		`SELECT `+claimedColumns+` FROM unnest($1::text[], $2::timestamptz[]) AS r(project_id, since), LATERAL (SELECT * FROM clicks f
		WHERE f.project_id = r.project_id AND f.claimed_by IS NULL AND f.robot = FALSE AND f.at >= r.since
		ORDER BY f.at DESC, f.id DESC LIMIT `+candidates+` FOR UPDATE SKIP LOCKED) c`,
		`SELECT `+claimedColumns+` FROM clicks c WHERE c.project_id = {project_id} AND c.claimed_by IS NULL AND c.robot = FALSE AND c.at >= {since}
		ORDER BY c.at DESC, c.id DESC LIMIT `+candidates)
	freeClicksOfLink = defineBoth("link_id text",
		`SELECT `+claimedColumns+` FROM unnest($1::text[]) AS r(link_id), LATERAL (SELECT * FROM clicks f
		WHERE f.link_id = r.link_id AND f.claimed_by IS NULL AND f.robot = FALSE
		ORDER BY f.at DESC, f.id DESC LIMIT `+candidates+` FOR UPDATE SKIP LOCKED) c`,
		`SELECT `+claimedColumns+` FROM clicks c WHERE c.link_id = {link_id} AND c.claimed_by IS NULL AND c.robot = FALSE
		ORDER BY c.at DESC, c.id DESC LIMIT `+candidates)

	lockHolders = define("id text, guessed bool",
		`SELECT `+subscriberColumns+` FROM {rows} subscribers s WHERE s.id = {id} AND ({guessed} OR s.user_id = 0) ORDER BY s.id {lock s}`)
	clicksByID   = define("id text", `SELECT `+claimedColumns+` FROM {rows} clicks c WHERE c.id = {id}`)
	linksByID    = define("id text", `SELECT `+linkColumns+` FROM {rows} links l WHERE l.id = {id}`)
	waitingGoals = define("subscriber_id text",
		`SELECT w.event_id, w.project_id, w.subscriber_id, w.target, w.amount, w.raw_amount, w.currency, w.occurred_at, w.until
		FROM {rows} waiting_goals w WHERE w.subscriber_id = {subscriber_id} ORDER BY w.occurred_at, w.event_id`)
)

// loading gathers the state of a batch.
type loading struct {
	*ingestTx
	needs usecase.IngestNeeds
	state *usecase.IngestState
}

// Load implements usecase.IngestTx. It takes two round trips, a third where
// somebody else holds a click. People who are not there yet can not be locked:
// when another batch makes one of them first, Save finds out and the batch is
// repeated.
func (t *ingestTx) Load(ctx context.Context, n usecase.IngestNeeds) (*usecase.IngestState, error) {
	t.fresh = map[string]bool{}
	l := &loading{ingestTx: t, needs: n, state: &usecase.IngestState{
		Subscribers: map[domain.SubscriberKey]*domain.Subscriber{}, ByID: map[string]*domain.Subscriber{},
		Links: map[string]*domain.Link{}, LinkByStart: map[usecase.StartKey]*domain.Link{}, LinkByInvite: map[usecase.InviteKey]*domain.Link{},
		ClickByStart: map[usecase.StartKey]*usecase.ClaimedClick{}, ClickByID: map[string]*usecase.ClaimedClick{},
		Guesses: map[string][]*usecase.ClaimedClick{}, GuessesByLink: map[string][]*usecase.ClaimedClick{},
		SenderKeys: map[usecase.SenderKey]usecase.KeyUse{}, Waiting: map[string][]usecase.WaitingGoal{}, Taken: map[string]bool{},
	}}
	l.people()
	l.starts()
	l.invites()
	l.repeats()
	l.guesses()
	if err := l.flush(ctx); err != nil {
		return nil, err
	}
	l.newPeople()
	l.permanent()
	l.holders()
	l.touched()
	l.linksOfAll()
	l.waiting()
	l.invited()
	if err := l.flush(ctx); err != nil {
		return nil, err
	}
	l.touched() // of those who hold a click
	l.linksOfAll()
	return l.state, l.flush(ctx)
}

func (l *loading) people() {
	lock := make([][]any, len(l.needs.Subscribers))
	for i, k := range l.needs.Subscribers {
		lock[i] = row(k.ProjectID, k.Messenger, k.UserID)
	}
	l.queue(lockPeople, lock, func(r scanner) error {
		s, err := scanSubscriber(r)
		l.state.Subscribers[s.SubscriberKey], l.state.ByID[s.ID] = s, s
		return err
	})
}

// newPeople makes those who are not there yet; Save inserts them.
func (l *loading) newPeople() {
	for _, k := range l.needs.Subscribers {
		if l.state.Subscribers[k] != nil {
			continue
		}
		s := &domain.Subscriber{SubscriberKey: k, ID: l.needs.NewIDs[k], FirstSeen: l.needs.Now, Person: domain.Person{ID: k.UserID}}
		l.state.Subscribers[k], l.state.ByID[s.ID] = s, s
		l.fresh[s.ID] = true
	}
}

func (l *loading) starts() {
	var rows [][]any
	for _, k := range l.needs.Starts {
		rows = append(rows, row(k.ProjectID, k.Value))
	}
	l.queue(lockClicksByStart, rows, func(r scanner) error {
		c, err := l.click(r)
		l.state.ClickByStart[usecase.StartKey{ProjectID: c.ProjectID, Value: c.StartValue}] = c
		return err
	})
}

// permanent finds the links whose own start values the starts name: those
// that are no click's.
func (l *loading) permanent() {
	var rows [][]any
	for _, k := range l.needs.Starts {
		if l.state.ClickByStart[k] == nil {
			rows = append(rows, row(k.ProjectID, k.Value))
		}
	}
	l.queue(linksByStart, rows, func(r scanner) error {
		link, err := l.link(r)
		l.state.LinkByStart[usecase.StartKey{ProjectID: link.ProjectID, Value: link.StartValue}] = link
		return err
	})
}

// invites finds the links that joins name; the address says more than the
// name, and of several of a name the newest is meant.
func (l *loading) invites() {
	var rows [][]any
	for _, k := range l.needs.Invites {
		rows = append(rows, row(k.ProjectID, inviteKey(k.Address), k.Name))
	}
	byAddress := map[usecase.InviteKey]bool{}
	l.queue(linksByInvite, rows, func(r scanner) error {
		link, err := l.link(r)
		for _, k := range l.needs.Invites {
			if k.ProjectID != link.ProjectID {
				continue
			}
			switch address := inviteKey(k.Address); {
			case address != "" && address == inviteKey(link.InviteLink):
				l.state.LinkByInvite[k], byAddress[k] = link, true
			case k.Name != "" && k.Name == link.Name && !byAddress[k]:
				l.state.LinkByInvite[k] = link
			}
		}
		return err
	})
}

func (l *loading) repeats() {
	var keys, events [][]any
	for _, k := range l.needs.SenderKeys {
		keys = append(keys, row(k.ProjectID, k.Key))
	}
	for _, id := range l.needs.EventIDs {
		events = append(events, row(id))
	}
	l.queue(keyUses, keys, func(r scanner) error {
		var k usecase.SenderKey
		var use usecase.KeyUse
		err := r.Scan(&k.ProjectID, &k.Key, &use.EventID, into{&use.At})
		l.state.SenderKeys[k] = use
		return err
	})
	l.queue(takenEvents, events, func(r scanner) error {
		var id string
		err := r.Scan(&id)
		l.state.Taken[id] = true
		return err
	})
}

func (l *loading) guesses() {
	var rows [][]any
	for project, since := range l.needs.Guesses {
		rows = append(rows, row(project, since))
	}
	slices.SortFunc(rows, func(a, b []any) int { return strings.Compare(a[0].(string), b[0].(string)) })
	l.queue(freeClicks, rows, func(r scanner) error {
		c, err := l.click(r)
		l.state.Guesses[c.ProjectID] = append(l.state.Guesses[c.ProjectID], c)
		return err
	})
}

// holders locks who holds a click that may still be taken from them: those
// nobody knows, and those whose click is a guess.
func (l *loading) holders() {
	guessed := map[string]bool{}
	for _, c := range l.state.ClickByStart {
		if c.ClaimedBy != "" && l.state.ByID[c.ClaimedBy] == nil {
			guessed[c.ClaimedBy] = guessed[c.ClaimedBy] || c.Guessed
		}
	}
	var rows [][]any
	for id, guess := range guessed {
		rows = append(rows, row(id, guess))
	}
	slices.SortFunc(rows, func(a, b []any) int { return strings.Compare(a[0].(string), b[0].(string)) })
	l.queue(lockHolders, rows, func(r scanner) error {
		s, err := scanSubscriber(r)
		l.state.ByID[s.ID] = s
		return err
	})
}

// touched reads the clicks of people's touches.
func (l *loading) touched() {
	seen := map[string]bool{}
	var rows [][]any
	for _, s := range l.state.ByID {
		for _, t := range s.Touches {
			if t.ClickID != "" && !seen[t.ClickID] && l.state.ClickByID[t.ClickID] == nil {
				seen[t.ClickID] = true
				rows = append(rows, row(t.ClickID))
			}
		}
	}
	l.queue(clicksByID, rows, func(r scanner) error {
		_, err := l.click(r)
		return err
	})
}

// linksOfAll reads the links of the clicks and touches found so far.
func (l *loading) linksOfAll() {
	seen := map[string]bool{}
	var rows [][]any
	add := func(id string) {
		if id != "" && !seen[id] && l.state.Links[id] == nil {
			seen[id] = true
			rows = append(rows, row(id))
		}
	}
	for _, c := range l.state.ClickByID {
		add(c.LinkID)
	}
	for _, s := range l.state.ByID {
		for _, t := range s.Touches {
			add(t.LinkID)
		}
	}
	l.queue(linksByID, rows, func(r scanner) error {
		_, err := l.link(r)
		return err
	})
}

func (l *loading) waiting() {
	var rows [][]any
	for _, s := range l.state.ByID {
		if s.WaitingGoals > 0 {
			rows = append(rows, row(s.ID))
		}
	}
	l.queue(waitingGoals, rows, func(r scanner) error {
		w, err := scanWaiting(r)
		l.state.Waiting[w.SubscriberID] = append(l.state.Waiting[w.SubscriberID], w)
		return err
	})
}

func scanWaiting(r scanner) (usecase.WaitingGoal, error) {
	var w usecase.WaitingGoal
	err := r.Scan(&w.EventID, &w.ProjectID, &w.SubscriberID, &w.Target, amountInto{&w.Amount}, amountInto{&w.RawAmount}, &w.Currency,
		into{&w.OccurredAt}, into{&w.Until})
	return w, err
}

// invited reads the unclaimed clicks of the links that joins name.
func (l *loading) invited() {
	seen := map[string]bool{}
	var rows [][]any
	for _, link := range l.state.LinkByInvite {
		if !seen[link.ID] {
			seen[link.ID] = true
			rows = append(rows, row(link.ID))
		}
	}
	slices.SortFunc(rows, func(a, b []any) int { return strings.Compare(a[0].(string), b[0].(string)) })
	l.queue(freeClicksOfLink, rows, func(r scanner) error {
		c, err := l.click(r)
		l.state.GuessesByLink[c.LinkID] = append(l.state.GuessesByLink[c.LinkID], c)
		return err
	})
}

// click reads a click; one that was found before stays the same value, since
// a decision about it must be seen wherever it stands.
func (l *loading) click(r scanner) (*usecase.ClaimedClick, error) {
	c, err := scanClaimed(r)
	if known := l.state.ClickByID[c.ID]; known != nil {
		return known, err
	}
	l.state.ClickByID[c.ID] = c
	return c, err
}

func (l *loading) link(r scanner) (*domain.Link, error) {
	link, err := scanLink(r)
	if known := l.state.Links[link.ID]; known != nil {
		return known, err
	}
	l.state.Links[link.ID] = &link
	return &link, err
}
