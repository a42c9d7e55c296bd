package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
	decoders "github.com/tgtrack/tgtrack/platforms/all"
)

// serveEmpty reads each body as the service does and answers: the most that
// HTTP and decoding leave room for.
func serveEmpty(ctx context.Context, out io.Writer) error {
	app, err := emptyApp()
	if err != nil {
		return err
	}
	return serve(ctx, app, out)
}

// answer of the empty handler, the same as the service's.
type answer struct {
	Status string `json:"status"`
	Mode   string `json:"mode"`
	Data   struct {
		Events []receipt `json:"events"`
	} `json:"data"`
}

type receipt struct {
	ID        string           `json:"id"`
	Type      domain.EventType `json:"type"`
	Duplicate bool             `json:"duplicate"`
}

// emptyApp is a server with one handler: decode, answer. It asks nobody about
// the key.
func emptyApp() (*fiber.App, error) {
	registry, err := platforms.NewRegistry(decoders.Decoders()...)
	if err != nil {
		return nil, err
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true, CaseSensitive: true})
	app.Post("/v1/:key/:method", func(c *fiber.Ctx) error {
		signals, _, err := registry.Decode("telegram", platforms.Inbound{
			Method: c.Params("method"), ContentType: c.Get(fiber.HeaderContentType), Body: c.Body(),
			ReceivedAt: time.Now().UTC(),
		})
		if err != nil {
			return err
		}
		a := answer{Status: "OK", Mode: "production"}
		for _, s := range signals {
			a.Data.Events = append(a.Data.Events, receipt{ID: s.SenderKey, Type: s.Type})
		}
		return c.JSON(a)
	})
	return app, nil
}

// serve serves on a free port of loopback until ctx ends.
func serve(ctx context.Context, app *fiber.App, out io.Writer) error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s%s\n", announced, ln.Addr())
	served := make(chan error, 1)
	go func() { served <- app.Listener(ln) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
		return app.ShutdownWithTimeout(5 * time.Second)
	}
}
