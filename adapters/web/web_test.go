package web

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/domain/i18n/i18ntest"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/notify"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// names are values as parts of keys.
func names[T ~string](values ...T) []string {
	var out []string
	for _, v := range values {
		out = append(out, string(v))
	}
	return out
}

// TestTexts: each text that pages ask for is there in both languages, and none
// that they do not ask for.
func TestTexts(t *testing.T) {
	t.Parallel()
	w, err := newWords(nil)
	if err != nil {
		t.Fatal(err)
	}
	var pages []string
	for _, m := range menuPages() {
		pages = append(pages, strings.TrimPrefix(m.key(), "nav."))
	}
	var terms []string
	for _, term := range report.Terms() {
		terms = append(terms, term.Key)
	}
	findings := names(usecase.FindingCodes()...)
	states := names(usecase.ConnectionStates()...)
	reaches := names(domain.ReachPlain, domain.ReachNetwork, domain.ReachSelf, domain.ReachNobody)
	i18ntest.Catalogue(t, w.texts, i18ntest.Uses{
		Dir: ".", Templates: templates, Glob: "templates/*.html",
		Built: map[string][]string{
			"attempt.": names(
				usecase.VerdictDelivered, usecase.VerdictDuplicate, usecase.VerdictAccepted,
				usecase.VerdictRetry,
				usecase.VerdictThrottled, usecase.VerdictAuthRevoked, usecase.VerdictMisconfigured,
				usecase.VerdictDisabled,
				usecase.VerdictRejected, usecase.VerdictUnmatched, usecase.VerdictExpired,
				usecase.VerdictUncertain, usecase.VerdictResend, usecase.VerdictReturned,
			),
			"messenger.":     domain.Messengers(),
			"audit_action.":  actions(t),
			"breaker.":       {"half-open", "open"},
			"breaker_help.":  {"half-open", "open"},
			"currency.":      currencies(),
			"connect.key_":   names(usecase.APIKey, usecase.ReportKey),
			"connect.state.": states,
			"connect.do.": slices.DeleteFunc(slices.Clone(states), func(s string) bool {
				return s == string(usecase.ConnectionRefused) // the mistake says what to do
			}),
			"reach.":     reaches,
			"reach_do.":  reaches,
			"dimension.": names(report.Dimensions()...),
			"finder.":    {"pages", "links", "people", "projects"},
			"effect.": names(domain.Opened, domain.Closed, domain.OpenedClosed, domain.Moved, domain.JoinedElsewhere,
				domain.LeftElsewhere, domain.Elsewhere),
			"event.": names(domain.EventTypes()...),

			"export.separator_": exportMenu{}.Separators(),
			"export.decimal_":   exportMenu{}.Decimals(),
			"export_table.":     {"daily", "hourly", "sources", "links", "costs", "audience"},
			"evidence.":         names(platforms.Captured, platforms.Documented, platforms.Unverified),
			"finding.":          findings,
			"finding_do.":       findings,
			"health.": names(
				domain.Healthy, domain.Untried, domain.Degraded, domain.Throttled, domain.Reauth, domain.Misconfigured,
				domain.Disabled, domain.Unsupported,
			),
			"job.": append(
				names(usecase.ConversionKinds()...), names(
					usecase.ReplayWaiting, usecase.ReplayInterrupted, usecase.ReplayRunning,
					usecase.ReplayDone, usecase.ReplayFailed, usecase.ReplayCancelled,
				)...,
			),
			"link_done.":         {"saved", "created", "duplicated", "restored"},
			"link_use.":          domain.LinkUses{Clicks: true, Starts: true, Costs: true, Rules: true}.Names(),
			"utm_template_done.": {"saved", "deleted"},
			"left_out.":          names(usecase.LeftOuts()...),
			"kind.":              names(domain.KindBot, domain.KindChannel),
			"nav.":               pages,
			"notice.":            names(notify.Waiting, notify.Sending, notify.Sent, notify.Uncertain, notify.Failed),
			"notice_kind.":       {notify.KindDigest, notify.KindAlert, notify.KindTest},
			"openid_fail.":       names(usecase.OpenIDReasons()...),
			"open_page.":         names(domain.OpenPageOff, domain.OpenPageAuto, domain.OpenPageAlways),
			"period.":            (&period{}).Presets(),
			"live_result.":       liveResults(),
			"verdict_short.":     names(usecase.RequestVerdicts()...),
			"audit_field.":       under(t, auditTexts(), "audit_field."),
			"audit_link.":        names(usecase.SetupLink, usecase.InviteLink, usecase.ResetLink, usecase.SharedReport),
			"audit_value.":       under(t, auditTexts(), "audit_value."),
			"reason.": names(
				domain.ByClick, domain.BySharedClick, domain.ByLink, domain.ByInviteLink, domain.ByCutLink,
				domain.ByGuess,
				domain.ByStartValue, domain.Organic,
			),
			"role.":          names(domain.Roles()...),
			"scope.":         names(domain.ScopeRead, domain.ScopeWrite),
			"service_part.":  append(findingGroups(), otherFindings),
			"service_state.": {"problem", "advice"},
			"status.":        names(domain.Statuses()...),
			"step_result.":   names(domain.InProgress, domain.Success, domain.Failure),
			"tier.":          names(platforms.Full, platforms.Medium, platforms.Minimal),
			"term.":          terms,
			"define.":        terms,
			"grain.":         names(report.ByHour, report.ByDay, report.ByWeek, report.ByMonth),
			"piece.":         names(report.ByHour, report.ByDay, report.ByWeek, report.ByMonth),
			"compare.":       {"previous", "year", "none", "dates"},
			"month.": {
				"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
			},
			"verdict.": names(usecase.RequestVerdicts()...),
		},
	})
}

