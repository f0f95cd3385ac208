package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/postgres"
)

// counted are figures of a month, as the API tells them and as we count them ourselves.
type counted struct {
	Finished, Completed, Failed, Cancelled, Immediate, Scheduled, Missed int
	SuccessRate, MedianSeconds                                           float64
}

// ended is a go-live of the month.
type ended struct {
	Status string
	Took   float64
	Due    bool
	Wrote  bool
}

// metricsFigure measures the figures of 30 days, and holds them to a count of its own.
func (s *shop) metricsFigure(ctx context.Context, r *report) error {
	text, err := document("Metrics")
	if err != nil {
		return err
	}
	to := time.Now().Truncate(time.Second)
	from := to.AddDate(0, 0, -30)
	variables := map[string]any{"slug": s.slug, "from": from.Format(time.RFC3339), "to": to.Format(time.RFC3339)}
	var told counted
	var samples []time.Duration
	for i := range listWarmUp + listSamples {
		start := time.Now()
		answer, err := client.Do[struct{ Tenant struct{ Metrics counted } }](ctx, s.as, text, variables)
		if err != nil {
			return err
		}
		if told = answer.Tenant.Metrics; i >= listWarmUp {
			samples = append(samples, time.Since(start))
		}
	}
	own, err := s.count(ctx, from, to)
	if err != nil {
		return err
	}
	if told != own {
		return fmt.Errorf("the figures of 30 days are %+v, and by our own count %+v", told, own)
	}
	r.add(fmt.Sprintf("figures of 30 days, p99 (p50 %s)", ms(quantile(samples, 0.5))), quantile(samples, 0.99), 150*time.Millisecond,
		fmt.Sprintf("%d go-lives in the span, equal to a count of our own", own.Finished))
	return nil
}

// count reads every go-live of the span, and counts here.
func (s *shop) count(ctx context.Context, from, to time.Time) (c counted, err error) {
	all, err := postgres.All(ctx, s.pool, pgx.RowToStructByPos[ended], `SELECT status, extract(epoch FROM finished_at - started_at)::float8, due_at IS NOT NULL,
			EXISTS (SELECT FROM deployment_steps st WHERE st.deployment_id = d.id)
		FROM deployments d JOIN tenants t ON t.id = tenant_id WHERE slug = $1 AND kind = 'GO_LIVE' AND finished_at >= $2 AND finished_at < $3`, s.slug, from, to)
	if err != nil {
		return c, err
	}
	var took []float64
	for _, d := range all {
		took = append(took, c.add(d)...)
	}
	c.Finished, c.Immediate = len(all), len(all)-c.Scheduled
	c.SuccessRate = float64(c.Completed) / float64(c.Completed+c.Failed)
	slices.Sort(took)
	c.MedianSeconds = (took[(len(took)-1)/2] + took[len(took)/2]) / 2
	return c, nil
}

// add counts one, and returns how long it took where that counts.
func (c *counted) add(d ended) (took []float64) {
	if d.Due {
		c.Scheduled++
	}
	switch d.Status {
	case "FAILED":
		c.Failed++
	case "CANCELLED":
		c.Cancelled++
	default:
		c.Completed++
		if d.Wrote {
			took = append(took, d.Took)
		}
	}
	return took
}
