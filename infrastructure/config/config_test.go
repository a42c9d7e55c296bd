package config_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tgtrack/tgtrack/infrastructure/config"
)

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tgtrack.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func compare(t *testing.T, want, got config.Config) {
	t.Helper()
	opts := cmp.Options{cmpopts.EquateComparable(netip.Prefix{}), cmpopts.EquateEmpty()}
	if diff := cmp.Diff(want, got, opts); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDefaultsAlone(t *testing.T) {
	t.Parallel()
	got, err := config.Load("", []string{"HOME=/root", "TGTRACKER=1"}, networks()...)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Defaults(networks()...)
	want.PublicURL = "http://127.0.0.1:8080"
	want.Ingest.Writers = 1 // SQLite
	compare(t, want, got)
}

func TestLayers(t *testing.T) {
	t.Parallel()
	path := file(t, `
http: {addr: ":9000", trusted_proxies: [10.1.2.3/8, "::1"]}
database: {url: "postgres://u@h/d", max_conns: 40}
secret_key: from the file
roles: [api, relay]
requests: {max_bytes: 2 gib, keep_ignored: true}
adnetworks: {carrier: {poll_after: 2s, base_url: "http://localhost:1/metrica/"}}
limits:
  per_second: 0
goals:
nats: {token: ~}
`)
	got, err := config.Load(path, []string{
		"TGTRACK_SECRET_KEY=from = the environment",
		"TGTRACK_ROLES=deliver, reports",
		"TGTRACK_ADNETWORKS_CARRIER_COLLECT_BASE_URL=http://localhost:2",
		"TGTRACK_HTTP_REQUEST_TIMEOUT=1m30s",
		"TGTRACK_OUTBOUND_ALLOW_PRIVATE=true",
		"TGTRACK_NATS_MAX_BYTES_EVENTS=5000000",
		"TGTRACK_DELIVERY_WINDOWS_CARRIER=36h",
	}, networks()...)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Defaults(networks()...)
	want.HTTP = config.HTTP{
		Addr: ":9000", RequestTimeout: 90 * time.Second,
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")},
	}
	want.PublicURL = "http://:9000"
	want.Database = config.Database{URL: "postgres://u@h/d", MaxConns: 40, Prepared: true}
	want.SecretKey = "from = the environment"
	want.Roles = []string{"deliver", "reports"}
	want.Requests.MaxBytes = 2 * config.GiB
	want.Requests.KeepIgnored = true
	want.NATS.MaxBytes.Events = 5_000_000
	carrier := &want.AdNetworks.Networks[0]
	carrier.Window = 36 * time.Hour
	carrier.Settings[0].Text = "http://localhost:1/metrica"
	carrier.Settings[1].Duration = 2 * time.Second
	carrier.Settings[3].Text = "http://localhost:2"
	want.Outbound.AllowPrivate = true
	want.Limits.PerSecond = 0
	compare(t, want, got)
}

// A file may use what YAML has against repetition.
func TestAnchors(t *testing.T) {
	t.Parallel()
	got, err := config.Load(file(t, `
idempotency: &kept {keep: 48h}
dedup:
  <<: *kept
  identical_within: 3s
goals: {join_window: 36h}
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Dedup{Keep: 48 * time.Hour, IdenticalWithin: 3 * time.Second}
	if got.Dedup != want || got.Idempotency.Keep != 48*time.Hour {
		t.Errorf("%+v %+v", got.Idempotency, got.Dedup)
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		yaml string
		env  []string
		want []string // each must be in the error
	}{
		"unknown key": {
			yaml: "htpp: {addr: x}",
			want: []string{"htpp in ", "unknown key"},
		},
		"unknown key in a section": {yaml: "http: {adress: x}", want: []string{"http.adress"}},
		"dotted key":               {yaml: "http.addr: x", want: []string{"http.addr", "nested"}},
		"value for a section":      {yaml: "http: x", want: []string{"http in ", "section"}},
		"section for a value":      {yaml: "data_dir: {a: b}", want: []string{"data_dir", "text"}},
		"number for a text": {
			yaml: "secret_key: 0123456",
			want: []string{"secret_key", "quotes"},
		},
		"not a mapping": {yaml: "- a\n- b", want: []string{"YAML mapping"}},
		"broken":        {yaml: "a: [", want: []string{"YAML mapping"}},
		"unknown variable": {
			env:  []string{"TGTRACK_HTTP_ADRESS=x"},
			want: []string{"TGTRACK_HTTP_ADRESS", "unknown variable"},
		},
		"variable of a section": {env: []string{"TGTRACK_HTTP=x"}, want: []string{"TGTRACK_HTTP:"}},
		"bad bool": {
			env:  []string{"TGTRACK_OUTBOUND_ALLOW_PRIVATE=maybe"},
			want: []string{"TGTRACK_OUTBOUND_ALLOW_PRIVATE: must be true or false"},
		},
		"bad duration": {
			yaml: "http: {request_timeout: 10}",
			want: []string{"http.request_timeout", "60s"},
		},
		"negative duration": {
			yaml: "retention: {events: -1h}",
			want: []string{"retention.events", "at least 0s"},
		},
		"too short": {
			yaml: "relay: {interval: 0s}",
			want: []string{"relay.interval", "at least 1ms"},
		},
		"bad size": {
			yaml: "requests: {max_bytes: lots}",
			want: []string{"requests.max_bytes", "1GiB", "at least 1MiB"},
		},
		"size that overflows": {
			yaml: "requests: {max_bytes: 99999999999TiB}",
			want: []string{"requests.max_bytes"},
		},
		"fraction": {
			yaml: "limits: {per_day: 1.5}",
			want: []string{"limits.per_day", "whole number"},
		},
		"negative number": {
			env:  []string{"TGTRACK_LIMITS_PER_HOUR=-1"},
			want: []string{"TGTRACK_LIMITS_PER_HOUR", "at least 0"},
		},
		"zero where not allowed": {
			env:  []string{"TGTRACK_INGEST_MAX_BATCH=0"},
			want: []string{"TGTRACK_INGEST_MAX_BATCH", "at least 1"},
		},
		"bad network": {
			yaml: "http: {trusted_proxies: [proxy]}",
			want: []string{"http.trusted_proxies", "10.0.0.0/8", `"proxy"`},
		},
		"bad listen address": {
			env:  []string{"TGTRACK_HTTP_ADDR=8080"},
			want: []string{"TGTRACK_HTTP_ADDR", "port"},
		},
		"bad port": {
			env:  []string{"TGTRACK_HTTP_ADDR=:99999"},
			want: []string{"TGTRACK_HTTP_ADDR"},
		},
		"bad public url": {
			yaml: "public_url: example.org",
			want: []string{"public_url", "https://"},
		},
		"public url with query": {
			yaml: "public_url: 'https://example.org/?a=b'",
			want: []string{"public_url", "without ?"},
		},
		"no data folder": {yaml: "data_dir: ''", want: []string{"data_dir"}},
		"bad database": {
			yaml: "database: {url: 'mysql://u:hush@h/d'}\nsecret_key: k",
			want: []string{"database.url", "postgres://"},
		},
		"postgres without key": {
			env:  []string{"TGTRACK_DATABASE_URL=postgres://h/d"},
			want: []string{"secret_key", "database.url"},
		},
		"bad nats": {
			yaml: "nats: {url: 'nats://a:1,http://u:hush@b'}",
			want: []string{"nats.url", "nats://"},
		},
		"nats twice": {
			yaml: "nats: {url: 'nats://a:1', listen: ':4222'}",
			want: []string{"nats.listen", "nats.url"},
		},
		"two copies of the streams": {
			yaml: "nats: {url: 'nats://a:1', replicas: 2}",
			want: []string{"nats.replicas", "must not be 2"},
		},
		"too many copies": {yaml: "nats: {url: 'nats://a:1', replicas: 7}", want: []string{"nats.replicas", "at most 5"}},
		"copies of the embedded server": {
			yaml: "nats: {replicas: 3}",
			want: []string{"nats.replicas", "embedded"},
		},
		"password for the embedded server": {
			yaml: "nats: {user: u, password: hush}",
			want: []string{"nats.user", "nats.password", "outside"},
		},
		"nats certificate without key": {
			yaml: "nats: {url: 'nats://a:1', tls: {cert: c.pem}}",
			want: []string{"nats.tls.key", "nats.tls.cert"},
		},
		"nats key without certificate": {
			yaml: "nats: {url: 'nats://a:1', tls: {key: k.pem}}",
			want: []string{"nats.tls.cert", "nats.tls.key"},
		},
		"nats password of nobody": {
			yaml: "nats: {url: 'nats://a:1', password: hush}",
			want: []string{"nats.user", "nats.password"},
		},
		"two identities for nats": {
			yaml: "nats: {url: 'nats://a:1', user: u, token: hush}",
			want: []string{"nats.user", "nats.token"},
		},
		"identity in the address, too": {
			yaml: "nats: {url: 'nats://u:hush@a:1', credentials: file}",
			want: []string{"nats.credentials", "nats.url"},
		},
		"open nats port": {yaml: "nats: {listen: ':4222'}", want: []string{"nats.token"}},
		"unknown role": {
			yaml: "roles: all,cook",
			want: []string{"roles", `"cook"`, "deliver"},
		},
		"no role": {yaml: "roles: ' , '", want: []string{"roles", "at least one"}},
		"roles on sqlite": {
			env:  []string{"TGTRACK_ROLES=api"},
			want: []string{"TGTRACK_ROLES", "SQLite"},
		},
		"bad level": {
			yaml: "log: {level: loud, format: xml}",
			want: []string{"log.level", "debug, info", "log.format", "text, json"},
		},
		"bad unit": {
			yaml: "goals: {amount_unit: cents}",
			want: []string{"goals.amount_unit", "major, minor"},
		},
		"bad version": {
			yaml: "adnetworks: {carrier: {version: '26'}}",
			want: []string{"adnetworks.carrier.version", "v26.0"},
		},
		"bad base url": {
			yaml: "adnetworks: {carrier: {base_url: top.mail.ru}}",
			want: []string{"adnetworks.carrier.base_url"},
		},
		"bad base url beside": {
			yaml: "adnetworks: {carrier_collect: {base_url: x}}",
			want: []string{"adnetworks.carrier_collect.base_url"},
		},
		"unknown network": {
			yaml: "adnetworks: {carier: {base_url: x}}",
			want: []string{"adnetworks.carier", "unknown key"},
		},
		"window of none": {
			env:  []string{"TGTRACK_DELIVERY_WINDOWS_CARIER=1h"},
			want: []string{"WINDOWS_CARIER", "unknown variable"},
		},
		"short window": {
			yaml: "delivery: {windows: {carrier: 1ms}}",
			want: []string{"delivery.windows.carrier", "at least 1s"},
		},
		"short wait of a network": {
			yaml: "adnetworks: {carrier: {poll_after: 0s}}",
			want: []string{"adnetworks.carrier.poll_after", "at least 1ms"},
		},
		"retry order": {
			yaml: "delivery: {retry_min: 2h}",
			want: []string{"delivery.retry_max"},
		},
		"line of a key": {
			yaml: "log:\n  level: info\nlimits:\n  per_hour: 1\n\n  per_day: x\n",
			want: []string{"limits.per_day in ", ".yaml, line 6: must be a whole number"},
		},
		"line of an unknown key": {
			yaml: "log:\n  levle: info\n",
			want: []string{"log.levle in ", ".yaml, line 2: unknown"},
		},
		"line of broken YAML": {yaml: "log:\n  level: [\n", want: []string{"line 2"}},
		"repeated key": {
			yaml: "data_dir: a\ndata_dir: b",
			want: []string{"line 2", "already defined at line 1"},
		},
		"provider without its address": {
			env: []string{"TGTRACK_OPENID_CLIENT_ID=x"}, want: []string{"openid.issuer: must be set"},
		},
		"nobody could log in": {
			yaml: "openid: {passwords: false}", want: []string{"openid.passwords", "must be true"},
		},
		"provider without a client": {
			yaml: "openid: {issuer: ftp://x, scopes: [openid]}",
			want: []string{"openid.issuer", "openid.client_id", "openid.scopes", "must have openid and email"},
		},
		"all at once": {
			yaml: "nothing: 1\nlimits: {per_day: x}", env: []string{"TGTRACK_X=1", "TGTRACK_LOG_LEVEL=x"},
			want: []string{"nothing", "limits.per_day", "TGTRACK_X", "TGTRACK_LOG_LEVEL"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load(file(t, c.yaml), c.env, networks()...)
			if !errors.Is(err, config.ErrInvalid) {
				t.Fatalf("Load = %v, want ErrInvalid", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q: %v", want, err)
				}
			}
			if strings.Contains(err.Error(), "hush") {
				t.Errorf("the error shows a password: %v", err)
			}
		})
	}
}

func TestMissingFile(t *testing.T) {
	t.Parallel()
	if _, err := config.Load(filepath.Join(t.TempDir(), "none.yaml"), nil); !errors.Is(err, config.ErrInvalid) {
		t.Errorf("Load = %v, want ErrInvalid", err)
	}
}

// What is printed can be read back, so that it is a good start for a file.
func TestPrintReadsBack(t *testing.T) {
	t.Parallel()
	want, err := config.Load("", []string{
		"TGTRACK_HTTP_TRUSTED_PROXIES=10.0.0.0/8,192.0.2.1", "TGTRACK_RETENTION_CLICKS=36h1m",
	}, networks()...)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := want.Print(&out, false); err != nil {
		t.Fatal(err)
	}
	got, err := config.Load(file(t, out.String()), nil, networks()...)
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	compare(t, want, got)
}

func TestPrintMasks(t *testing.T) {
	t.Parallel()
	c := config.Defaults()
	c.AdminToken, c.SecretKey, c.NATS.Token = "hush1", "hush2", "hush3"
	c.NATS.Password, c.OpenID.ClientSecret = "hush9", "hush10"
	c.Database.URL = "postgres://bob:hush4@db:5432/x?sslmode=require&sslpassword=hush5"
	c.NATS.URL = "nats://eve:hush6@a:4222, nats://hush7@b:4222"
	for _, asJSON := range []bool{false, true} {
		var out bytes.Buffer
		if err := c.Print(&out, asJSON); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "hush") {
			t.Errorf("a secret is shown:\n%s", out.String())
		}
		for _, want := range []string{"bob:***@db:5432/x", "sslmode=require", "eve:***@a:4222", "***@b:4222"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%q is missing:\n%s", want, out.String())
			}
		}
		if asJSON && !json.Valid(out.Bytes()) {
			t.Errorf("not JSON:\n%s", out.String())
		}
	}
	c.Database.URL = "postgres://bob:hush 8@%zz"
	var out bytes.Buffer
	if err := c.Print(&out, false); err != nil || strings.Contains(out.String(), "hush") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestLookups(t *testing.T) {
	t.Parallel()
	c := config.Defaults()
	if !c.Has(config.RoleRelay) || !c.SQLite() {
		t.Error("by default one process on SQLite does everything")
	}
	c.Roles, c.Database.URL = []string{config.RoleAPI}, "postgres://h/d"
	if c.Has(config.RoleRelay) || !c.Has(config.RoleAPI) || c.SQLite() {
		t.Error("a process with the role api does the work of another, or not its own")
	}
	want := map[string]string{
		"carrier": "https://api.carrier.example", "carrier_collect": "https://collect.carrier.example",
		"telegram": "https://api.telegram.org",
	}
	c = config.Defaults(networks()...)
	if diff := cmp.Diff(want, c.AdNetworks.BaseURLs()); diff != "" {
		t.Errorf("networks (-want +got):\n%s", diff)
	}
	windows := map[string]time.Duration{"carrier": 71 * time.Hour, "hook": 720 * time.Hour}
	if diff := cmp.Diff(windows, c.AdNetworks.Windows()); diff != "" {
		t.Errorf("windows (-want +got):\n%s", diff)
	}
	values := map[string]string{
		"base_url": "https://api.carrier.example", "poll_after": "15m0s", "version": "v26.0",
		"carrier_collect.base_url": "https://collect.carrier.example",
	}
	if diff := cmp.Diff(values, c.AdNetworks.Values("carrier")); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

// networks are what a build could have.
func networks() []config.Network {
	return []config.Network{
		{Name: "carrier", Window: 71 * time.Hour, Settings: []config.Setting{
			{Name: "base_url", Default: "https://api.carrier.example"},
			{Name: "poll_after", Default: "15m", IsDuration: true, Min: "1ms"},
			{Name: "version", Default: "v26.0", Form: `^v[0-9]+\.[0-9]+$`,
				Example: "a version such as v26.0"},
			{Name: "carrier_collect.base_url", Default: "https://collect.carrier.example"},
		}},
		{Name: "hook", Window: 720 * time.Hour},
	}
}
