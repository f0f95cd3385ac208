package app

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/runner"
)

// observed is what this process did, as logs and metrics tell it.
type observed struct {
	ended  *prometheus.CounterVec
	took   *prometheus.HistogramVec
	phases *prometheus.HistogramVec
	calls  *prometheus.HistogramVec
	hooks  hookMetrics
	orders orderMetrics
}

// seconds go from a go-live of nothing to one that outlasts an outage of Stripe.
var seconds = []float64{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600}

func newObserved() observed {
	return observed{
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "golive_deployments_ended_total",
			Help: "Deployments that this process ended, by kind, status, what they left in live mode (outcome), and category of the error.",
		}, []string{"kind", "status", "outcome", "category"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "golive_deployment_seconds", Help: "Time from a deployment's start to its end.", Buckets: seconds,
		}, []string{"kind", "status"}),
		phases: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "golive_deployment_phase_seconds", Buckets: seconds,
			Help: "Time that this process spent in a phase of a deployment: checking, writing, verifying or undoing.",
		}, []string{"phase"}),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "golive_stripe_call_seconds", Buckets: []float64{0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6, 30},
			Help: "Time that Stripe took for a call from this process, without waiting for its turn.",
		}, []string{"mode", "method"}),
		hooks: newHookMetrics(), orders: newOrderMetrics(),
	}
}

func (o observed) collectors() []prometheus.Collector {
	return slices.Concat(o.hooks.collectors(), o.orders.collectors(), []prometheus.Collector{o.ended, o.took, o.phases, o.calls})
}

// observer logs a line for each deployment that begins or ends, and counts. What is wrong
// with a deployment is no fault of the service, so none of it is an error here.
func (o observed) observer(log *slog.Logger) deployment.Observer {
	return deployment.Observer{
		Began: func(ctx context.Context, d *deployment.Deployment) {
			log.InfoContext(ctx, "deployment started", "deployment_id", d.ID, "tenant_id", d.TenantID, "kind", d.Kind, "trigger", d.Trigger)
		},
		Ended: func(ctx context.Context, e deployment.Ended) {
			log.InfoContext(ctx, "deployment ended", "deployment_id", e.ID, "tenant_id", e.TenantID, "kind", e.Kind,
				"status", e.Status, "outcome", e.Outcome, "category", e.Category, "error", e.Error, "duration", e.Took.Round(time.Millisecond))
			o.ended.WithLabelValues(string(e.Kind), string(e.Status), string(e.Outcome), string(e.Category)).Inc()
			o.took.WithLabelValues(string(e.Kind), string(e.Status)).Observe(e.Took.Seconds())
		},
	}
}

// phase is told by the runner of each.
func (o observed) phase(p runner.Phase, took time.Duration) {
	o.phases.WithLabelValues(string(p)).Observe(took.Seconds())
}

// call is told by the gateway of each call to Stripe.
func (o observed) call(mode catalog.Mode, method string, took time.Duration) {
	o.calls.WithLabelValues(strings.ToLower(string(mode)), method).Observe(took.Seconds())
}
