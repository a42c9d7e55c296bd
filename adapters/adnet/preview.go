package adnet

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// Sampler is a Sink that says what a click must bring for an account to take
// it, where that is more than its ClickIDs.
type Sampler interface {
	SampleClick(s Settings) map[string]string
}

// sampleID stands for a click id: networks that look at theirs take digits.
const sampleID = "1234567890123456789"

// SampleClick gives parameters of a click that an account takes.
func (s *Service) SampleClick(a *domain.Account) map[string]string {
	sink, err := s.registry.Get(a.Network)
	if err != nil {
		return nil
	}
	if sampler, ok := sink.(Sampler); ok {
		return sampler.SampleClick(a.Settings)
	}
	out := map[string]string{}
	for _, name := range s.describe(a.Network).ClickIDs {
		out[name] = sampleID
	}
	return out
}

// SampleValues are made-up values of parameters, for a Sampler.
func SampleValues(names []string) map[string]string {
	out := map[string]string{}
	for _, name := range names {
		out[name] = sampleID
	}
	return out
}

// Preview makes the request for a conversion as it would be sent, and sends it
// to nobody.
func (s *Service) Preview(ctx context.Context, a domain.Account, c domain.Conversion) usecase.Preview {
	j, err := s.job(a)
	if err != nil {
		return usecase.Preview{Problem: err.Error()}
	}
	j.a.Client = &http.Client{Transport: s.nobody(j)}
	if c.NotBefore.After(j.a.Now) {
		j.a.Now = c.NotBefore
	}
	c.BatchID, c.Handle, c.AttemptOpen = c.ID, "", false // the name of the upload that would be made
	v := pipeline{redact{j.desc, j.a.Settings}, rehearsal{s.o, j}}.run(ctx, []domain.Conversion{c})[0]
	if v.Exchange == nil {
		return usecase.Preview{Problem: v.Reason}
	}
	return usecase.Preview{
		Problem: v.Exchange.Error,
		Request: usecase.AttemptDocument(&usecase.KeptCall{Head: v.Exchange.Kept().Head}, v.Row, ""),
	}
}

// rehearsal asks the sink and tells nobody of it: nothing was sent.
type rehearsal struct {
	o *Options
	*job
}

func (r rehearsal) exec(ctx context.Context, cs []domain.Conversion, _ onward) (vs []Verdict) {
	failed := All(len(cs), Verdict{Class: Hold, Reason: "the delivery failed inside tgtrack"})
	defer func() {
		if p := recover(); p != nil {
			r.logPanic(r.o.Logger, p)
			vs = failed
		}
	}()
	if vs = r.sink.Deliver(ctx, r.a, cs); len(vs) != len(cs) {
		return failed
	}
	return vs
}

// nobody is the other side of a Preview. Addresses that users enter are refused
// as they would be when they are called.
func (s *Service) nobody(j *job) http.RoundTripper {
	for _, f := range j.desc.Fields {
		if f.Kind == URL && !s.o.Clients.AllowPrivate() {
			return nobody{check: true}
		}
	}
	return nobody{}
}

type nobody struct{ check bool }

// RoundTrip implements http.RoundTripper: whoever asks for a token gets one that
// opens nothing.
func (n nobody) RoundTrip(r *http.Request) (*http.Response, error) {
	defer closeBody(r)
	if n.check {
		if err := CheckAddress(r.URL); err != nil {
			return nil, err
		}
	}
	return &http.Response{
		StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
		Body: io.NopCloser(strings.NewReader(`{"access_token":"nobody","expires_in":60}`)),
	}, nil
}
