package notify_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/notify"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// post is a bot and a webhook that keep what they are given, and fail as told.
type post struct {
	mu     sync.Mutex
	said   []string // "chat: text"
	calls  []string // bodies
	faults []*notify.SendError
	wrote  []notify.ChatMessage // what people write; it comes until it is confirmed
	log    []usecase.RequestRecord
	// hangs: calls to this address are answered when their time is over.
	hangs   string
	hanging atomic.Int64
}

func (p *post) Last(_ context.Context, _ string, limit int) ([]usecase.RequestRecord, error) {
	return p.log[:min(limit, len(p.log))], nil
}

func (p *post) ReadRequests(
	_ context.Context, s usecase.RequestSelection, _ uint64, limit int,
) (out usecase.KeptRequests, err error) {
	for _, r := range slices.Backward(p.log) {
		if len(out.Requests) < limit && !r.ReceivedAt.Before(s.From) {
			out.Requests = append(out.Requests, usecase.KeptRequest{RequestRecord: r})
		}
	}
	return out, nil
}

func (p *post) Username(context.Context) (string, error) { return "our_bot", nil }

func (p *post) Updates(ctx context.Context, offset int64, _ time.Duration) ([]notify.ChatMessage, int64, error) {
	for {
		p.mu.Lock()
		news := p.wrote[offset:]
		p.mu.Unlock()
		if len(news) > 0 {
			return news[:1], offset + 1, nil
		}
		select {
		case <-ctx.Done():
			return nil, offset, &notify.SendError{Fault: notify.SendRefused, Reason: "the end"}
		case <-time.After(time.Millisecond):
		}
	}
}

func (p *post) write(m notify.ChatMessage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wrote = append(p.wrote, m)
}

func (p *post) fail() error {
	if len(p.faults) == 0 {
		return nil
	}
	f := p.faults[0]
	p.faults = p.faults[1:]
	if f == nil {
		return nil
	}
	return f
}

func (p *post) Send(_ context.Context, chatID int64, text string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.said = append(p.said, fmt.Sprintf("%d: %s", chatID, text))
	return p.fail()
}

func (p *post) Check(address string) error {
	if !strings.HasPrefix(address, "https://") {
		return domain.Invalid("webhook_url", "is not an address")
	}
	return nil
}
func (p *post) CheckSecret(string) error   { return nil }
func (p *post) NewSecret() (string, error) { return "whsec_made", nil }
func (p *post) Call(ctx context.Context, address, secret, _ string, body []byte) error {
	if p.hangs != "" && strings.HasPrefix(address, p.hangs) {
		p.hanging.Add(1)
		<-ctx.Done()
		return &notify.SendError{Fault: notify.SendUncertain, Reason: "no answer"}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, address+" "+secret+" "+string(body))
	return p.fail()
}

// take gives what was said since the last time, sorted by nothing but time.
func (p *post) take() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.said
	p.said = nil
	return out
}

// monday is when all stories begin.
var monday = time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// newsroom is a project in a store of its own, whose users are told things. Its
// clock stands until it is told to go on.
type newsroom struct {
	*testing.T
	*store.Store
	made    atomic.Int64
	now     time.Time
	p       *usecase.ProjectView
	reports *report.Reader
	post    *post
	notices *notify.Notifier
}

// newsrooms tells a story on every database, alone in it.
func newsrooms(t *testing.T, story func(n *newsroom)) {
	t.Helper()
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		n := &newsroom{T: t, now: monday, post: &post{}}
		box, err := secrets.NewBox("key of the newsrooms")
		n.ok(err)
		n.Store, err = store.New(store.Options{
			Write: db.Write, Read: db.Read, Vault: box, Now: n.clock, NewID: n.newID,
		})
		n.ok(err)
		n.ok(n.Migrate(t.Context()))
		n.p = &usecase.ProjectView{Project: domain.Project{
			ID: n.newID(), Name: "tale", Kind: domain.KindBot, Constructor: "telegram",
			Mode:     domain.Production,
			Timezone: "UTC", Currency: "RUB", Attribution: domain.LastClick, Enabled: true,
			CreatedAt: monday,
		}}
		n.ok(n.CreateProject(t.Context(), n.p.Project, nil))
		n.reports = report.NewReader(report.Config{}, n.Store, n.clock)
		n.notices = n.another()
		story(n)
	})
}

func (n *newsroom) ok(err error) {
	n.Helper()
	if err != nil {
		n.Fatal(err)
	}
}

// newID makes ids that sort in the order of making.
func (n *newsroom) newID() string { return fmt.Sprintf("%032x", n.made.Add(1)) }

func (n *newsroom) clock() time.Time { return n.now }

// after lets time go by.
func (n *newsroom) after(d time.Duration) { n.now = n.now.Add(d) }

