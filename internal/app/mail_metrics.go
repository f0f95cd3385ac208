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
		"Emails by outcome in this process: SENT, RETRIED after a temporary refusal, REFUSED permanently, DROPPED as no longer relevant, LIMITED as more than the tenant may send in a day.", []string{"result"}, nil)
	mailLag = prometheus.NewDesc("golive_mail_lag_seconds_total",
		"Total delay of the emails sent by this process, from due to sent.", nil, nil)
	mailDue = prometheus.NewDesc("golive_mails_due",
		"Emails due but not yet sent, service-wide; every process reports the same value.", nil, nil)
	mailOldest = prometheus.NewDesc("golive_mail_oldest_seconds", "Age of the oldest email that is due.", nil, nil)
	mailOut    = prometheus.NewDesc("golive_mail_outage_seconds", "How long the mail server has been unavailable; 0 if it is available.", nil, nil)
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
	for result, n := range map[string]int64{"SENT": c.Sent, "RETRIED": c.Retried, "REFUSED": c.Refused, "DROPPED": c.Dropped, "LIMITED": c.Limited} {
		to <- prometheus.MustNewConstMetric(mailSent, prometheus.CounterValue, float64(n), result)
	}
	to <- prometheus.MustNewConstMetric(mailLag, prometheus.CounterValue, c.Lag.Seconds())
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	waiting, err := m.outbox.QueueState(ctx)
	if err != nil {
		m.log.WarnContext(ctx, "could not count emails for metrics", "error", err)
		return
	}
	to <- prometheus.MustNewConstMetric(mailDue, prometheus.GaugeValue, float64(waiting.Due))
	to <- prometheus.MustNewConstMetric(mailOldest, prometheus.GaugeValue, waiting.Oldest.Seconds())
	to <- prometheus.MustNewConstMetric(mailOut, prometheus.GaugeValue, waiting.Out.Seconds())
}
