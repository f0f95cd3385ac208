package app

import (
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
)

// orderMetrics are what this process noted of orders.
type orderMetrics struct {
	entered  *prometheus.CounterVec
	attempts *prometheus.CounterVec
	refunds  *prometheus.CounterVec
	settled  *prometheus.HistogramVec
}

func newOrderMetrics() orderMetrics {
	return orderMetrics{
		entered: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "golive_orders_total", Help: "Orders that this process noted to have come to a status, by mode.",
		}, []string{"mode", "status"}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "golive_payment_attempts_total", Help: "Attempts to pay that this process noted the end of, by mode, outcome, and category of the failure.",
		}, []string{"mode", "outcome", "category"}),
		refunds: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "golive_refunds_total", Help: "Refunds that this process noted to have come to a status, by mode.",
		}, []string{"mode", "status"}),
		settled: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "golive_settle_seconds", Help: "Time from Stripe's event until this process had noted an order as PAID. Stripe dates events to the second.",
			Buckets: []float64{0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 21600, 86400},
		}, []string{"mode"}),
	}
}

func (o orderMetrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{o.entered, o.attempts, o.refunds, o.settled}
}

func (o orderMetrics) observer() order.Observer {
	return order.Observer{
		Entered: func(mode catalog.Mode, status ledger.OrderStatus) {
			o.entered.WithLabelValues(labelOf(mode), strings.ToLower(string(status))).Inc()
		},
		Settled: func(mode catalog.Mode, took time.Duration) {
			o.settled.WithLabelValues(labelOf(mode)).Observe(took.Seconds())
		},
		Attempted: func(mode catalog.Mode, a order.Attempt) {
			o.attempts.WithLabelValues(labelOf(mode), a.Outcome, a.Category).Inc()
		},
		Refunded: func(mode catalog.Mode, status ledger.RefundStatus) {
			o.refunds.WithLabelValues(labelOf(mode), strings.ToLower(string(status))).Inc()
		},
	}
}