// another is the same in another process.
func (n *newsroom) another() *notify.Notifier {
	logger := slog.New(slog.NewTextHandler(n.Output(), nil))
	return notify.New(notify.Config{
		Lease: 300 * time.Millisecond, Interval: 20 * time.Millisecond, Timeout: 2 * time.Second,
		PublicURL: "https://go.example",
	}, n.Store, n.reports, notify.AlertFacts{Backlogs: n.Store, Requests: n.post, Decoders: ownDecoders{}},
		n.post, n.post, n.newID, n.clock, logger)
}

// chat links a chat, which the bot then greets.
func (n *newsroom) chat(id int64) {
	n.Helper()
	code, err := n.notices.MakeCode(n.Context(), n.p.ID, "ru")
	n.ok(err)
	n.ok(n.notices.Hear(n.Context(), notify.ChatMessage{
		ChatID: id, Kind: "private", Title: "Anna", Text: "/start " + code.Code,
	}))
	if said := n.post.take(); len(said) != 1 || !strings.Contains(said[0], "связан с проектом «tale»") {
		n.Errorf("greeting: %q", said)
	}
}

func (n *newsroom) set(in notify.SettingsInput) {
	n.Helper()
	_, _, err := n.notices.Update(n.Context(), n.p.ID, in)
	n.ok(err)
}

// round works once; said must be all that the chats were told by it.
func (n *newsroom) round(what string, said ...string) {
	n.Helper()
	n.ok(n.notices.Round(n.Context()))
	if d := cmp.Diff(said, n.post.take()); d != "" {
		n.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func (n *newsroom) states() string {
	n.Helper()
	ns, err := n.notices.Recent(n.Context(), n.p.ID)
	n.ok(err)
	var out []string
	for _, m := range ns {
		out = append(out, string(m.State))
	}
	return strings.Join(out, " ")
}

func is[T any](v T) *T { return &v }

// ---- What happens in the project ----

func (n *newsroom) link(name string) *domain.Link {
	n.Helper()
	id := n.newID()
	l := domain.Link{ID: id, ProjectID: n.p.ID, Name: name, StartValue: "PJ" + id, CreatedAt: n.now}
	n.ok(n.CreateLink(n.Context(), l))
	return &l
}

// click is a browser's visit to a link.
func (n *newsroom) click(l *domain.Link) *domain.Click {
	n.Helper()
	id := n.newID()
	c := domain.Click{
		ID: id, ProjectID: n.p.ID, LinkID: l.ID, StartValue: "PJ" + id, At: n.now, Params: map[string]string{},
		UserAgent: "Mozilla/5.0",
	}
	n.ok(n.SaveClicks(n.Context(), []domain.Click{c}))
	return &c
}

func start(user int64, value string) domain.Signal {
	return domain.Signal{Type: domain.BotStarted, Person: &domain.Person{ID: user}, StartValue: value}
}

func stop(user int64) domain.Signal {
	return domain.Signal{Type: domain.BotStopped, Person: &domain.Person{ID: user}}
}

// outside is what the ingest of the stories asks of ad networks, of which there
// are none, and tells about itself.
type outside struct{}

func (outside) Receives(*domain.Account, *domain.Click) bool            { return false }
func (outside) DropsRepeats(*domain.Account, time.Time, time.Time) bool { return true }

func (outside) Activation(*domain.Account) string { return "" }
func (outside) Window(*domain.Account, *domain.Click, time.Time, time.Time) usecase.Window {
	return usecase.Window{}
}
func (outside) ObserveBatch(int, time.Duration, error) {}

// send takes in a signal that a bot sent.
func (n *newsroom) send(s domain.Signal) {
	n.Helper()
	in := usecase.NewIngest(usecase.IngestConfig{
		MaxBatch: 100, Queue: 100, Writers: 1, Timeout: 20 * time.Second, AutoDetectWindow: 10 * time.Minute,
		Window: 21 * day, Reattribute: time.Minute, JoinWindow: day, KeepAnswers: day,
		Identical: 10 * time.Second,
	}, n.Store, outside{}, n.newID, n.clock, outside{}, func(bool) {})
	ctx, cancel := context.WithCancel(n.Context())
	var running sync.WaitGroup
	running.Go(func() { n.check(in.Run(ctx)) })
	id := n.newID()
	_, err := in.Submit(ctx, usecase.Arrival{
		RequestID: id, Project: n.p, Method: "method", BodyHash: sha256.Sum256([]byte(id)), ReceivedAt: n.now,
		Signals: []domain.Signal{s},
	})
	cancel()
	running.Wait()
	n.ok(err)
}

// check is ok for other goroutines.
func (n *newsroom) check(err error) {
	if err != nil {
		n.Error(err)
	}
}

// eventually waits for something that other goroutines do.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// ownDecoders: each constructor has a decoder of its own.
type ownDecoders struct{}

func (ownDecoders) DecoderOf(constructor, _ string) string { return constructor }
