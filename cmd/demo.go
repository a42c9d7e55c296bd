package cmd

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/logging"
	"github.com/tgtrack/tgtrack/usecase"
)

// What the demo's story is told with; the README's lines use the same.
const (
	demoToken   = "demo"
	demoKey     = "demo-key"
	demoReport  = "demo-report-key"
	demoProject = "demo"
	demoLink    = "spring"
	demoSimAddr = "127.0.0.1:8090"
	demoMax     = "demo-max" // the project of a bot of MAX
	demoMaxLink = "demo-max-vk"

	demoBotToken = "7001002:demo-token-of-the-simulated-bot-api"

	demoEmail    = "demo@example.org"
	demoPassword = "demo-password"
)

func (p *program) demo() *cobra.Command {
	var keep string
	var simAddr string
	var every time.Duration
	c := &cobra.Command{
		Use: "demo", Short: "Run the service with a sample project and simulated ad networks",
		Args: cobra.NoArgs,
		Long: "Run the service with a sample project and simulated ad networks, ready to click\nthrough. " +
			"Its data are in a folder of its own and are deleted at the end.",
		RunE: func(c *cobra.Command, _ []string) error {
			dir, remove, err := demoFolder(keep)
			if err != nil {
				return err
			}
			defer remove()
			return p.runDemo(c.Context(), dir, simAddr, every)
		},
	}
	c.Flags().StringVar(&keep, "data-dir", "", "keep the data in this folder")
	c.Flags().StringVar(&simAddr, "networks-addr", demoSimAddr, "address of the simulated ad networks")
	c.Flags().DurationVar(&every, "visitors", 20*time.Second, "how often somebody comes by an ad; 0: nobody")
	return c
}

