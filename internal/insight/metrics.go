package insight

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/localtime"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// mostSpan bounds what figures are of.
const mostSpan = 2 * 366 * 24 * time.Hour

// span is whose go-lives figures are of: those that ended in it.
type span struct {
	tenantID, zone string
	from, to       time.Time
}

// Metrics are figures of a tenant's go-lives that ended in a span, its end not among it.
// Durations are of completed ones that wrote something, nil where there are none.
type Metrics struct {
	span `db:"-"`

	Finished int `db:"finished"`
	// Completed counts those that were rolled back later, too.
	Completed  int `db:"completed"`
	Failed     int `db:"failed"`
	Cancelled  int `db:"cancelled"`
	RolledBack int `db:"rolled_back"`
	// SuccessRate is the share of completed ones in those that completed or failed, nil
	// where neither did.
	SuccessRate        *float64 `db:"success_rate"`
	MedianSeconds      *float64 `db:"median_seconds"`
	P95Seconds         *float64 `db:"p95_seconds"`
	MedianQueueSeconds *float64 `db:"median_queue_seconds"`
	// Immediate and Scheduled say how they were asked for; Missed are those that were once
	// held because they missed their time.
	Immediate int `db:"immediate"`
	Scheduled int `db:"scheduled"`
	Missed    int `db:"missed"`
}

// endedSQL are the go-lives of a span with what figures are made of. What waited in the
// queue did so since it was due by its schedule, was started early, or was asked for.
const (
	endedSQL = `WITH ended AS (SELECT product_id, error, validation, ` + goLivesSQL + `) `
	// measuredSQL has those that were ended at hand, because whether one wrote is looked up, and
	// is asked for more than once.
	measuredSQL = `WITH ended AS MATERIALIZED (SELECT ` + goLivesSQL + `) `
	goLivesSQL  = `id, status, finished_at, started_at, due_at, missed_at,
		status IN ('COMPLETED', 'ROLLED_BACK') AS done,
		status IN ('COMPLETED', 'ROLLED_BACK') AND changed_live
			AND EXISTS (SELECT FROM deployment_steps s WHERE s.deployment_id = deployments.id AND s.index = 0) AS wrote,
		extract(epoch FROM finished_at - started_at)::float8 AS took,
		greatest(0, extract(epoch FROM started_at - CASE WHEN trigger = 'SCHEDULED' THEN due_at - (golive_now() - now())
			WHEN due_at IS NOT NULL AND changed_at IS NOT NULL THEN changed_at ELSE created_at END))::float8 AS queued
	FROM deployments WHERE tenant_id = $1 AND kind = 'GO_LIVE' AND finished_at >= $2 AND finished_at < $3`
)

// Metrics returns the figures of a span of at most two years.
func (s *Service) Metrics(ctx context.Context, t *tenant.Tenant, from, to time.Time) (*Metrics, error) {
	if err := tenant.Require(ctx, t.ID, tenant.RoleViewer); err != nil {
		return nil, err
	}
	if !from.Before(to) || to.Sub(from) > mostSpan {
		return nil, fault.New(fault.InvalidInput, "from must be before to, by two years at most.").At("from")
	}
	of := span{t.ID, t.TimeZone, from, to}
	m, err := postgres.One(ctx, s.DB, pgx.RowToAddrOfStructByName[Metrics], nil, measuredSQL+`SELECT count(*) AS finished,
			count(*) FILTER (WHERE done) AS completed, count(*) FILTER (WHERE status = 'FAILED') AS failed,
			count(*) FILTER (WHERE status = 'CANCELLED') AS cancelled, count(*) FILTER (WHERE status = 'ROLLED_BACK') AS rolled_back,
			count(*) FILTER (WHERE done)::float8 / nullif(count(*) FILTER (WHERE done OR status = 'FAILED'), 0) AS success_rate,
			percentile_cont(0.5) WITHIN GROUP (ORDER BY took) FILTER (WHERE wrote) AS median_seconds,
			percentile_cont(0.95) WITHIN GROUP (ORDER BY took) FILTER (WHERE wrote) AS p95_seconds,
			percentile_cont(0.5) WITHIN GROUP (ORDER BY queued) FILTER (WHERE wrote) AS median_queue_seconds,
			count(*) FILTER (WHERE due_at IS NULL) AS immediate, count(*) FILTER (WHERE due_at IS NOT NULL) AS scheduled,
			count(*) FILTER (WHERE missed_at IS NOT NULL) AS missed
		FROM ended`, of.args()...)
	if err != nil {
		return nil, fmt.Errorf("read metrics: %w", err)
	}
	m.span = of
	return m, nil
}

func (s span) args() []any { return []any{s.tenantID, s.from, s.to} }

// Day counts what ended on a day in the tenant's zone.
type Day struct {
	// Day is like 2026-12-25.
	Day                          string
	Completed, Failed, Cancelled int
}

// Days returns each day of the span, those without any among them. Clocks everywhere are
// ahead of or behind UTC by quarters of an hour.
func (s *Service) Days(ctx context.Context, m *Metrics) ([]Day, error) {
	type quarter struct {
		At        time.Time `db:"at"`
		Completed int       `db:"completed"`
		Failed    int       `db:"failed"`
		Cancelled int       `db:"cancelled"`
	}
	zone, err := localtime.Load(m.zone)
	if err != nil {
		return nil, err
	}
	found, err := postgres.All(ctx, s.DB, pgx.RowToStructByName[quarter], endedSQL+`SELECT date_bin('15 minutes', finished_at, 'epoch') AS at,
			count(*) FILTER (WHERE done) AS completed, count(*) FILTER (WHERE status = 'FAILED') AS failed, count(*) FILTER (WHERE status = 'CANCELLED') AS cancelled
		FROM ended GROUP BY 1 ORDER BY 1`, m.args()...)
	if err != nil {
		return nil, fmt.Errorf("count by day: %w", err)
	}
	days, place := m.days(zone)
	for _, q := range found {
		d := &days[place[dayIn(zone, q.At)]]
		d.Completed, d.Failed, d.Cancelled = d.Completed+q.Completed, d.Failed+q.Failed, d.Cancelled+q.Cancelled
	}
	return days, nil
}

