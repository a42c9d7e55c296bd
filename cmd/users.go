package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/tgtrack/tgtrack/domain"
)

// resetOptions are the flags of letting somebody in again.
type resetOptions struct{ secondFactor, asJSON bool }

func (p *program) users() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "users", Short: "List who logs into the cabinet, or let somebody in again", Args: cobra.NoArgs,
		Long: "List the users of the cabinet, as the running server knows them: e-mail, whether an\n" +
			"administrator, a second factor, the last login.",
		RunE: func(c *cobra.Command, _ []string) error { return p.listUsers(c.Context(), asJSON) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	var o resetOptions
	reset := &cobra.Command{
		Use: "reset EMAIL", Short: "Make a link by which a user sets a new password", Args: cobra.ExactArgs(1),
		Long: "Make a link by which a user of the cabinet sets a new password, for an owner who\n" +
			"lost it. It works once, for cabinet.invitation. Whoever lost the second factor, too,\n" +
			"needs --second-factor.",
		RunE: func(c *cobra.Command, args []string) error { return p.resetUser(c.Context(), args[0], o) },
	}
	reset.Flags().BoolVar(&o.secondFactor, "second-factor", false, "take the second factor away, too")
	reset.Flags().BoolVar(&o.asJSON, "json", false, "print JSON")
	c.AddCommand(reset)
	return c
}

// listedUsers is the server's list of users.
type listedUsers struct {
	Items []domain.User `json:"items"`
}

func (p *program) listUsers(ctx context.Context, asJSON bool) error {
	api, err := p.client()
	if err != nil {
		return err
	}
	var all listedUsers
	if err := api.call(ctx, http.MethodGet, "/users", nil, &all); err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(p.out).Encode(all)
	}
	if len(all.Items) == 0 {
		_, err := fmt.Fprintln(p.out, "nobody yet; tgtrack serve prints the link that makes the first owner")
		return err
	}
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "E-MAIL\tADMINISTRATOR\tSECOND FACTOR\tLAST LOGIN")
	yes := map[bool]string{true: "yes", false: "-"}
	for _, u := range all.Items {
		last := "never"
		if u.LastLoginAt != nil {
			last = u.LastLoginAt.UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", u.Email, yes[u.Admin], yes[u.SecondFactor], last)
	}
	return w.Flush()
}

// wayBack is what was made for somebody to come in again.
type wayBack struct {
	Email        string `json:"email"`
	URL          string `json:"url"`
	SecondFactor bool   `json:"second_factor"` // that there is one still
}

func (p *program) resetUser(ctx context.Context, email string, o resetOptions) error {
	api, err := p.client()
	if err != nil {
		return err
	}
	var all listedUsers
	if err := api.call(ctx, http.MethodGet, "/users", nil, &all); err != nil {
		return err
	}
	u, err := userOf(all.Items, email)
	if err != nil {
		return err
	}
	made := wayBack{Email: u.Email, SecondFactor: u.SecondFactor}
	at := "/users/" + url.PathEscape(u.ID)
	if o.secondFactor && u.SecondFactor {
		if err := api.call(ctx, http.MethodDelete, at+"/second-factor", nil, nil); err != nil {
			return err
		}
		made.SecondFactor = false
	}
	if err := api.call(ctx, http.MethodPost, at+"/reset-link", struct{}{}, &made); err != nil {
		return err
	}
	if o.asJSON {
		return json.NewEncoder(p.out).Encode(made)
	}
	fmt.Fprintf(p.out, "%s sets a new password here; the link works once, and for a short time:\n%s\n",
		made.Email, made.URL)
	if made.SecondFactor {
		fmt.Fprintln(p.out, "the second factor stays; whoever lost it needs --second-factor")
	}
	return nil
}

func userOf(us []domain.User, email string) (domain.User, error) {
	for _, u := range us {
		if strings.EqualFold(u.Email, strings.TrimSpace(email)) {
			return u, nil
		}
	}
	return domain.User{}, fmt.Errorf("nobody logs in as %q; tgtrack users lists who does", email)
}