// under are the keys of a catalogue that begin alike, without their beginning.
func under(t *testing.T, c i18n.Catalogue, prefix string) []string {
	t.Helper()
	var out []string
	for key := range c {
		if rest, ok := strings.CutPrefix(key, prefix); ok {
			out = append(out, rest)
		}
	}
	return out
}

// actions are what the audit log can have, as parts of keys.
func actions(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, action := range append(usecase.Refusals(), "user.openid_connect", "user.openid_disconnect", usecase.LoginDone,
		usecase.LogoutDone, usecase.TokenUsed,
		usecase.ReportExported, usecase.ReportShared, usecase.BackupMade) {
		out = append(out, strings.ReplaceAll(action, ".", "_"))
	}
	for _, dir := range []string{"../../usecase", "../../usecase/notify", "."} {
		for _, call := range calls(t, dir, "note", "audited", "Note") {
			for _, arg := range call.Args {
				action := constant(arg)
				if strings.Contains(action, ".") && !strings.HasSuffix(action, "_") {
					out = append(out, strings.Replace(action, ".", "_", 1))
				}
			}
		}
	}
	return out
}

// TestFaultsAreTranslated: what a form can say of wrong input is said in both
// languages, and no text is left of what is not said any more.
func TestFaultsAreTranslated(t *testing.T) {
	t.Parallel()
	w, err := newWords(nil)
	if err != nil {
		t.Fatal(err)
	}
	i18ntest.Texts(t, w.faults)
	said := map[string]bool{}
	for _, pattern := range []string{
		"usecase", "usecase/*", "domain", "adapters/adnet", "adapters/adnet/*", "adapters/web", "adapters/httpapi",
		"adapters/httpapi/sheet",
	} {
		dirs, err := filepath.Glob("../../" + pattern)
		if err != nil || len(dirs) == 0 {
			t.Fatal(pattern, err)
		}
		for _, dir := range dirs {
			for _, call := range calls(t, dir, "Invalid") {
				if len(call.Args) > 1 {
					said[constant(call.Args[1])] = true
				}
			}
		}
	}
	for format := range w.faults {
		if !said[format] {
			t.Errorf("nothing says %q", format)
		}
	}
	for format := range said {
		if _, ok := w.faults[format]; !ok && format != "" && format != "%s" {
			t.Errorf("no Russian for %q", format)
		}
	}
}

// calls finds the calls of methods and functions in the Go files of a folder,
// but in those of tests.
func calls(t *testing.T, dir string, wanted ...string) []*ast.CallExpr {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var out []*ast.CallExpr
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			called := ""
			switch f := call.Fun.(type) {
			case *ast.Ident:
				called = f.Name
			case *ast.SelectorExpr:
				called = f.Sel.Name
			}
			if slices.Contains(wanted, called) {
				out = append(out, call)
			}
			return true
		})
	}
	return out
}

// constant is a text that stands in the code, perhaps in parts; "" for others.
func constant(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		if err == nil && e.Kind == token.STRING {
			return s
		}
	case *ast.BinaryExpr:
		return constant(e.X) + constant(e.Y)
	}
	return ""
}

// TestOneWayToCopy: what is there to be copied has the button of _copy.html, which
// the keyboard reaches, and which copies nothing that is masked.
func TestOneWayToCopy(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(templates, "templates/*.html")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(templates, name)
		if err != nil {
			t.Fatal(err)
		}
		if name != "templates/_copy.html" && (strings.Contains(string(text), "data-copy") ||
			strings.Contains(string(text), `class="copy`)) {
			t.Errorf("%s copies in a way of its own", name)
		}
	}
}

// TestAssetsAreSmall: no page needs more than 80 KiB of scripts and styles,
// compressed, and none with charts more than 150.
func TestAssetsAreSmall(t *testing.T) {
	t.Parallel()
	a, err := loadAssets()
	if err != nil {
		t.Fatal(err)
	}
	plain, charts := 0, 0
	for name, f := range a.byName {
		switch {
		case name == "chart.umd.min.js":
			charts = len(f.zipped)
		case strings.HasSuffix(name, ".js"), strings.HasSuffix(name, ".css"):
			plain += len(f.zipped)
		}
	}
	if plain == 0 || charts == 0 || plain > 80<<10 || plain+charts > 150<<10 {
		t.Errorf("%d bytes on each page, and %d for charts", plain, charts)
	}
}

// TestPagesAreWhole: every template can be read, and each has a main part.
func TestPagesAreWhole(t *testing.T) {
	t.Parallel()
	ps, err := loadPages()
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Glob(templates, "templates/[^_]*.html")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if ps.Lookup(pageName(path.Base(file))) == nil {
			t.Errorf("%s has no main part", file)
		}
	}
}

// TestBytesAreCounted: a number has the form of the word that goes with it.
func TestBytesAreCounted(t *testing.T) {
	t.Parallel()
	w, err := newWords(nil)
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int64]string{1: "1 байт", 304: "304 байта", 12: "12 байт", 65: "65 байт"} {
		if got := w.texts.Count(i18n.Russian, "request.bytes", n); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
