package app

import (
	"net/http"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics shows the process, its Go runtime, its database pool and its doorbells
// in Prometheus' format.
func metrics(p *parts) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		poolGauge(p.pool, "golive_pool_connections_max", "Connections that the pool may open.", (*pgxpool.Stat).MaxConns),
		poolGauge(p.pool, "golive_pool_connections_open", "Connections that are open.", (*pgxpool.Stat).TotalConns),
		poolGauge(p.pool, "golive_pool_connections_busy", "Connections in use.", (*pgxpool.Stat).AcquiredConns),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "golive_pool_waits_total", Help: "How often somebody had to wait for a connection.",
		}, func() float64 { return float64(p.pool.Stat().EmptyAcquireCount()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "golive_pool_wait_seconds_total", Help: "How long they waited, in sum.",
		}, func() float64 { return p.pool.Stat().EmptyAcquireWaitTime().Seconds() }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "golive_doorbells_notified_total", Help: "Subscribers woken by a notification of the database.",
		}, func() float64 { n, _ := p.hub.Wakeups(); return float64(n) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "golive_doorbells_polled_total", Help: "Subscribers woken by the safety poll: many mean that notifications get lost.",
		}, func() float64 { _, n := p.hub.Wakeups(); return float64(n) }),
	)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

func poolGauge(pool *pgxpool.Pool, name, help string, value func(*pgxpool.Stat) int32) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help},
		func() float64 { return float64(value(pool.Stat())) })
}
