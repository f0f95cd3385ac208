package app

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/golive-hq/golive/internal/deployment"
)

// metrics shows the process, its Go runtime, its database pool, its doorbells, its
// calls to Stripe and the service's active deployments in Prometheus' format.
func metrics(p *parts, log *slog.Logger) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(p.observed.collectors()...)
	registry.MustRegister(
		active{p.Pool, log},
		mails{p.Outbox, log},
		standing{p.Pool, log},
		books{p.Pool, log},
		stripeCalls{p.Stripe},
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		poolGauge(p.Pool, "golive_pool_connections_max", "Maximum connections in the pool.", (*pgxpool.Stat).MaxConns),
		poolGauge(p.Pool, "golive_pool_connections_open", "Open connections.", (*pgxpool.Stat).TotalConns),
		poolGauge(p.Pool, "golive_pool_connections_busy", "Connections in use.", (*pgxpool.Stat).AcquiredConns),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "golive_pool_waits_total", Help: "How often a caller had to wait for a connection.",
		}, func() float64 { return float64(p.Pool.Stat().EmptyAcquireCount()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "golive_pool_wait_seconds_total", Help: "Total time spent waiting for a connection.",
		}, func() float64 { return p.Pool.Stat().EmptyAcquireWaitTime().Seconds() }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "golive_doorbells_notified_total", Help: "Subscribers woken by a database notification.",
		}, func() float64 { n, _ := p.Hub.Wakeups(); return float64(n) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "golive_doorbells_polled_total", Help: "Subscribers woken by the fallback poll; a high count means notifications are being lost.",
		}, func() float64 { _, n := p.Hub.Wakeups(); return float64(n) }),
	)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

func poolGauge(pool *pgxpool.Pool, name, help string, value func(*pgxpool.Stat) int32) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help},
		func() float64 { return float64(value(pool.Stat())) })
}

var (
	activeCount = prometheus.NewDesc("golive_deployments",
		"Active deployments, service-wide; every process reports the same value.", []string{"status"}, nil)
	activeOldest = prometheus.NewDesc("golive_deployment_oldest_seconds",
		"Time since the oldest active deployment was requested or due.", []string{"status"}, nil)
	paused = prometheus.NewDesc("golive_paused",
		"1 while an operator has paused Golive, otherwise 0.", nil, nil)
	overdueCount = prometheus.NewDesc("golive_schedules_overdue",
		"Scheduled go-lives that are due but haven't started.", nil, nil)
	overdueLatest = prometheus.NewDesc("golive_schedules_overdue_seconds",
		"How late the most overdue one is.", nil, nil)
)

// active counts deployments when it is asked.
type active struct {
	db  *pgxpool.Pool
	log *slog.Logger
}

// Describe names the gauges.
func (active) Describe(to chan<- *prometheus.Desc) {
	to <- activeCount
	to <- activeOldest
	to <- paused
	to <- overdueCount
	to <- overdueLatest
}

// Collect shows nothing where the database does not answer: the process' own
// figures matter then most.
func (a active) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	found, err := deployment.CountActive(ctx, a.db)
	if err != nil {
		a.log.WarnContext(ctx, "could not count deployments for metrics", "error", err)
		return
	}
	status, err := deployment.ReadOpsStatus(ctx, a.db)
	if err != nil {
		a.log.WarnContext(ctx, "could not count schedules for metrics", "error", err)
		return
	}
	to <- prometheus.MustNewConstMetric(paused, prometheus.GaugeValue, oneIf(status.Paused))
	to <- prometheus.MustNewConstMetric(overdueCount, prometheus.GaugeValue, float64(status.Overdue))
	to <- prometheus.MustNewConstMetric(overdueLatest, prometheus.GaugeValue, status.Latest.Seconds())
	a.collectActive(found, to)
}

func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func (active) collectActive(found []deployment.ActiveCount, to chan<- prometheus.Metric) {
	by := map[deployment.Status]deployment.ActiveCount{}
	for _, w := range found {
		by[w.Status] = w
	}
	for _, state := range []deployment.Status{deployment.Pending, deployment.Validating, deployment.Deploying} {
		var age float64
		if w, has := by[state]; has {
			age = time.Since(w.Oldest).Seconds()
		}
		to <- prometheus.MustNewConstMetric(activeCount, prometheus.GaugeValue, float64(by[state].Count), string(state))
		to <- prometheus.MustNewConstMetric(activeOldest, prometheus.GaugeValue, age, string(state))
	}
}
