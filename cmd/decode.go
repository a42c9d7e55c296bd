package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/platforms"
)

// decoding is what `tgtrack decode` shows.
type decoding struct {
	Method      string          `json:"method"`
	Constructor string          `json:"constructor"`
	Decoder     string          `json:"decoder"`
	Evidence    string          `json:"evidence"`
	Signals     []domain.Signal `json:"signals"`
	// Warnings are what was repaired in the body or left out of it.
	Warnings  []domain.Warning `json:"warnings,omitempty"`
	ErrorCode int              `json:"error_code,omitempty"`
	Error     string           `json:"error,omitempty"`
}

func (p *program) decode() *cobra.Command {
	var in platforms.Inbound
	var constructor string
	var asJSON, fromStream bool
	var kept streamDecode
	c := &cobra.Command{
		Use:   "decode --method M [FILE]",
		Short: "Show what a webhook's body becomes, and why, without a server",
		Args:  cobra.MaximumNArgs(1),
		Long: "Decode shows what a webhook's body becomes, and why, without a server.\n\n" +
			"With --from-stream it decodes the requests that the running server keeps, and\n" +
			"shows those that are read differently now than they were then. With --save it\n" +
			"also writes each of them as a golden case of a decoder's test.",
		RunE: func(c *cobra.Command, args []string) error {
			registry, err := newDecoders(p.plugins)
			if err != nil {
				return err
			}
			if fromStream {
				if len(args) > 0 {
					return wrong("--from-stream reads no file")
				}
				kept.method, kept.asJSON = in.Method, asJSON
				return p.decodeStream(c.Context(), registry, kept)
			}
			if kept.save != "" {
				return wrong("--save goes with --from-stream")
			}
			if err := checkDecodeFlags(registry, in.Method, constructor); err != nil {
				return err
			}
			if in.Body, err = p.readBody(args); err != nil {
				return err
			}
			in.ReceivedAt = time.Now().UTC().Truncate(time.Microsecond)
			d := decodeOne(registry, constructor, in)
			if asJSON {
				err = json.NewEncoder(p.out).Encode(d)
			} else {
				err = d.print(p.out)
			}
			if err == nil && d.ErrorCode != 0 {
				return errors.New("the service would refuse this body")
			}
			return err
		},
	}
	c.Flags().StringVar(&in.Method, "method", "", "API method the body is posted to (required)")
	c.Flags().StringVar(&constructor, "constructor", "telegram", "constructor of the project")
	c.Flags().StringVar(&in.ContentType, "content-type", "application/json", "Content-Type of the request")
	c.Flags().StringVar(&in.BotUsername, "username", "", "username of the bot")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&fromStream, "from-stream", false, "compare the requests that the running server keeps")
	c.Flags().StringVar(&kept.project, "project", "", "id of the project; all when empty (with --from-stream)")
	c.Flags().IntVar(&kept.code, "code", 0, "code of the answer they got (with --from-stream)")
	c.Flags().StringVar(&kept.from, "from", "", "from a time or day on (with --from-stream)")
	c.Flags().IntVar(&kept.limit, "limit", 1000, "most requests (with --from-stream)")
	c.Flags().StringVar(&kept.save, "save", "",
		"folder in which to write the requests as golden cases (with --from-stream)")
	return c
}

func checkDecodeFlags(r *platforms.Registry, method, constructor string) error {
	if method == "" {
		return wrong("--method is missing; it is one of %s", strings.Join(r.Methods(), ", "))
	}
	if !slices.Contains(r.Methods(), method) {
		return wrong("--method %s is unknown; it is one of %s", method, strings.Join(r.Methods(), ", "))
	}
	if !r.Has(constructor) {
		return wrong("--constructor %s is unknown; see tgtrack platforms", constructor)
	}
	return nil
}

func (p *program) readBody(args []string) ([]byte, error) {
	if len(args) == 0 || args[0] == "-" {
		return io.ReadAll(p.in)
	}
	b, err := os.ReadFile(args[0])
	if err != nil {
		return nil, &usageError{err}
	}
	return b, nil
}

func decodeOne(r *platforms.Registry, constructor string, in platforms.Inbound) decoding {
	decoder, _ := r.Resolve(constructor, in.Method)
	desc := decoder.Describe()
	d := decoding{Method: in.Method, Constructor: constructor, Decoder: desc.Name, Evidence: string(desc.Evidence)}
	var err error
	if d.Signals, d.Warnings, err = r.Decode(constructor, in); err != nil {
		d.Error, d.ErrorCode = err.Error(), decodeCode(err)
	}
	return d
}

// decodeCode is the event API's code for an error of a decoder.
func decodeCode(err error) int {
	switch {
	case errors.Is(err, platforms.ErrMediaType):
		return 415
	case errors.Is(err, domain.ErrMalformed):
		return 400
	case errors.Is(err, domain.ErrInvalid):
		return 422
	}
	return 500
}

func (d decoding) print(w io.Writer) error {
	fmt.Fprintf(w, "method      %s\ndecoder     %s (%s format)\n", d.Method, d.Decoder, d.Evidence)
	for _, warning := range d.Warnings {
		fmt.Fprintf(w, "warning     %s\n", warning.Text(i18n.English))
	}
	switch {
	case d.Error != "":
		fmt.Fprintf(w, "refused     %d %s\n", d.ErrorCode, d.Error)
	case len(d.Signals) == 0:
		fmt.Fprintln(w, "becomes     nothing: the body is read, and is not our business (answered 200)")
	}
	for i, s := range d.Signals {
		b, err := json.MarshalIndent(s, "", "  ")
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "becomes     %s (%d of %d)\n%s\n", s.Type, i+1, len(d.Signals), b)
	}
	return nil
}
