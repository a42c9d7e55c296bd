package usecase

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// Constructors knows the constructors whose webhooks can be read.
type Constructors interface {
	Has(constructor string) bool
	// TakesSecret tells whether one signs its requests with a secret of this
	// name.
	TakesSecret(name string) bool
	// FitsSecret tells whether the constructor takes such a secret.
	FitsSecret(name, secret string) bool
	// Messenger is the one in which all bots of a constructor live, "" if there
	// is none such. OfMessenger is the constructor of all bots of a messenger.
	Messenger(constructor string) string
	OfMessenger(messenger string) string
}

// ProjectStore keeps projects, their keys, links and ad accounts. Reads
// answer domain.ErrNotFound for what does not exist.
type ProjectStore interface {
	CreateProject(ctx context.Context, p domain.Project, keys []Key) error
	Project(ctx context.Context, id string) (domain.Project, error)
	Projects(ctx context.Context, page Page) ([]domain.Project, string, error)
	UpdateProject(ctx context.Context, p domain.Project) error
	DeleteProject(ctx context.Context, id string) error

	KeyByHash(ctx context.Context, hash []byte) (Key, error)
	// Keys lists the keys of a project, newest first.
	Keys(ctx context.Context, projectID string) ([]Key, error)
	// AddAudit writes an entry of the audit log that belongs to no change. Of
	// changes the store writes the entry that WithAudit put into the context.
	AddAudit(ctx context.Context, e AuditEntry) error
	// RotateKey adds a key and revokes the others of its kind at a time.
	RotateKey(ctx context.Context, k Key, revokeAt time.Time) error

	// ChangeLinks makes a change of a project's links, one at a time for each
	// project: what the change looks at stays so until it is kept. It may be made
	// anew.
	ChangeLinks(ctx context.Context, projectID string, change func(ctx context.Context, tx LinkTx) error) error
	UTMTemplateStore
	// StartRules of a project, in order; SetStartRules replaces them.
	StartRules(ctx context.Context, projectID string) ([]domain.StartRule, error)
	SetStartRules(ctx context.Context, projectID string, rules []domain.StartRule) error
	// Placeholders that came in clicks since a time, the most frequent first.
	Placeholders(ctx context.Context, projectID string, since time.Time) ([]domain.LinkPlaceholder, error)
	// CrowdedVisits counts visits of a link, since a day, that made no click since
	// too many came from one address, or the disk had no room for them.
	CrowdedVisits(ctx context.Context, projectID, linkID string, since time.Time) (int64, error)
	// StartValues are those of starts since a time that are not ours, the most
	// frequent first.
	StartValues(ctx context.Context, projectID string, since time.Time) ([]StartValueCount, error)
	Link(ctx context.Context, id string) (domain.Link, error)
	// LinkNamed gives the id of the newest link of a name.
	LinkNamed(ctx context.Context, projectID, name string) (string, error)
	// LinkAt finds a link by its id or by a readable address that it has or had.
	LinkAt(ctx context.Context, address string) (domain.Link, error)
	Links(ctx context.Context, projectID string, f LinkFilter, page Page) ([]LinkCounts, string, error)
	// LinkAddresses are all readable addresses that a link has or had.
	LinkAddresses(ctx context.Context, projectID, linkID string) ([]string, error)
	// LinkUses is what is kept of a link.
	LinkUses(ctx context.Context, projectID, linkID string) (domain.LinkUses, error)
	// ReportLinks gives all links of a project by their ids.
	ReportLinks(ctx context.Context, projectID string) (map[string]domain.Link, error)

	CreateAccount(ctx context.Context, a domain.Account) error
	Account(ctx context.Context, projectID, id string) (domain.Account, error)
	Accounts(ctx context.Context, projectID string) ([]domain.Account, error)
	UpdateAccount(ctx context.Context, a domain.Account, u AccountUpdate) error
	// DeleteAccount removes the account and keeps its row. Its unfinished
	// conversions are left to the job, which is made with it.
	DeleteAccount(ctx context.Context, projectID, id string, now time.Time, job *ReplaySave) error
}

// AccountUpdate is what else a change of an ad account does and asks for.
type AccountUpdate struct {
	// Was is the account of which the change was made: domain.ErrConflict when
	// it is another by now, and nothing is changed. nil: whatever it is.
	Was *domain.Account
	// Job over its conversions, made together with the change; nil for none.
	// It takes the place of one that is not done, as does a pause.
	Job *ReplaySave
}

// AccountJobs makes and runs the jobs that a change of an ad account brings
// with it.
type AccountJobs interface {
	// ForAccount makes a job, nil when there is nothing to be done.
	ForAccount(ctx context.Context, k ReplayKind, a domain.Account) (*ReplaySave, error)
	// Hurry runs it for as long as somebody may be kept waiting.
	Hurry(ctx context.Context, j *ReplaySave) Replay
}