func dayIn(zone *localtime.Zone, t time.Time) string {
	local, _ := zone.At(t)
	return local.String()[:len(time.DateOnly)]
}

// days are those of the span, with the place of each.
func (s span) days(zone *localtime.Zone) (days []Day, place map[string]int) {
	place = map[string]int{}
	last := dayIn(zone, s.to.Add(-time.Microsecond))
	for next, _ := time.Parse(time.DateOnly, dayIn(zone, s.from)); ; next = next.AddDate(0, 0, 1) {
		day := next.Format(time.DateOnly)
		place[day] = len(days)
		days = append(days, Day{Day: day})
		if day >= last {
			return days, place
		}
	}
}

// CheckCount is how many go-lives a check ended, and of how many products.
type CheckCount struct {
	Check       string `db:"check_name"`
	Deployments int    `db:"deployments"`
	Products    int    `db:"products"`
}

// FailedChecks returns the checks that ended go-lives, the most frequent first.
func (s *Service) FailedChecks(ctx context.Context, m *Metrics) ([]CheckCount, error) {
	return postgres.All(ctx, s.DB, pgx.RowToStructByName[CheckCount], endedSQL+`SELECT r ->> 'check' AS check_name,
			count(DISTINCT id) AS deployments, count(DISTINCT product_id) AS products
		FROM ended CROSS JOIN LATERAL jsonb_array_elements(validation -> 'results') r
		WHERE status = 'FAILED' AND error ->> 'category' = 'VALIDATION' AND r ->> 'status' = 'FAILED'
		GROUP BY 1 ORDER BY 2 DESC, 1`, m.args()...)
}

// CategoryCount is how many go-lives failed for a kind of reason.
type CategoryCount struct {
	Category   deployment.Category `db:"category"`
	StripeCode *string             `db:"stripe_code"`
	Count      int                 `db:"count"`
	// RequestIDs are Stripe's of the newest few.
	RequestIDs []string `db:"request_ids"`
}

// Errors returns why go-lives failed, the most frequent first.
func (s *Service) Errors(ctx context.Context, m *Metrics) ([]CategoryCount, error) {
	return postgres.All(ctx, s.DB, pgx.RowToStructByName[CategoryCount], endedSQL+`SELECT error ->> 'category' AS category,
			error ->> 'stripeCode' AS stripe_code, count(*), coalesce((array_agg(error ->> 'stripeRequestId' ORDER BY finished_at DESC)
				FILTER (WHERE error ->> 'stripeRequestId' IS NOT NULL))[1:5], '{}') AS request_ids
		FROM ended WHERE status = 'FAILED' AND error ->> 'category' IS NOT NULL
		GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 NULLS FIRST`, m.args()...)
}

// PhaseDuration is how long a part of go-lives took.
type PhaseDuration struct {
	// Phase is queue, checks, the resource and action of a write such as price.create, or
	// wait. and a reason such as wait.stripe_rate_limit.
	Phase         string  `db:"phase"`
	MedianSeconds float64 `db:"median_seconds"`
	P95Seconds    float64 `db:"p95_seconds"`
	Count         int     `db:"count"`
}

// Slowest returns where the time of completed go-lives went that wrote something, the
// slowest first.
func (s *Service) Slowest(ctx context.Context, m *Metrics) ([]PhaseDuration, error) {
	return postgres.All(ctx, s.DB, pgx.RowToStructByName[PhaseDuration], measuredSQL+`, phases AS (
			SELECT 'queue' AS phase, queued AS took FROM ended WHERE wrote
			UNION ALL
			SELECT 'checks', extract(epoch FROM (SELECT min(e.at) FROM deployment_events e WHERE e.deployment_id = ended.id AND e.status = 'DEPLOYING')
				- started_at)::float8 FROM ended WHERE wrote
			UNION ALL
			SELECT s.resource || '.' || lower(s.action), extract(epoch FROM s.finished_at - s.started_at)::float8
			FROM ended JOIN deployment_steps s ON s.deployment_id = ended.id WHERE wrote AND NOT s.undo AND s.status IN ('DONE', 'UNDONE')
			UNION ALL
			SELECT 'wait.' || lower(waits.wait_reason), extract(epoch FROM waits.until - waits.at)::float8
			FROM (SELECT e.wait_reason, e.at, lead(e.at) OVER (PARTITION BY e.deployment_id ORDER BY e.sequence) AS until
				FROM ended JOIN deployment_events e ON e.deployment_id = ended.id WHERE wrote) waits
			WHERE waits.wait_reason IN ('STRIPE_RATE_LIMIT', 'STRIPE_UNAVAILABLE'))
		SELECT phase, percentile_cont(0.5) WITHIN GROUP (ORDER BY took) AS median_seconds,
			percentile_cont(0.95) WITHIN GROUP (ORDER BY took) AS p95_seconds, count(took)
		FROM phases WHERE took IS NOT NULL GROUP BY phase ORDER BY 2 DESC, 1`, m.args()...)
}
