package e2e_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"go.yaml.in/yaml/v3"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

const (
	root   = "../.."
	deploy = root + "/configs/deploy"
)

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// pinned is an image with a version that says what it is, and a digest that
// holds it there: tomorrow's build is today's, whoever has the registry.
var pinned = regexp.MustCompile(`^[a-z0-9.]+(/[a-z0-9._-]+)+:[A-Za-z0-9._-]+@sha256:[0-9a-f]{64}$`)

// TestContainerfile checks the image's recipe as far as that goes without an
// engine: what it copies exists, what it builds is the program, and what it
// sets and runs the program knows.
func TestContainerfile(t *testing.T) {
	t.Parallel()
	stages := map[string]bool{}
	var env, runs []string
	last := map[string]string{}
	for _, line := range instructions(readFile(t, deploy+"/Containerfile")) {
		word, rest, _ := strings.Cut(line, " ")
		args := strings.Fields(rest)
		last[word] = rest
		switch word {
		case "FROM":
			if !pinned.MatchString(args[0]) || strings.Contains(args[0], ":latest@") {
				t.Errorf("%s: the image has no tag and digest to stay with", line)
			}
			if len(args) == 3 {
				stages[args[2]] = true
			}
		case "COPY":
			copied(t, args, stages)
		case "ENV":
			env = append(env, args...)
		case "RUN":
			runs = append(runs, rest)
		}
	}
	if all := strings.Join(runs, "\n"); !strings.Contains(all, "CGO_ENABLED=0") ||
		!strings.Contains(all, "./cmd/tgtrack") {
		t.Errorf("it does not build the program without cgo: %s", all)
	}
	if user := last["USER"]; user == "" || strings.HasPrefix(user, "0") || strings.HasPrefix(user, "root") {
		t.Errorf("it runs as %q", user)
	}
	if version := regexp.MustCompile(`golang:(\d+\.\d+\.\d+)-`).
		FindStringSubmatch(readFile(t, deploy+"/Containerfile")); version == nil ||
		!strings.Contains(readFile(t, root+"/go.mod"), "\ngo "+version[1]+"\n") {
		t.Errorf("it builds with Go %v, go.mod asks for another", version)
	}
	if code, out := tool(t, env, "", "config", "print"); code != 0 {
		t.Errorf("its settings are not taken:\n%s", out)
	}
	s := e2e.Start(t, t.TempDir())
	health := list(t, strings.TrimSpace(last["HEALTHCHECK"][strings.Index(last["HEALTHCHECK"], "CMD")+3:]))
	addr := "TGTRACK_HTTP_ADDR=" + strings.TrimPrefix(s.URL, "http://")
	for _, args := range [][]string{health[1:], append(health[1:], "--ready")} {
		if code, out := tool(t, []string{addr}, "", args...); code != 0 {
			t.Errorf("%v of a service that lives: exit code %d\n%s", args, code, out)
		}
	}
	if code, out := tool(t, []string{"TGTRACK_HTTP_ADDR=" + e2e.FreeAddr(t)}, "", health[1:]...); code != 1 {
		t.Errorf("%v of no service: exit code %d\n%s", health, code, out)
	}
	if entry, cmd := list(t, last["ENTRYPOINT"]), list(t, last["CMD"]); len(entry) != 1 ||
		!slices.Equal(cmd, []string{"serve"}) || entry[0] != health[0] {
		t.Errorf("it runs %v %v, and checks with %v", entry, cmd, health)
	}
}

// instructions joins continued lines and drops comments.
func instructions(text string) []string {
	var out []string
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

func copied(t *testing.T, args []string, stages map[string]bool) {
	t.Helper()
	for len(args) > 0 && strings.HasPrefix(args[0], "--") {
		if from, ok := strings.CutPrefix(args[0], "--from="); ok {
			if !stages[from] {
				t.Errorf("COPY from %s, which is no stage", from)
			}
			return
		}
		args = args[1:]
	}
	for _, source := range args[:len(args)-1] {
		if _, err := os.Stat(filepath.Join(root, source)); err != nil {
			t.Errorf("COPY: %v", err)
		}
	}
}

func list(t *testing.T, text string) []string {
	t.Helper()
	var out []string
	if err := yaml.Unmarshal([]byte(text), &out); err != nil || len(out) == 0 {
		t.Fatalf("%q is no list: %v", text, err)
	}
	return out
}

type compose struct {
	Services map[string]struct {
		Image       string
		Hostname    string
		Command     []string
		Build       *struct{ Context, Dockerfile string }
		Environment map[string]string
		Volumes     []string
		Ports       []string
		DependsOn   yaml.Node `yaml:"depends_on"`
		Healthcheck *struct{ Test []string }
	}
	Volumes map[string]any
}

// TestCompose checks that what the files name exists, and that the program
// takes the settings it is given.
func TestCompose(t *testing.T) {
	t.Parallel()
	for file, want := range map[string][]string{
		"compose.yaml": {"tgtrack", "postgres", "nats", "prometheus", "grafana"},
		"cluster.yaml": {
			"api-1", "api-2", "relay-1", "relay-2", "deliver-1", "deliver-2", "reports-1", "reports-2",
			"postgres", "nats-1", "nats-2", "nats-3", "prometheus", "grafana",
		},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			var c compose
			if err := yaml.Unmarshal([]byte(substituted(t, readFile(t, deploy+"/"+file))), &c); err != nil {
				t.Fatal(err)
			}
			for _, name := range want {
				if _, ok := c.Services[name]; !ok {
					t.Errorf("there is no %s", name)
				}
			}
			c.check(t)
			if n := c.settings(t); n == 0 {
				t.Error("nothing runs tgtrack")
			}
		})
	}
}