// LinkCounts is a link with its counts.
type LinkCounts struct {
	domain.Link
	Clicks int
	Starts int
}

// Projects decides about everything an operator sets up: projects, their keys,
// links and ad accounts. What it refuses, it refuses with domain.FieldError,
// all faults of an input joined.
type Projects struct {
	store        ProjectStore
	vault        Vault
	accounts     AccountChecker
	constructors Constructors
	directory    *Directory
	jobs         AccountJobs
	newID        func() string
	now          func() time.Time
	limits       domain.Limits
	audit        auditing
}

// NewProjects makes a Projects; limits are those of a project that is given
// none.
func NewProjects(
	store ProjectStore, vault Vault, accounts AccountChecker, constructors Constructors, directory *Directory,
	jobs AccountJobs, newID func() string, now func() time.Time, limits domain.Limits,
) *Projects {
	micro := func() time.Time { return now().UTC().Truncate(time.Microsecond) }
	return &Projects{
		store: store, vault: vault, accounts: accounts, constructors: constructors, directory: directory, jobs: jobs,
		newID: newID, limits: limits, now: micro, audit: auditing{newID, micro},
	}
}

// ProjectInput is what is said of a project; nil fields are not given.
type ProjectInput struct {
	Name      *string `json:"name"`
	Kind      *string `json:"kind"`
	Messenger *string `json:"messenger"`
	// ChannelID is a channel project's own channel or group; empty: learned from
	// the first channel whose members are told.
	ChannelID   *Loose  `json:"channel_id"`
	Username    *string `json:"username"`
	Constructor *string `json:"constructor"`
	Mode        *string `json:"mode"`
	Timezone    *string `json:"timezone"`
	Currency    *string `json:"currency"`
	Attribution *string `json:"attribution"`
	SendGuesses *bool   `json:"send_guesses"`
	Enabled     *bool   `json:"enabled"`
	AmountUnit  *string `json:"amount_unit"`
	// KeepPeople is after how many days people are erased who left; 0: as the
	// service is set.
	KeepPeople *int         `json:"keep_people_days"`
	Limits     *LimitsInput `json:"limits"`
	// TelegramPayments: "auto" or "off".
	TelegramPayments *string `json:"telegram_payments"`
	// StarRate is what one star is worth in the project's currency; 0: nobody
	// says. It goes with the currency for which it was said.
	StarRate *domain.Amount `json:"star_rate"`
	// WebhookSecrets that are to be changed, by name: null or empty removes one.
	WebhookSecrets map[string]*string `json:"webhook_secrets"`
}

// LimitsInput is what is said of a project's limits; 0 is no limit.
type LimitsInput struct {
	PerSecond *int `json:"per_second"`
	PerHour   *int `json:"per_hour"`
	PerDay    *int `json:"per_day"`
}

// NewProject is a project with its keys, which are never told again.
type NewProject struct {
	domain.Project
	APIKey, ReportKey string
}

// defaultConstructor is what a project is read as that names none.
const defaultConstructor = "telegram"

// Create makes a project with its two keys. Only a name is needed.
func (p *Projects) Create(ctx context.Context, in ProjectInput) (NewProject, error) {
	n := NewProject{Project: domain.Project{
		ID: p.newID(), Kind: domain.KindBot, Messenger: domain.Telegram, Constructor: defaultConstructor,
		Mode:     domain.Production,
		Timezone: "UTC", Currency: "RUB", Attribution: domain.LastClick, Enabled: true, Limits: p.limits,
		TelegramPayments: domain.ReadAuto, CreatedAt: p.now(),
	}}
	var f faults
	if in.Name == nil {
		f.add(domain.Invalid("name", "is required"))
	}
	p.apply(&n.Project, in, &f)
	if err := f.err(); err != nil {
		return NewProject{}, err
	}
	switch { // one that is said says the other
	case in.Messenger == nil:
		n.Messenger = cmp.Or(p.constructors.Messenger(n.Constructor), n.Messenger)
	case in.Constructor == nil:
		n.Constructor = cmp.Or(p.constructors.OfMessenger(n.Messenger), n.Constructor)
	}
	var keys [2]Key
	n.APIKey, keys[0] = p.makeKey(APIKey, n.ID)
	n.ReportKey, keys[1] = p.makeKey(ReportKey, n.ID)
	return n, p.store.CreateProject(p.audit.note(ctx, n.ID, "project.create", n.Name, nil), n.Project, keys[:])
}

