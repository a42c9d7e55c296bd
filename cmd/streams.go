package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"
)

// recreateOptions are the flags of making a stream anew.
type recreateOptions struct{ force, refill, asJSON bool }

func (p *program) streams() *cobra.Command {
	parent := &cobra.Command{
		Use: "streams", Short: "Look after the streams of the running server", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return wrong("say what to do: tgtrack streams recreate NAME")
		},
	}
	var o recreateOptions
	c := &cobra.Command{
		Use: "recreate NAME", Short: "Make a stream anew whose NATS nodes never come back", Args: cobra.ExactArgs(1),
		Long: "Make a stream anew, empty, in the running server. It is for a stream whose NATS\n" +
			"nodes never come back; `tgtrack doctor` names those. What the stream held is gone:\n" +
			"events and conversions are filled again from the database, requests are not. A\n" +
			"stream that answers is left alone without --force.",
		RunE: func(c *cobra.Command, args []string) error { return p.recreateStream(c.Context(), args[0], o) },
	}
	c.Flags().BoolVar(&o.force, "force", false, "make it anew although it is well: what it holds is lost")
	c.Flags().BoolVar(&o.refill, "refill", false, "fill it from the database at once, as tgtrack replay refill does")
	c.Flags().BoolVar(&o.asJSON, "json", false, "print JSON")
	parent.AddCommand(c)
	return parent
}

func (p *program) recreateStream(ctx context.Context, name string, o recreateOptions) error {
	api, err := p.client()
	if err != nil {
		return err
	}
	var made struct {
		Stream string     `json:"stream"`
		Refill *replayJob `json:"refill"`
	}
	err = api.call(ctx, http.MethodPost, "/streams/"+url.PathEscape(name)+"/recreate",
		map[string]bool{"force": o.force, "refill": o.refill}, &made)
	if err != nil {
		return err
	}
	if o.asJSON {
		return json.NewEncoder(p.out).Encode(made)
	}
	if _, err := fmt.Fprintf(p.out, "%s is made anew and empty\n", made.Stream); err != nil {
		return err
	}
	if made.Refill != nil {
		return p.showReplay(ctx, api, *made.Refill, false, true)
	}
	_, err = fmt.Fprintln(p.out, "fill it from the database with: tgtrack replay refill")
	return err
}
