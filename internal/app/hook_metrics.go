package app

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/inbox"
)

// hookMetrics are what this process did with Stripe's events.
type hookMetrics struct {
	deliveries *prometheus.CounterVec
	ack        prometheus.Histogram
	lag        *prometheus.HistogramVec
	backfilled *prometheus.CounterVec
}

func newHookMetrics() hookMetrics {
	return hookMetrics{
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "golive_webhook_deliveries_total", Help: "Webhook deliveries that this process answered, by mode and by what became of them.",
		}, []string{"mode", "result"}),
		ack: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "golive_webhook_ack_seconds", Help: "Time until a webhook delivery was answered.",
			Buckets: []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5},
		}),
		lag: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "golive_webhook_lag_seconds", Help: "Time from an event at Stripe until this process had applied it. Stripe dates events to the second.",
			Buckets: []float64{0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 21600, 86400},
		}, []string{"mode"}),
		backfilled: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "golive_webhook_backfilled_total", Help: "Events that no webhook had brought a minute after they happened, found by asking Stripe.",
		}, []string{"mode"}),
	}
}

func (h hookMetrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{h.deliveries, h.ack, h.lag, h.backfilled}
}

// delivered is told by the server of each delivery.
func (h hookMetrics) delivered(mode catalog.Mode, result inbox.Result, took time.Duration) {
	h.deliveries.WithLabelValues(labelOf(mode), string(result)).Inc()
	h.ack.Observe(took.Seconds())
}

func (h hookMetrics) observer() inbox.Observer {
	return inbox.Observer{
		Applied: func(mode catalog.Mode, age time.Duration) {
			h.lag.WithLabelValues(labelOf(mode)).Observe(age.Seconds())
		},
		Backfilled: func(mode catalog.Mode) { h.backfilled.WithLabelValues(labelOf(mode)).Inc() },
	}
}

// labelOf is a mode as metrics have it; where nobody knows it, unknown.
func labelOf(mode catalog.Mode) string {
	if mode == "" {
		return "unknown"
	}
	return strings.ToLower(string(mode))
}

var (
	eventsOldest = prometheus.NewDesc("golive_webhook_oldest_seconds",
		"How long the oldest event has waited to be applied, service-wide; every process reports the same value.", []string{"mode"}, nil)
	eventsDead = prometheus.NewDesc("golive_webhook_dead",
		"Events that were given up and wait for someone to replay them.", []string{"mode"}, nil)
	eventsQuarantined = prometheus.NewDesc("golive_webhook_quarantined",
		"Events that were set aside because they are of another version of Stripe's API.", []string{"mode"}, nil)
	endpointsTroubled = prometheus.NewDesc("golive_webhook_endpoints_troubled",
		"Webhook endpoints that Stripe doesn't send events to as it should, such as disabled ones.", []string{"mode"}, nil)
)

// standing counts events when it is asked.
type standing struct {
	db  *pgxpool.Pool
	log *slog.Logger
}

// Describe names the gauges.
func (standing) Describe(to chan<- *prometheus.Desc) {
	to <- eventsOldest
	to <- eventsDead
	to <- eventsQuarantined
	to <- endpointsTroubled
}

// Collect shows nothing where the database does not answer.
func (s standing) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	all, err := inbox.Stand(ctx, s.db)
	if err != nil {
		s.log.WarnContext(ctx, "could not count events for metrics", "error", err)
		return
	}
	for _, m := range all {
		mode := labelOf(m.Mode)
		to <- prometheus.MustNewConstMetric(eventsOldest, prometheus.GaugeValue, m.Oldest.Seconds(), mode)
		to <- prometheus.MustNewConstMetric(eventsDead, prometheus.GaugeValue, float64(m.Dead), mode)
		to <- prometheus.MustNewConstMetric(eventsQuarantined, prometheus.GaugeValue, float64(m.Quarantined), mode)
		to <- prometheus.MustNewConstMetric(endpointsTroubled, prometheus.GaugeValue, float64(m.Troubled), mode)
	}
}