func demoFolder(keep string) (dir string, remove func(), err error) {
	if keep != "" {
		return keep, func() {}, os.MkdirAll(keep, 0o700)
	}
	dir, err = os.MkdirTemp("", "tgtrack-demo-")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

func (p *program) runDemo(ctx context.Context, dir, simAddr string, every time.Duration) error {
	if every < 0 {
		return &usageError{fmt.Errorf("--visitors: must not be negative, this is %s", every)}
	}
	ln, err := net.Listen("tcp", simAddr)
	if err != nil {
		return notListening("--networks-addr", "--networks-addr 127.0.0.1:8091", err)
	}
	networks := p.plugins.simulation(adsim.Options{Stage: time.Second, MaxRepeat: time.Second})
	defer networks.Close()
	sim := &http.Server{Handler: networks, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = sim.Serve(ln) }()
	defer sim.Close()
	simURL := "http://" + ln.Addr().String()
	cfg, err := p.demoConfig(dir, simURL)
	if err != nil {
		return err
	}
	logger, err := logging.New(p.err, cfg.Log.Level, cfg.Log.Format)
	if err != nil {
		return &usageError{err}
	}
	ready, release, err := holdFolder(cfg)
	if err != nil {
		return err
	}
	defer release()
	app, cleanup, err := newApp(ctx, cfg, p.plugins, logger, Streams{Out: p.out, Err: p.err})
	if err != nil {
		return err
	}
	defer cleanup()
	if err := seedDemo(ctx, app, adsim.Of(p.plugins.sinks()), simURL); err != nil {
		return fmt.Errorf("make the sample project: %w", err)
	}
	if err := seedUsers(ctx, app.Access); err != nil {
		return fmt.Errorf("make the users of the sample project: %w", err)
	}
	commands, err := demoChats(ctx, app)
	if err != nil {
		return fmt.Errorf("link the chats of the sample projects: %w", err)
	}
	app.Ready = func(addr string) {
		ready(addr)
		for _, command := range commands {
			networks.WriteTelegram(adsim.TelegramWrite{ChatID: demoChat, Title: "Demo", Text: command})
		}
		networks.SubscribeMax(adsim.MaxSubscription{URL: localBase(addr) + "/v1/" + demoMax + "-key/on_max_update"})
		fmt.Fprint(p.out, demoStory(terminalLanguage(p.environ), cfg.PublicURL, simURL, every))
		if every > 0 {
			go visitDemo(ctx, localBase(addr), simURL, every)
		}
	}
	return app.Run(ctx)
}

// demoConfig is the configuration with the simulated networks for the real
// ones, and with waits short enough to watch.
func (p *program) demoConfig(dir, simURL string) (config.Config, error) {
	quick := []string{
		"TGTRACK_DATA_DIR=" + dir, "TGTRACK_ADMIN_TOKEN=" + demoToken, "TGTRACK_OUTBOUND_ALLOW_PRIVATE=true",
		"TGTRACK_LOG_LEVEL=warn",
		"TGTRACK_TELEGRAM_BOT_TOKEN=" + demoBotToken, "TGTRACK_NOTIFY_INTERVAL=2s",
		"TGTRACK_ADNETWORKS_TELEGRAM_BASE_URL=" + simURL + "/telegram",
	}
	ds, err := p.plugins.networks()
	if err != nil {
		return config.Config{}, err
	}
	for key, value := range adnet.Simulated(ds, simURL, 2*time.Second) {
		quick = append(quick, config.Variable(key)+"="+value)
	}
	cfg, err := loadConfig(p.configFile, append(quick, p.environ...), p.plugins)
	if err != nil {
		return cfg, &usageError{err}
	}
	return cfg, nil
}

// seedDemo makes the sample project unless it is there already.
func seedDemo(ctx context.Context, a *App, networks []adsim.Network, simURL string) error {
	if _, err := a.Store.Project(ctx, demoProject); err == nil {
		return nil
	}
	now := clock()
	began := now.AddDate(0, 0, -demoDays)
	flowers := demoPlans()[1].project
	for _, p := range []domain.Project{
		{ID: demoProject, Name: "Demo bot", Username: "demo_bot", Constructor: "telegram"},
		{ID: flowers, Name: "Flowers 24", Username: "flowers24_demo_bot", Constructor: "salebot"},
		{ID: demoMax, Name: "Coffee in MAX", Username: "coffee_demo_bot", Constructor: "max", Messenger: domain.MAX},
	} {
		p.Kind, p.Mode, p.Timezone, p.Currency, p.Attribution, p.Enabled = domain.KindBot, domain.Production,
			"Europe/Moscow", "RUB", domain.LastClick, true
		p.Limits, p.CreatedAt = projectLimits(a.Config.Limits), began
		p.Messenger = cmp.Or(p.Messenger, domain.Telegram)
		keys := demoKeys(a.Vault, p.ID, now)
		if err := a.Store.CreateProject(ctx, p, keys); err != nil {
			return err
		}
	}
	links := []domain.Link{
		{ID: demoLink, ProjectID: demoProject, Name: "Spring campaign", UTM: domain.UTM{Source: "spring"},
			StartValue: "PJde0de0de0de0", CreatedAt: now},
		{ID: demoMaxLink, ProjectID: demoMax, Name: "VK Ads", UTM: domain.UTM{Source: "vk", Medium: "cpc"},
			StartValue: "PJde0de0de0de1", CreatedAt: now},
	}
	for _, p := range demoPlans() {
		links = append(links, p.links(now)...)
	}
	for _, l := range links {
		if err := a.Store.CreateLink(ctx, l); err != nil {
			return err
		}
	}
	for _, acc := range demoAccounts(networks, simURL, began) {
		if err := a.Store.CreateAccount(ctx, acc); err != nil {
			return err
		}
	}
	return seedPast(ctx, a, networks, now)
}

// demoTeam are the users beside the owner, all of one password.
var demoTeam = []struct {
	email, name string
	role        domain.Role
}{{"marina@example.org", "Марина", domain.Editor}, {"oleg@example.org", "Олег", domain.Viewer}}

// seedUsers makes those who can log into the cabinet, unless there is somebody
// already.
func seedUsers(ctx context.Context, a *usecase.Access) error {
	secret, err := a.FirstRun(ctx)
	if err != nil || secret == "" {
		return err
	}
	owner, err := a.Register(ctx, usecase.SetupLink, secret,
		usecase.UserInput{Email: demoEmail, Name: "Demo", Password: demoPassword})
	if err != nil {
		return err
	}
	for _, u := range demoTeam {
		if secret, err = a.Invite(usecase.WithActor(ctx, usecase.Actor{User: &owner}), demoProject,
			u.role); err != nil {
			return err
		}
		if _, err = a.Register(ctx, usecase.InviteLink, secret,
			usecase.UserInput{Email: u.email, Name: u.name, Language: "ru",
				Password: demoPassword}); err != nil {
			return err
		}
	}
	return nil
}

// demoChat is a chat of the simulated Bot API.
const demoChat = 700100200

// demoChats are what somebody writes to the bot to get the digests and alerts
// of the sample projects in a chat.
func demoChats(ctx context.Context, a *App) (commands []string, err error) {
	for _, p := range demoPlans() {
		chats, err := a.Notices.Chats(ctx, p.project)
		if err != nil || len(chats) > 0 {
			return nil, err
		}
		code, err := a.Notices.MakeCode(ctx, p.project, "ru")
		if err != nil {
			return nil, err
		}
		commands = append(commands, code.Command)
	}
	return commands, nil
}

// demoKeys are those of the story for its project, and of the same form for
// others.
func demoKeys(v usecase.Vault, projectID string, now time.Time) []usecase.Key {
	keys := []usecase.Key{{Kind: usecase.APIKey}, {Kind: usecase.ReportKey}}
	texts := []string{demoKey, demoReport}
	if projectID != demoProject {
		texts = []string{projectID + "-key", projectID + "-report-key"}
	}
	for i, text := range texts {
		keys[i].ID, keys[i].ProjectID, keys[i].CreatedAt = newID(), projectID, now
		keys[i].Hash, keys[i].Sealed = v.Hash("api-key", text), v.Seal(usecase.KeyPlace(keys[i].ID), []byte(text))
	}
	return keys
}

// demoAccounts are one of each network that has one for the demo, and those
// that lost access.
func demoAccounts(networks []adsim.Network, simURL string, now time.Time) []domain.Account {
	var as []domain.Account
	for _, n := range networks {
		if n.Demo == nil {
			continue
		}
		as = append(as, domain.Account{
			ID: cmp.Or(n.Demo.ID, "demo-"+n.Name), ProjectID: demoProject, Network: n.Name,
			Name:           n.Demo.Name,
			ActivationGoal: n.Demo.ActivationGoal, Goals: n.Demo.Goals, Settings: n.Demo.Settings(simURL),
			Health: domain.Healthy, CreatedAt: now, UpdatedAt: now,
		})
		if n.Demo.LostAccess == "" {
			continue
		}
		// What is for this one is parked until it is connected again.
		as = append(as, domain.Account{
			ID: "demo-flowers-" + n.Name, ProjectID: demoPlans()[1].project, Network: n.Name,
			Name: n.Demo.Name + " of the flower shop", Paused: true, Health: domain.Reauth,
			HealthReason: n.Demo.LostAccess, Settings: n.Demo.Settings(simURL), CreatedAt: now,
			UpdatedAt: now,
		})
	}
	return as
}
