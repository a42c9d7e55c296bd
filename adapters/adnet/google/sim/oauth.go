package sim

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
)

// scope is what a token must have been asked for.
const scope = "https://www.googleapis.com/auth/datamanager"

// tokenService is the token service. Access tokens carry what they were
// given for, so that nothing has to be kept; revoking a refresh token or a
// service account, under google_oauth or google, ends them.
// https://developers.google.com/identity/protocols/oauth2/web-server#offline
func tokenService(s simulation) http.Handler {
	refuse := func(w http.ResponseWriter, status int, code, text string) {
		adsim.Reply(w, status, map[string]any{"error": code, "error_description": text})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/token" || r.Method != http.MethodPost {
			http.NotFound(w, r)
			return
		}
		if r.ParseForm() != nil {
			refuse(w, http.StatusBadRequest, "invalid_request", "The form can not be read.")
			return
		}
		var who string
		switch f := r.PostForm; f.Get("grant_type") {
		case "refresh_token":
			if f.Get("client_id") == "" || f.Get("client_secret") == "" {
				refuse(w, http.StatusUnauthorized, "invalid_client", "The OAuth client was not found.")
				return
			}
			who = f.Get("refresh_token")
		case "urn:ietf:params:oauth:grant-type:jwt-bearer":
			who = s.issuer(f.Get("assertion"))
		default:
			refuse(w, http.StatusBadRequest, "unsupported_grant_type",
				"Invalid grant_type: "+f.Get("grant_type"))
			return
		}
		if who == "" || s.revoked(who) {
			refuse(w, http.StatusBadRequest, "invalid_grant", "Token has been expired or revoked.")
			return
		}
		adsim.Reply(w, http.StatusOK, map[string]any{
			"access_token": s.accessToken(who), "expires_in": 3599, "scope": scope, "token_type": "Bearer",
		})
	})
}

func (s simulation) revoked(who string) bool {
	return s.Revoked("google_oauth", who) || s.Revoked("google", who)
}

// issuer of a service account's assertion, "" when it is not in order. The
// signature is not looked at: the simulation knows no keys.
func (s simulation) issuer(assertion string) string {
	parts := strings.Split(assertion, ".")
	if len(parts) != 3 || parts[2] == "" {
		return ""
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	var c struct {
		Issuer   string `json:"iss"`
		Scope    string `json:"scope"`
		Audience string `json:"aud"`
		From     int64  `json:"iat"`
		Until    int64  `json:"exp"`
	}
	if err != nil || json.Unmarshal(raw, &c) != nil {
		return ""
	}
	now := s.Now()
	late := now.After(time.Unix(c.Until, 0)) || c.Until-c.From > 3600 ||
		time.Unix(c.From, 0).After(now.Add(5*time.Minute))
	if late || c.Scope != scope || c.Audience != "https://oauth2.googleapis.com/token" {
		return ""
	}
	return c.Issuer
}

func (s simulation) accessToken(who string) string {
	return "ya29.sim." + strconv.FormatInt(s.Now().Unix(), 10) + "." +
		base64.RawURLEncoding.EncodeToString([]byte(who))
}

// opens tells whether an Authorization header has a token that is good now.
func (s simulation) opens(header string) bool {
	token, ok := strings.CutPrefix(header, "Bearer ya29.sim.")
	at, who, _ := strings.Cut(token, ".")
	sec, err := strconv.ParseInt(at, 10, 64)
	raw, bad := base64.RawURLEncoding.DecodeString(who)
	if !ok || err != nil || bad != nil {
		return false
	}
	return s.Now().Before(time.Unix(sec+3600, 0)) && !s.revoked(string(raw))
}
