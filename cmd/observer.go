package cmd

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// observer turns what the parts see into metrics. Label values are bounded:
// methods, codes, constructors, networks and verdicts, never a person or key.
type observer struct {
	http        *prometheus.CounterVec
	httpTime    *prometheus.HistogramVec
	limits      *prometheus.CounterVec
	requests    *prometheus.CounterVec
	requestTime *prometheus.HistogramVec
	undecoded   *prometheus.CounterVec
	batchSize   prometheus.Histogram
	// decoderFaults counts what decoders do wrong.
	decoderFaults *prometheus.CounterVec
	commitTime    prometheus.Histogram
	batchErrors   *prometheus.CounterVec
	verdicts      *prometheus.CounterVec
	attemptTime   *prometheus.HistogramVec
	ended         *prometheus.CounterVec
	handed        *prometheus.CounterVec
	published     *prometheus.CounterVec
	unpublished   *prometheus.CounterVec
	relayAge      *prometheus.GaugeVec
	dropped       prometheus.Counter
	leftOut       prometheus.Counter
	trimmed       *prometheus.CounterVec
	lostClicks    prometheus.Counter
	crowded       prometheus.Counter
	refused       *prometheus.CounterVec
	noRoomClicks  prometheus.Counter
}

func newObserver(reg *prometheus.Registry) *observer {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tgtrack_" + name, Help: help}, labels)
		reg.MustRegister(c)
		return c
	}
	seconds := prometheus.ExponentialBuckets(0.0005, 2, 16)
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "tgtrack_" + name, Help: help,
			Buckets: buckets}, labels)
		reg.MustRegister(h)
		return h
	}
	age := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "tgtrack_relay_oldest_seconds",
		Help: "Age of the oldest event in the batch under way to its stream, 0 when none is."}, []string{"stream"})
	dropped := prometheus.NewCounter(prometheus.CounterOpts{Name: "tgtrack_request_log_dropped_total",
		Help: "Requests lost to the request log because its buffer was full."})
	leftOut := prometheus.NewCounter(prometheus.CounterOpts{Name: "tgtrack_request_log_bodies_left_out_total",
		Help: "Requests kept without body, since their project has its share of the request log."})
	lost := prometheus.NewCounter(prometheus.CounterOpts{Name: "tgtrack_clicks_lost_total",
		Help: "Clicks that neither the database nor a stream took; the visitors were sent on."})
	crowded := prometheus.NewCounter(prometheus.CounterOpts{Name: "tgtrack_clicks_over_rate_total",
		Help: "Visits that made no click since too many came from one address; the visitors were sent on."})
	noRoom := prometheus.NewCounter(prometheus.CounterOpts{Name: "tgtrack_clicks_no_room_total",
		Help: "Visits that made no click since the disk was nearly full; the visitors were sent on."})
	reg.MustRegister(age, dropped, leftOut, lost, crowded, noRoom)
	o := &observer{
		http:     counter("http_requests_total", "Answers by part of the server and code.", "area", "code"),
		httpTime: histogram("http_request_seconds", "Time to answer by part of the server.", seconds, "area"),
		limits: counter("limits_hit_total",
			"Requests refused because a project's limit was used up, by limit.", "limit"),
		requests:    counter("requests_total", "Requests of the event API by method and code.", "method", "code"),
		requestTime: histogram("request_seconds", "Time to answer requests of the event API.", seconds, "method"),
		undecoded: counter("decode_failures_total",
			"Bodies that could not be decoded, by the project's constructor.", "constructor"),
		decoderFaults: counter("decoder_faults_total",
			"What decoders did wrong, by kind; one that is off answers no more until a restart.", "decoder", "fault"),
		batchSize: histogram("ingest_batch_size", "Arrivals stored in one transaction.",
			prometheus.ExponentialBuckets(1, 2, 11)).WithLabelValues().(prometheus.Histogram),
		commitTime: histogram("ingest_commit_seconds", "Time to decide and commit a batch.", seconds).
			WithLabelValues().(prometheus.Histogram),
		batchErrors: counter("ingest_batch_errors_total", "Batches that were not stored, by reason.", "reason"),
		verdicts:    counter("deliveries_total", "Verdicts of the ad networks on conversions.", "network", "verdict"),
		attemptTime: histogram("attempt_seconds", "Time of one call to an ad network.", seconds, "network"),
		ended: counter("conversions_ended_total",
			"Conversions that this process saw end, or end anew, by status.", "status"),
		handed: counter("handed_over_total",
			"Conversions that were taken to be sent, each time that they were.", "network"),
		published: counter("published_total", "Messages that a stream acknowledged.", "stream"),
		unpublished: counter("publish_failures_total",
			"Messages that a stream did not acknowledge; they are sent again.", "stream"),
		refused: counter("access_refused_total",
			"Who was turned away, by what they came with.", "action"),
		relayAge: age,
		trimmed: counter("stream_trimmed_total", "Messages that were deleted from a stream, since their project had "+
			"so much of it that little was left for others.", "stream"),
		dropped: dropped, leftOut: leftOut, lostClicks: lost, crowded: crowded, noRoomClicks: noRoom,
	}
	o.begin()
	return o
}

