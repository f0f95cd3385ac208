package app

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/golive-hq/golive/internal/stripegw"
)

var stripeCallsEnded = prometheus.NewDesc("golive_stripe_calls_total",
	"Stripe calls from this process by outcome: ok, refused (permanently), limited (Stripe asks us to slow down), unavailable (no response, or not one from Stripe).",
	[]string{"mode", "outcome"}, nil)

// stripeCalls shows how Stripe takes the process' calls.
type stripeCalls struct{ gateway *stripegw.Gateway }

// Describe names the metric.
func (stripeCalls) Describe(to chan<- *prometheus.Desc) { to <- stripeCallsEnded }

// Collect shows all modes and outcomes, so that alerts find what has not been yet.
func (s stripeCalls) Collect(to chan<- prometheus.Metric) {
	for ended, n := range s.gateway.Calls() {
		mode := strings.ToLower(string(ended.Mode))
		if mode == "" {
			mode = "unknown"
		}
		to <- prometheus.MustNewConstMetric(stripeCallsEnded, prometheus.CounterValue, float64(n), mode, string(ended.Outcome))
	}
}
