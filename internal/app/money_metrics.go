package app

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/payout"
)

var (
	ordersStuck = prometheus.NewDesc("golive_orders_stuck",
		"Orders that wait for a person, by why, service-wide; every process reports the same value.", []string{"mode", "reason"}, nil)
	disputesOpen = prometheus.NewDesc("golive_disputes_open",
		"Disputes that aren't over, service-wide; every process reports the same value.", []string{"mode"}, nil)
	disputeDue = prometheus.NewDesc("golive_dispute_due_seconds",
		"How soon the next answer to a dispute is due; absent where none is.", []string{"mode"}, nil)
	mismatches = prometheus.NewDesc("golive_reconcile_mismatches",
		"In how many things Stripe and Golive differ, as far as the nightly comparisons have found.", []string{"mode"}, nil)
	payoutsUnreconciled = prometheus.NewDesc("golive_payouts_unreconciled",
		"Automatic payouts that arrived more than three days ago and aren't explained to the unit.", []string{"mode"}, nil)
)

// books count orders that wait for people, disputes, payouts and mismatches when they are asked.
type books struct {
	db  *pgxpool.Pool
	log *slog.Logger
}

// Describe names the gauges.
func (books) Describe(to chan<- *prometheus.Desc) {
	to <- ordersStuck
	to <- disputesOpen
	to <- disputeDue
	to <- mismatches
	to <- payoutsUnreconciled
}

// Collect shows nothing where the database does not answer.
func (b books) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	waiting, err := order.StandOrders(ctx, b.db)
	if err != nil {
		b.log.WarnContext(ctx, "could not count orders for metrics", "error", err)
		return
	}
	for _, w := range waiting {
		to <- prometheus.MustNewConstMetric(ordersStuck, prometheus.GaugeValue, float64(w.Orders), labelOf(w.Mode), strings.ToLower(string(w.Reason)))
	}
	disputes, err := order.StandDisputes(ctx, b.db)
	if err != nil {
		b.log.WarnContext(ctx, "could not count disputes for metrics", "error", err)
		return
	}
	for _, d := range disputes {
		mode := labelOf(d.Mode)
		to <- prometheus.MustNewConstMetric(disputesOpen, prometheus.GaugeValue, float64(d.Open), mode)
		if d.Due != nil {
			to <- prometheus.MustNewConstMetric(disputeDue, prometheus.GaugeValue, d.Due.Seconds(), mode)
		}
	}
	all, err := payout.Stand(ctx, b.db)
	if err != nil {
		b.log.WarnContext(ctx, "could not count payouts for metrics", "error", err)
		return
	}
	for _, p := range all {
		mode := labelOf(p.Mode)
		to <- prometheus.MustNewConstMetric(mismatches, prometheus.GaugeValue, float64(p.Mismatches), mode)
		to <- prometheus.MustNewConstMetric(payoutsUnreconciled, prometheus.GaugeValue, float64(p.Unreconciled), mode)
	}
}