// begin shows what is known from the start as 0: a counter that first appears
// with its first failure shows no rise.
func (o *observer) begin() {
	for _, limit := range []string{"per_second", "per_hour", "per_day"} {
		o.limits.WithLabelValues(limit)
	}
	for _, action := range usecase.Refusals() {
		o.refused.WithLabelValues(action)
	}
	for _, reason := range []string{"data", "unavailable", "other"} {
		o.batchErrors.WithLabelValues(reason)
	}
	for _, status := range domain.Statuses() {
		if !status.Unfinished() {
			o.ended.WithLabelValues(string(status))
		}
	}
	for _, stream := range eventbus.Streams() {
		o.published.WithLabelValues(stream)
		o.unpublished.WithLabelValues(stream)
	}
	for _, stream := range []string{eventbus.StreamRequests, eventbus.StreamEvents} {
		o.trimmed.WithLabelValues(stream)
	}
}

// ObserveRequest counts an answered request of the event API.
func (o *observer) ObserveRequest(method string, code int, took time.Duration) {
	o.requests.WithLabelValues(method, strconv.Itoa(code)).Inc()
	o.requestTime.WithLabelValues(method).Observe(took.Seconds())
}

// ObserveDecodeFailure counts a body that could not be decoded.
func (o *observer) ObserveDecodeFailure(constructor string) {
	o.undecoded.WithLabelValues(constructor).Inc()
}

// ObserveHTTP counts an answer of a part of the server.
func (o *observer) ObserveHTTP(area string, code int, took time.Duration) {
	o.http.WithLabelValues(area, strconv.Itoa(code)).Inc()
	o.httpTime.WithLabelValues(area).Observe(took.Seconds())
}

// ObserveLimit counts a request that a limit refused.
func (o *observer) ObserveLimit(limit string) {
	o.limits.WithLabelValues(strings.ReplaceAll(limit, " ", "_")).Inc()
}

// ObserveBatch counts a batch of ingest.
func (o *observer) ObserveBatch(size int, took time.Duration, err error) {
	o.batchSize.Observe(float64(size))
	o.commitTime.Observe(took.Seconds())
	switch {
	case err == nil:
	case errors.Is(err, domain.ErrInvalid):
		o.batchErrors.WithLabelValues("data").Inc()
	case errors.Is(err, domain.ErrUnavailable):
		o.batchErrors.WithLabelValues("unavailable").Inc()
	default:
		o.batchErrors.WithLabelValues("other").Inc()
	}
}

// ObserveVerdicts counts the verdicts of one call to a network.
func (o *observer) ObserveVerdicts(network string, class adnet.Class, n int, took time.Duration) {
	o.verdicts.WithLabelValues(network, string(class)).Add(float64(n))
	o.attemptTime.WithLabelValues(network).Observe(took.Seconds())
}

// handedOver counts conversions that a sender took.
func (o *observer) handedOver(network string, n int) {
	o.handed.WithLabelValues(network).Add(float64(n))
}

// Published counts messages that a stream acknowledged.
func (o *observer) Published(stream string, n int) {
	o.published.WithLabelValues(stream).Add(float64(n))
}

// Failed counts messages that a stream did not acknowledge.
func (o *observer) Failed(stream string, n int) {
	o.unpublished.WithLabelValues(stream).Add(float64(n))
}

// OldestAge shows how long the oldest message has waited for its stream.
func (o *observer) OldestAge(stream string, age time.Duration) {
	o.relayAge.WithLabelValues(stream).Set(age.Seconds())
}

// Dropped counts requests that the log lost.
func (o *observer) Dropped(n int) { o.dropped.Add(float64(n)) }

// LeftOut counts requests that are kept without body.
func (o *observer) LeftOut(n int) { o.leftOut.Add(float64(n)) }

// Trimmed counts messages of a project that took too much of a stream.
func (o *observer) Trimmed(stream string, n int) {
	o.trimmed.WithLabelValues(stream).Add(float64(n))
}

// lostClick counts a click that nothing took.
func (o *observer) lostClick() { o.lostClicks.Inc() }

// ObserveRefusal counts somebody who was turned away.
func (o *observer) ObserveRefusal(action string) { o.refused.WithLabelValues(action).Inc() }

// noRoom counts a visit that made no click since the disk was nearly full.
func (o *observer) noRoom() { o.noRoomClicks.Inc() }

// overRate counts a visit that made no click.
func (o *observer) overRate() { o.crowded.Inc() }