// Update changes what is given of a project.
func (p *Projects) Update(ctx context.Context, id string, in ProjectInput) (domain.Project, error) {
	was, err := p.store.Project(ctx, id)
	if err != nil {
		return domain.Project{}, err
	}
	now := was
	var f faults
	p.apply(&now, in, &f)
	if err := f.err(); err != nil {
		return domain.Project{}, err
	}
	if now == was {
		return now, nil
	}
	defer p.directory.Forget(id)
	return now, p.store.UpdateProject(p.audit.note(ctx, id, "project.update", now.Name, changedFields(was, now)), now)
}

// Delete removes a project and all that belongs to it.
func (p *Projects) Delete(ctx context.Context, id string) error {
	was, err := p.store.Project(ctx, id)
	if err != nil {
		return err
	}
	defer p.directory.Forget(id)
	return p.store.DeleteProject(p.audit.note(ctx, id, "project.delete", was.Name, nil), id)
}

// apply takes over what is given and right.
func (p *Projects) apply(to *domain.Project, in ProjectInput, f *faults) {
	given(f, &to.Name, in.Name, func(s string) (string, error) { return requiredText("name", s, maxName) })
	given(f, &to.Kind, in.Kind, oneOf("kind", domain.KindBot, domain.KindChannel))
	given(f, &to.Messenger, in.Messenger, oneOf("messenger", domain.Messengers()...))
	given(f, &to.ChannelID, in.ChannelID, func(s Loose) (domain.ChatID, error) {
		return channelID(to.MessengerOf(""), string(s))
	})
	given(f, &to.Username, in.Username, username)
	given(f, &to.Constructor, in.Constructor, func(s string) (string, error) {
		if s == to.Constructor { // it stays although this build may lack it
			return s, nil
		}
		return p.constructor(s)
	})
	given(f, &to.Mode, in.Mode, oneOf("mode", domain.Production, domain.Sandbox))
	given(f, &to.Timezone, in.Timezone, timezone)
	money := to.Currency
	given(f, &to.Currency, in.Currency, func(s string) (string, error) { return currency("currency", s) })
	given(f, &to.Attribution, in.Attribution, oneOf("attribution", domain.LastClick, domain.FirstClick))
	given(f, &to.AmountUnit, in.AmountUnit, oneOf("amount_unit", "", "major", "minor"))
	if to.Currency != money {
		to.StarRate = 0
	}
	given(f, &to.StarRate, in.StarRate, starRate)
	given(f, &to.TelegramPayments, in.TelegramPayments,
		oneOf("telegram_payments", domain.ReadAuto, domain.ReadOff))
	given(f, &to.KeepPeople, in.KeepPeople, notNegative("keep_people_days"))
	same := func(b bool) (bool, error) { return b, nil }
	given(f, &to.SendGuesses, in.SendGuesses, same)
	given(f, &to.Enabled, in.Enabled, same)
	p.applySecrets(to, in.WebhookSecrets, f)
	if l := in.Limits; l != nil {
		given(f, &to.Limits.PerSecond, l.PerSecond, notNegative("limits.per_second"))
		given(f, &to.Limits.PerHour, l.PerHour, notNegative("limits.per_hour"))
		given(f, &to.Limits.PerDay, l.PerDay, notNegative("limits.per_day"))
	}
}

func (p *Projects) constructor(s string) (string, error) {
	if !p.constructors.Has(s) {
		return "", domain.Invalid("constructor", "%q is not known; `tgtrack platforms` lists them", short(s))
	}
	return s, nil
}

// maxSecret is the longest secret of a constructor, in characters.
const maxSecret = 512

// applySecrets takes over the secrets that are given. What is shown instead of
// one leaves it as it is, as does one of a constructor that this build lacks.
func (p *Projects) applySecrets(to *domain.Project, in map[string]*string, f *faults) {
	now := to.WebhookSecrets.ByName()
	for _, name := range slices.Sorted(maps.Keys(in)) {
		field := "webhook_secrets." + short(name)
		_, kept := now[name]
		switch given := in[name]; {
		case !kept && !p.constructors.TakesSecret(name):
			f.add(domain.Invalid(field, "is not known; the Connect page of a constructor that signs has its name"))
		case given == nil || strings.TrimSpace(*given) == "":
			delete(now, name)
		case *given == domain.SecretMask && !kept:
			f.add(domain.Invalid(field, "is the mask of a secret, and there is no secret yet"))
		case *given != domain.SecretMask:
			secret, err := text(field, *given, maxSecret)
			if err == nil && !p.constructors.FitsSecret(name, secret) {
				err = domain.Invalid(field, "is none that the constructor takes; its Connect page says what one is made of")
			}
			f.add(err)
			now[name] = secret
		}
	}
	to.WebhookSecrets = domain.SecretsOf(now)
}
