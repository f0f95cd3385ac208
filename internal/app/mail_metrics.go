package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/golive-hq/golive/internal/outbox"
)

var (
	mailSent = prometheus.NewDesc("golive_mails_total",
		"What this process did with mails: SENT, RETRIED after an answer that allows it, REFUSED for good, DROPPED as meaningless.", []string{"result"}, nil)
	mailLag = prometheus.NewDesc("golive_mail_lag_seconds_total",
		"How long after their time the mails that this process sent went out, in sum.", nil, nil)
	mailDue = prometheus.NewDesc("golive_mails_due",
		"Mails whose time has come and that are not out, of the whole service: every process shows the same.", nil, nil)
	mailOldest = prometheus.NewDesc("golive_mail_oldest_seconds", "How long the oldest of them waits.", nil, nil)
	mailOut    = prometheus.NewDesc("golive_mail_outage_seconds", "How long the mail server has been out of order; 0 where it is not.", nil, nil)
)

// mails shows what becomes of mails. Where mail is off it shows nothing.
type mails struct {
	outbox *outbox.Service
	log    *slog.Logger
}

// Describe names the metrics.
func (mails) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{mailSent, mailLag, mailDue, mailOldest, mailOut} {
		to <- d
	}
}

// Collect shows the process' own figures, and the service's where the database
// answers.
func (m mails) Collect(to chan<- prometheus.Metric) {
	if !m.outbox.Sends() {
		return
	}
	c := m.outbox.Counts()
	for result, n := range map[string]int64{"SENT": c.Sent, "RETRIED": c.Retried, "REFUSED": c.Refused, "DROPPED": c.Dropped} {
		to <- prometheus.MustNewConstMetric(mailSent, prometheus.CounterValue, float64(n), result)
	}
	to <- prometheus.MustNewConstMetric(mailLag, prometheus.CounterValue, c.Lag.Seconds())
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	waiting, err := m.outbox.QueueState(ctx)
	if err != nil {
		m.log.WarnContext(ctx, "mails not counted for metrics", "error", err)
		return
	}
	to <- prometheus.MustNewConstMetric(mailDue, prometheus.GaugeValue, float64(waiting.Due))
	to <- prometheus.MustNewConstMetric(mailOldest, prometheus.GaugeValue, waiting.Oldest.Seconds())
	to <- prometheus.MustNewConstMetric(mailOut, prometheus.GaugeValue, waiting.Out.Seconds())
}
