package cmd

import (
	"fmt"
	"log/slog"

	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// newReplays makes what runs replays in a server.
func newReplays(s *store.Store, d *usecase.Directory, i *usecase.Ingest, v usecase.Vault, l *eventbus.RequestLog,
	r *eventbus.Relay, p *platforms.Registry, ru *report.Rollups, logger *slog.Logger) *usecase.Replays {
	return usecase.NewReplays(usecase.ReplayConfig{}, s, usecase.ReplayParts{
		Projects: s, Directory: d, Ingest: i, Vault: v, Requests: l, Decoder: keptDecoder{p}, Taken: s, Sends: s,
		Events: s, Stream: r, Reports: ru, Wake: r.Wake,
	}, s.NewID, s.Now, logger)
}

// keptDecoder decodes kept requests with the decoders of this build.
type keptDecoder struct{ registry *platforms.Registry }

// SecretOf implements usecase.KeptDecoder.
func (d keptDecoder) SecretOf(constructor, method string) string {
	if s := d.registry.Signature(constructor, method); s != nil {
		return s.Secret
	}
	return ""
}

// DecodeKept implements usecase.KeptDecoder. A decoder's panic is an error of
// this request.
func (d keptDecoder) DecodeKept(constructor, username string, r *usecase.RequestRecord,
	body []byte) (signals []domain.Signal, err error) {
	defer func() {
		if p := recover(); p != nil {
			signals, err = nil, fmt.Errorf("the decoder panicked: %v", p)
		}
	}()
	return d.registry.Decode(constructor, platforms.Inbound{
		Method: r.Called(), ContentType: r.ContentType, Body: body, BotUsername: username,
		ReceivedAt: r.ReceivedAt,
	})
}
