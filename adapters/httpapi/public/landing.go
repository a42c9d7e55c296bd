package public

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// landing serves the landing script: a few lines for the advertiser's own
// page, which lead its buttons over a click link. It looks links up as click
// links are, in a memory of its own.
type landing struct {
	*clickLinks
	script string // a function that is called with a landingTarget
}

// landingTarget is what the script is told. Buttons of a link that leads
// nowhere yet are left alone: neither Bot nor Invite is set.
type landingTarget struct {
	Base   string `json:"base"`   // of click links; no slash at its end
	Link   string `json:"link"`   // its address, as the script was asked for
	Bot    string `json:"bot"`    // username of the bot or channel
	Invite string `json:"invite"` // what stands behind the host in the invite link
	// Cookies is a pattern of the page's cookies that are handed on, Params
	// what those are called in the click whose name is another there.
	Cookies string            `json:"cookies,omitempty"`
	Params  map[string]string `json:"params,omitempty"`
}

func newLanding(o Options, d Deps) (*landing, error) {
	source, err := assets.ReadFile("assets/t.js")
	if err != nil {
		return nil, err
	}
	return &landing{newClickLinks(o, d, nil), compactScript(string(source))}, nil
}

// telegramHosts are the hosts of Telegram in the script's pattern of addresses.
const telegramHosts = `t\.me|telegram\.(?:me|dog)`

// toMAX makes the script look for addresses of MAX, which has a start value
// behind the bot's name, too.
var toMAX = strings.NewReplacer(telegramHosts, `max\.ru`, `/\/+$/`, `/(\/start\/.*|\/+)$/`)

const landingPath = "/t.js"

func (l *landing) room() httpapi.Room {
	return httpapi.Room{
		Name: "landing script", Bases: []string{landingPath}, Refuse: refuseLanding,
		Routes: []httpapi.Route{{
			Method: http.MethodGet, Path: landingPath, Right: usecase.ForAnybody,
			Within: min(l.RequestTimeout, clickTimeout), Serve: l.serve,
		}},
	}
}

// refuseLanding answers with JavaScript whatever happens: the page that asks
// can do nothing with any other kind of answer. The comment is for the
// developer who looks at the page's errors.
func refuseLanding(_ context.Context, c *fiber.Ctx, status int, err error) error {
	scriptHeaders(c)
	c.Set(fiber.HeaderCacheControl, "no-store")
	text := httpapi.Detail(err)
	switch {
	case text != "":
	case status == http.StatusNotFound:
		text = "there is no such link"
	default:
		text = "the link cannot be looked up right now"
	}
	return c.Status(status).SendString("// tgtrack: " + text + "\n")
}

func scriptHeaders(c *fiber.Ctx) {
	c.Set(fiber.HeaderContentType, "text/javascript; charset=utf-8")
	c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	c.Set("Cross-Origin-Resource-Policy", "cross-origin")
}

func (l *landing) serve(ctx context.Context, c *fiber.Ctx) error {
	scriptHeaders(c)
	asked := strings.Clone(c.Query("link"))
	address, err := addressOf(asked)
	if err != nil {
		return httpapi.Refused(http.StatusNotFound,
			"there is no such link; the address of this script ends in ?link= and the id of a link")
	}
	to, err := l.find(ctx, address)
	if err != nil {
		return notNow(err)
	}
	body, err := l.render(to, asked)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	c.Set(fiber.HeaderETag, tag)
	c.Set(fiber.HeaderCacheControl, "public, max-age=3600")
	if hasTag(c.Get(fiber.HeaderIfNoneMatch), tag) {
		return c.SendStatus(http.StatusNotModified)
	}
	return c.Send(body)
}

// render appends the call. JSON as Go writes it is safe inside a script, even
// one that is pasted into a page: < > & and line separators are escaped.
func (l *landing) render(to place, address string) ([]byte, error) {
	t := landingTarget{Base: l.PublicURL, Link: address}
	t.Cookies, t.Params = l.Browsers.PageCookies()
	if usecase.DeepLink(&to.project, &to.link, to.link.StartValue) != "" {
		t.Bot, t.Invite = to.project.Username, inviteName(to.link.InviteLink, to.project.Host())
	}
	told, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	script := l.script
	if to.project.MessengerOf("") == domain.MAX {
		script = toMAX.Replace(script)
	}
	return append([]byte(script+"("), append(told, ");\n"...)...), nil
}

// inviteName is the path of an invite link, in the newer of its two forms.
func inviteName(link, host string) string {
	name := strings.TrimPrefix(link, "https://"+host+"/")
	if hash, old := strings.CutPrefix(name, "joinchat/"); old {
		return "+" + hash
	}
	return strings.TrimSuffix(name, "/")
}

// hasTag reads If-None-Match: https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2
func hasTag(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == tag {
			return true
		}
	}
	return false
}

var (
	scriptComment = regexp.MustCompile(`(?m)^\s*//.*\n`)
	scriptIndent  = regexp.MustCompile(`(?m)^\s+`)
	// Line ends that are no end of a statement.
	scriptJoin  = regexp.MustCompile(`([,{(|])\n|\n([})])`)
	scriptSpace = regexp.MustCompile(` ?(=>|[!=]=|&&|\|\||[=?:+,<{}>]) ?|(\bif|\bcatch) `)
)

// compactScript takes out what only readers need. It knows no JavaScript: the
// source keeps comments on lines of their own, and no space that matters
// beside an operator in its texts and patterns.
func compactScript(source string) string {
	s := scriptComment.ReplaceAllString(source, "")
	s = scriptIndent.ReplaceAllString(s, "")
	s = scriptSpace.ReplaceAllString(s, "$1$2")
	return strings.TrimSpace(scriptJoin.ReplaceAllString(s, "$1$2"))
}
