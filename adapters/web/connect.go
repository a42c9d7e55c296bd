package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
)

func (w *Cabinet) connectRoutes() []route {
	return []route{
		{get, project + "/connect", viewer, (*visit).connect},
		{post, project + "/connect/keys", editor, (*visit).showKeys},
		{get, project + "/connect/keys", viewer, (*visit).connectAgain},
		{post, project + "/connect/rotate", editor, (*visit).rotateKey},
		{get, project + "/connect/rotate", viewer, (*visit).connectAgain},
		{post, project + "/connect/secret", owner, (*visit).saveSecret},
		{get, project + "/connect/secret", viewer, (*visit).connectAgain},
	}
}

// connectAgain is for whoever loads the page that a form led to once more: the
// key is hidden again.
func (v *visit) connectAgain() error {
	to := v.url("connect")
	if q := string(v.c.Context().QueryArgs().QueryString()); q != "" {
		to += "?" + q
	}
	return v.redirect(to)
}

// connectPage says what to press in the constructor, and whether it worked.
type connectPage struct {
	Platform  platforms.Descriptor
	Platforms []platforms.Descriptor
	// Lacking: this build has no decoder of the project's constructor, so that
	// nothing is known of it but its name.
	Lacking bool
	Methods []method
	// Signature of its requests, nil where they are not signed.
	Signature *signatureForm
	Insecure  bool // the constructor would not post to the addresses: they are no HTTPS
	Steps     []string
	Keys      []usecase.ShownKey // only when asked for
	NewKey    string             // made just now
	Check     connectCheck
	Faults    faults
}

// signatureForm tells how requests are signed, and takes the secret.
type signatureForm struct {
	Header, Title, Name string
	Kept                bool // the project keeps a secret
}

// method is a call of the event API with its address.
type method struct{ Name, URL string }

func (v *visit) connect() error { return v.sendConnect(connectPage{}, usecase.SecretMask) }

// sendConnect fills the page; key stands in the addresses.
func (v *visit) sendConnect(p connectPage, key string) error {
	if err := v.choosePlatform(&p); err != nil {
		return err
	}
	for _, m := range append(append([]string{}, p.Platform.Methods...), p.Platform.Serves...) {
		p.Methods = append(p.Methods, method{m, v.methodURL(key, m)})
	}
	for _, step := range p.Platform.Guide.Steps(v.lang) {
		p.Steps = append(p.Steps, v.addressed(step, key))
	}
	p.Platform.Guide.Body = v.addressed(p.Platform.Guide.Body, key)
	p.Insecure = p.Platform.HTTPSOnly && !strings.HasPrefix(v.PublicURL, "https://")
	if s := p.Platform.Signature; s.Declared() {
		p.Signature = &signatureForm{
			Header: s.Header, Title: s.Title.In(v.lang), Name: s.Secret, Kept: v.project.WebhookSecrets.Get(s.Secret) != "",
		}
	}
	var err error
	if p.Check, err = v.check(&p, key); err != nil {
		return err
	}
	if v.query("seen") == p.Check.Mark && v.c.Get("HX-Request") != "" {
		v.c.Status(http.StatusNoContent) // nothing new
		return nil
	}
	status := http.StatusOK
	if p.Faults != nil {
		status = http.StatusUnprocessableEntity
	}
	return v.render(status, "connect", p, v.text("nav.connect"))
}

// methodURL is the address of a method, with a key.
func (v *visit) methodURL(key, method string) string {
	return v.PublicURL + "/v1/" + key + "/" + method
}

// addressed puts addresses in place of the methods in a text of a guide.
func (v *visit) addressed(text, key string) string {
	for _, m := range v.Platforms.Methods() {
		text = strings.ReplaceAll(text, "{"+m+"}", v.methodURL(key, m))
	}
	return text
}

// choosePlatform finds the constructor that was asked for, or the project's. One
// that this build lacks is listed for the project that has it.
func (v *visit) choosePlatform(p *connectPage) error {
	own := v.project.Constructor
	name := cmp.Or(v.query("constructor"), own)
	p.Platforms = v.constructors()
	if !v.Platforms.Has(own) {
		p.Platforms = append(p.Platforms, platforms.Descriptor{Name: own, Title: own})
	}
	i := slices.IndexFunc(p.Platforms, func(d platforms.Descriptor) bool { return d.Name == name })
	if i < 0 {
		return domain.ErrNotFound
	}
	p.Platform, p.Lacking = p.Platforms[i], !v.Platforms.Has(name)
	return nil
}

// showKeys shows the addresses with the key. That they were shown is in the
// log of changes.
func (v *visit) showKeys() error {
	ks, err := v.Projects.ShowKeys(v.ctx, v.project.ID)
	if err != nil {
		return err
	}
	return v.sendConnect(connectPage{Keys: ks}, newest(ks))
}

// newest is the newest API key that works.
func newest(ks []usecase.ShownKey) string {
	for _, k := range ks {
		if k.Kind == usecase.APIKey {
			return k.Text
		}
	}
	return usecase.SecretMask
}

func (v *visit) rotateKey() error {
	kind := usecase.APIKey
	if v.form("kind") == string(usecase.ReportKey) {
		kind = usecase.ReportKey
	}
	hours, err := strconv.Atoi(v.form("hours"))
	if err != nil {
		return v.sendConnect(connectPage{Faults: faults{"hours": v.text("form.whole")}}, usecase.SecretMask)
	}
	seconds := hours * 3600
	k, err := v.Projects.RotateKey(v.ctx, v.project.ID, kind, usecase.KeyInput{OverlapSeconds: &seconds})
	if f := v.faultsOf(err); f != nil {
		f["hours"] = f["overlap_seconds"]
		return v.sendConnect(connectPage{Faults: f}, usecase.SecretMask)
	}
	if err != nil {
		return err
	}
	if kind == usecase.APIKey {
		return v.sendConnect(connectPage{NewKey: k.Key}, k.Key)
	}
	return v.sendConnect(connectPage{NewKey: k.Key}, usecase.SecretMask)
}

// saveSecret keeps the secret that a constructor signs with, or removes it.
func (v *visit) saveSecret() error {
	var p connectPage
	if err := v.choosePlatform(&p); err != nil {
		return err
	}
	name, secret := p.Platform.Signature.Secret, v.form("secret")
	if name == "" {
		return domain.ErrNotFound
	}
	again := v.connectAgain
	switch remove := v.form("remove") != ""; {
	case remove:
		secret = ""
	case strings.TrimSpace(secret) == "": // as a form is left that hides what is kept
		return again()
	}
	_, err := v.Projects.Update(v.ctx, v.project.ID, usecase.ProjectInput{
		WebhookSecrets: map[string]*string{name: &secret},
	})
	if f := v.faultsOf(err); f != nil {
		f["secret"] = f["webhook_secrets."+name]
		return v.sendConnect(connectPage{Faults: f}, usecase.SecretMask)
	}
	if err != nil {
		return err
	}
	return again()
}
