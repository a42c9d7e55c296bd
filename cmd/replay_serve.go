package cmd

import (
	"context"
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
	r *eventbus.Relay, g *platforms.Guard, ru *report.Rollups, logger *slog.Logger) *usecase.Replays {
	return usecase.NewReplays(usecase.ReplayConfig{}, s, usecase.ReplayParts{
		Projects: s, Directory: d, Ingest: i, Vault: v, Requests: l, Decoder: keptDecoder{g}, Taken: s, Sends: s,
		Events: s, Stream: r, Reports: ru, Wake: r.Wake,
	}, s.NewID, s.Now, logger)
}

// keptDecoder decodes kept requests with the decoders of this build.
type keptDecoder struct{ guard *platforms.Guard }

// SecretOf implements usecase.KeptDecoder.
func (d keptDecoder) SecretOf(constructor, method string) string {
	if s := d.guard.Signature(constructor, method); s != nil {
		return s.Secret
	}
	return ""
}

// DecodeKept implements usecase.KeptDecoder.
func (d keptDecoder) DecodeKept(
	ctx context.Context, p *usecase.ProjectView, r *usecase.RequestRecord, body []byte,
) ([]domain.Signal, []domain.Warning, error) {
	return d.guard.Decode(ctx, p.Constructor, platforms.Inbound{
		Method: r.Called(), ContentType: r.ContentType, Body: body, BotUsername: p.Username, Zone: p.Zone,
		ReceivedAt: r.ReceivedAt,
	})
}