func (c *compose) check(t *testing.T) {
	t.Helper()
	for name, s := range c.Services {
		if s.Build != nil {
			if _, err := os.Stat(filepath.Join(deploy, s.Build.Context, s.Build.Dockerfile)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		} else if !pinned.MatchString(s.Image) || strings.Contains(s.Image, ":latest@") {
			t.Errorf("%s: the image %s has no tag and digest to stay with", name, s.Image)
		}
		for _, v := range s.Volumes {
			source, _, _ := strings.Cut(v, ":")
			if _, err := os.Stat(filepath.Join(deploy, source)); strings.HasPrefix(source, ".") && err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if _, ok := c.Volumes[source]; !strings.HasPrefix(source, ".") && !ok {
				t.Errorf("%s: the volume %s is not declared", name, source)
			}
		}
		for _, p := range s.Ports {
			if !strings.HasPrefix(p, "127.0.0.1:") {
				t.Errorf("%s: the port %s is open to the world", name, p)
			}
		}
		for _, on := range dependencies(t, s.DependsOn) {
			other, ok := c.Services[on.name]
			if !ok || on.healthy && other.Healthcheck == nil {
				t.Errorf("%s waits for %s, which is not there or does not say how it is", name, on.name)
			}
		}
	}
}

// settings gives the program those of every service that runs it, and counts
// the services.
func (c *compose) settings(t *testing.T) (n int) {
	t.Helper()
	for name, s := range c.Services {
		if s.Build == nil {
			continue
		}
		n++
		var env []string
		for k, v := range s.Environment {
			env = append(env, k+"="+v)
		}
		code, out := tool(t, env, "", "config", "print")
		if code != 0 || !strings.Contains(out, "@postgres:5432/tgtrack") ||
			!strings.Contains(out, s.Environment["TGTRACK_NATS_URL"]) {
			t.Errorf("the settings of %s: exit code %d\n%s", name, code, out)
		}
	}
	return n
}

// TestCluster checks that the file has two processes of each role, that each is
// scraped, that together they leave PostgreSQL connections, and that the NATS
// nodes make one cluster.
func TestCluster(t *testing.T) {
	t.Parallel()
	var c compose
	if err := yaml.Unmarshal([]byte(substituted(t, readFile(t, deploy+"/cluster.yaml"))), &c); err != nil {
		t.Fatal(err)
	}
	roles, conns := map[string]int{}, 0
	var want, nodes []string
	for name, s := range c.Services {
		if s.Build != nil {
			roles[s.Environment["TGTRACK_ROLES"]]++
			want = append(want, name+":8080")
			most, err := strconv.Atoi(s.Environment["TGTRACK_DATABASE_MAX_CONNS"])
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			conns += most + 1
		}
		if s.Hostname != "" && s.Hostname != name {
			t.Errorf("%s is named %s", name, s.Hostname)
		}
		if !strings.HasPrefix(name, "nats-") {
			continue
		}
		nodes = append(nodes, "nats://"+name+":4222")
		o, err := natsserver.ConfigureOptions(flag.NewFlagSet(name, flag.ContinueOnError), s.Command, nil, nil, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if o.ServerName != name || !o.JetStream || o.Cluster.Name != "tgtrack" || o.Authorization == "" ||
			o.Cluster.Password == "" || len(o.Routes) != 2 {
			t.Errorf("%s: %v", name, s.Command)
		}
		for _, r := range o.Routes {
			password, _ := r.User.Password()
			if _, ok := c.Services[r.Hostname()]; !ok || r.Hostname() == name || password != o.Cluster.Password {
				t.Errorf("%s has a route to %s", name, r.Redacted())
			}
		}
	}
	if len(roles) != 4 || roles["api"] != 2 || roles["relay"] != 2 || roles["deliver"] != 2 || roles["reports"] != 2 {
		t.Errorf("roles: %v", roles)
	}
	if conns > 100 {
		t.Errorf("the processes take %d connections", conns)
	}
	slices.Sort(nodes)
	if url := c.Services["api-1"].Environment["TGTRACK_NATS_URL"]; url != strings.Join(nodes, ",") {
		t.Errorf("nats.url is %s", url)
	}
	var p struct {
		Scrape []struct {
			Job    string                       `yaml:"job_name"`
			Static []struct{ Targets []string } `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
	}
	if err := yaml.Unmarshal([]byte(readFile(t, deploy+"/prometheus-cluster.yml")), &p); err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	if len(p.Scrape) != 1 || p.Scrape[0].Job != "tgtrack" || len(p.Scrape[0].Static) != 1 {
		t.Fatalf("%+v", p)
	}
	got := p.Scrape[0].Static[0].Targets
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("scraped are %v, want %v", got, want)
	}
}

// substituted puts a value for each variable of .env.
func substituted(t *testing.T, text string) string {
	t.Helper()
	values := map[string]string{"TGTRACK_PUBLIC_URL": "https://go.example.com",
		"TGTRACK_HTTP_TRUSTED_PROXIES": "172.16.0.0/12"}
	doc := readFile(t, root+"/docs/deploy.md")
	return regexp.MustCompile(`\$\{([A-Z_]+)[^}]*\}`).ReplaceAllStringFunc(text, func(v string) string {
		name := regexp.MustCompile(`[A-Z_]+`).FindString(v)
		if !strings.Contains(doc, name) {
			t.Errorf("docs/deploy.md does not say what %s is", name)
		}
		if value, ok := values[name]; ok {
			return value
		}
		return "Value0of0" + strings.ReplaceAll(name, "_", "0")
	})
}

type dependency struct {
	name    string
	healthy bool
}

// dependencies reads both forms of depends_on.
func dependencies(t *testing.T, n yaml.Node) []dependency {
	t.Helper()
	var out []dependency
	switch n.Kind {
	case yaml.SequenceNode:
		for _, c := range n.Content {
			out = append(out, dependency{name: c.Value})
		}
	case yaml.MappingNode:
		var m map[string]struct{ Condition string }
		if err := n.Decode(&m); err != nil {
			t.Fatal(err)
		}
		for name, c := range m {
			out = append(out, dependency{name, c.Condition == "service_healthy"})
		}
	}
	return out
}

// TestMonitoringFiles has promtool read the configuration beside the rules it
// names, and checks what Grafana is told.
func TestMonitoringFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	configs := []string{"prometheus.yml", "prometheus-cluster.yml"}
	for from, to := range map[string]string{
		deploy + "/" + configs[0]: configs[0], deploy + "/" + configs[1]: configs[1],
		root + "/configs/prometheus/alerts.yml": "alerts.yml",
	} {
		if err := os.WriteFile(filepath.Join(dir, to), []byte(readFile(t, from)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range configs {
		if out, err := exec.Command(promtool(t), "check", "config", filepath.Join(dir, name)).
			CombinedOutput(); err != nil {
			t.Errorf("promtool: %v\n%s", err, out)
		}
	}
	var boards struct {
		Providers []struct{ Options struct{ Path string } }
	}
	if err := yaml.Unmarshal([]byte(readFile(t, deploy+"/grafana/dashboards.yaml")), &boards); err != nil ||
		len(boards.Providers) != 1 {
		t.Fatalf("%+v, %v", boards, err)
	}
	var source struct{ Datasources []struct{ Type, URL string } }
	if err := yaml.Unmarshal([]byte(readFile(t, deploy+"/grafana/datasource.yaml")), &source); err != nil ||
		len(source.Datasources) != 1 || source.Datasources[0].URL != "http://prometheus:9090" {
		t.Errorf("%+v, %v", source, err)
	}
	if mount := "../grafana:" + boards.Providers[0].Options.Path +
		":ro"; !strings.Contains(readFile(t, deploy+"/compose.yaml"), mount) {
		t.Errorf("nothing is mounted where Grafana looks for dashboards: %s", mount)
	}
}

// TestUnit checks the systemd unit: by systemd where it is installed, and by
// reading it everywhere.
func TestUnit(t *testing.T) {
	t.Parallel()
	text := readFile(t, deploy+"/tgtrack.service")
	got, section := map[string][]string{}, ""
	for _, line := range instructions(text) {
		if strings.HasPrefix(line, "[") {
			section = strings.Trim(line, "[]")
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			t.Errorf("%q is no setting", line)
		}
		got[section+"."+key] = append(got[section+"."+key], value)
	}
	for key, want := range map[string]string{
		"Service.ExecStart": "/usr/local/bin/tgtrack serve", "Service.DynamicUser": "yes",
		"Service.StateDirectory": "tgtrack", "Service.Environment": "TGTRACK_DATA_DIR=%S/tgtrack",
		"Service.NoNewPrivileges": "yes", "Service.ProtectSystem": "strict", "Service.CapabilityBoundingSet": "",
		"Install.WantedBy": "multi-user.target",
	} {
		if v := got[key]; !slices.Equal(v, []string{want}) {
			t.Errorf("%s is %q, want %q", key, v, want)
		}
	}
	for key, values := range got {
		if len(values) > 1 && key != "Service.SystemCallFilter" {
			t.Errorf("%s is set %d times", key, len(values))
		}
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		return // what is above was checked all the same
	}
	unit := filepath.Join(t.TempDir(), "tgtrack.service")
	text = strings.ReplaceAll(text, "/usr/local/bin/tgtrack", e2e.Binary(t))
	if err := os.WriteFile(unit, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(analyze, "verify", "--man=no", "--recursive-errors=no", unit).
		CombinedOutput(); err != nil || strings.Contains(string(out), "tgtrack.service") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, fmt.Sprintf("%.2000s", out))
	}
}
