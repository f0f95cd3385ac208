package insight_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/insight"
	"github.com/golive-hq/golive/internal/localtime"
)

// past is a go-live or a rollback as it may have been.
type past struct {
	id, product                   string
	kind, status, trigger         string
	created, started, due, ended  *time.Time
	missed, changed, wrote        bool
	category, stripeCode, request string
	failedChecks                  []string
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// invented is a past of every kind, a time of which may be outside of the span.
func invented(r *rand.Rand, product string) past {
	created := time.Date(2026, 10, 20, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.Int64N(int64(50 * 24 * time.Hour)))).Truncate(time.Microsecond)
	after := func(t time.Time, most time.Duration) *time.Time {
		t = t.Add(time.Duration(r.Int64N(int64(most)))).Truncate(time.Microsecond)
		return &t
	}
	p := past{
		id: uuid.Must(uuid.NewV7()).String(), product: product, kind: pick(r, "GO_LIVE", "GO_LIVE", "GO_LIVE", "ROLLBACK"), created: &created,
		status: pick(r, "COMPLETED", "COMPLETED", "ROLLED_BACK", "FAILED", "FAILED", "CANCELLED"), trigger: "IMMEDIATE",
	}
	from := created
	if p.kind == "GO_LIVE" && r.IntN(2) == 0 {
		p.due, p.missed = after(created, 24*time.Hour), r.IntN(4) == 0
		from, p.trigger = *p.due, pick(r, "SCHEDULED", "SCHEDULED", "IMMEDIATE")
	}
	p.started = after(from, time.Minute)
	p.ended = after(*p.started, 10*time.Minute)
	if done := p.status == "COMPLETED" || p.status == "ROLLED_BACK"; done {
		p.changed = r.IntN(4) > 0
		p.wrote = p.changed && r.IntN(5) > 0
	}
	if p.status == "FAILED" {
		p.category = pick(r, "VALIDATION", "STRIPE_REQUEST", "NETWORK")
		if p.category == "STRIPE_REQUEST" {
			p.stripeCode, p.request = pick(r, "resource_missing", "parameter_invalid"), "req_"+p.id
		}
		if p.category == "VALIDATION" {
			p.failedChecks = slices.Clone([]string{"product_price", "metadata", "live_conflict"}[:1+r.IntN(3)])
		}
	}
	return p
}

func (p past) store(t *testing.T, st *domaintest.Stack) {
	t.Helper()
	results := "["
	for i, c := range []string{"product_price", "metadata", "live_conflict", "key_mode"} {
		status := "PASSED"
		if slices.Contains(p.failedChecks, c) {
			status = "FAILED"
		}
		results += fmt.Sprintf(`%s{"check": %q, "status": %q}`, map[bool]string{true: "", false: ","}[i == 0], c, status)
	}
	failure := any(nil)
	if p.category != "" {
		failure = map[string]any{"category": p.category, "message": "x"}
		if p.stripeCode != "" {
			failure = map[string]any{"category": p.category, "message": "x", "stripeCode": p.stripeCode, "stripeRequestId": p.request}
		}
	}
	percentage := 50
	if p.status == "COMPLETED" || p.status == "ROLLED_BACK" {
		percentage = 100
	}
	var rollbackOf *string
	st.Exec(t, `INSERT INTO deployments (id, tenant_id, product_id, live_account_id, stripe_product_id, kind, trigger, status, requested_by, input_digest,
			created_at, started_at, finished_at, due_at, time_zone, if_changed, notifications, drift_seen, progress_percentage, error, validation, rollback_of, missed_at,
			changed_by, changed_at, last_change)
		SELECT $1, tenant_id, id, 'acct', stripe_product_id, $3, $4, $5, 'ada@acme.example', '', $6, $7, $8, $9::timestamptz,
			CASE WHEN $9::timestamptz IS NOT NULL THEN 'UTC' END, CASE WHEN $9::timestamptz IS NOT NULL THEN 'HOLD' END,
			CASE WHEN $9::timestamptz IS NOT NULL THEN '{}'::jsonb END, CASE WHEN $9::timestamptz IS NOT NULL THEN '' END, $10, $11, $12::jsonb, $13::uuid,
			CASE WHEN $14 THEN now() END, CASE WHEN $9::timestamptz IS NOT NULL THEN 'ada@acme.example' END, CASE WHEN $9::timestamptz IS NOT NULL THEN $9::timestamptz END,
			CASE WHEN $9::timestamptz IS NOT NULL THEN 'started it early' END
		FROM products WHERE id = $2`,
		p.id, p.product, p.kind, p.trigger, p.status, p.created, p.started, p.ended, p.due, percentage, failure, `{"results": `+results+`]}`, rollbackOf, p.missed)
	// A trigger has judged by a plan that there is none of.
	st.Exec(t, `UPDATE deployments SET changed_live = $2 WHERE id = $1`, p.id, p.changed)
	if p.wrote {
		st.Exec(t, `INSERT INTO deployment_steps (deployment_id, index, change, action, resource, test_id, summary, method, path, body, after, stamp, idempotency_key,
				api_version, want, status, started_at, finished_at) VALUES ($1::uuid, 0, 0, 'CREATE', 'price', 't', 's', 'POST', '/', '', '{}', '', $1::uuid::text, '', '{}', 'DONE', $2, $3)`,
			p.id, p.started, p.ended)
		st.Exec(t, `INSERT INTO deployment_events (deployment_id, sequence, at, status, percentage, message, wait_reason)
			VALUES ($1, 1, $2, 'VALIDATING', 1, '', NULL), ($1, 2, $3, 'DEPLOYING', 2, '', 'STRIPE_RATE_LIMIT'), ($1, 3, $3::timestamptz + interval '2 seconds', 'DEPLOYING', 3, '', NULL)`,
			p.id, p.started, p.started.Add(time.Second))
	}
}

// quantile is percentile_cont.
func quantile(of []float64, q float64) *float64 {
	if len(of) == 0 {
		return nil
	}
	slices.Sort(of)
	at := q * float64(len(of)-1)
	low := int(math.Floor(at))
	v := of[low]
	if low+1 < len(of) {
		v += (at - float64(low)) * (of[low+1] - of[low])
	}
	return &v
}

func near(a, b *float64) bool {
	return a == nil && b == nil || a != nil && b != nil && math.Abs(*a-*b) < 1e-5
}

// Whatever a tenant has been through, the figures are those that somebody counts who reads
// all of it.
func TestFiguresEqualAnIndependentCount(t *testing.T) {
	t.Parallel()
	st := domaintest.New(t)
	figures := &insight.Service{DB: st.Pool, Connections: st.Connections, Products: st.Products, Deployments: st.Service, Orders: st.Orders, Inbox: st.Inbox}
	r := rand.New(rand.NewPCG(7, 11))
	from, to := time.Date(2026, 10, 31, 23, 0, 0, 0, time.UTC), time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC)
	var all []past
	for range 300 {
		p := invented(r, pick(r, st.Imported...).ID)
		p.store(t, st)
		if p.kind == "GO_LIVE" && !p.ended.Before(from) && p.ended.Before(to) {
			all = append(all, p)
		}
	}
	var want insight.Metrics
	var took, queued []float64
	days, checks, errors := map[string][3]int{}, map[string]map[string]int{}, map[string]int{}
	berlin, err := localtime.Load("Europe/Berlin")
	domaintest.Must(t, err)
	for _, p := range all {
		ended, _ := berlin.At(*p.ended)
		date := ended.String()[:len(time.DateOnly)]
		day := days[date]
		want.Finished++
		switch p.status {
		case "ROLLED_BACK":
			want.RolledBack++
			fallthrough
		case "COMPLETED":
			want.Completed++
			day[0]++
		case "FAILED":
			want.Failed++
			day[1]++
			errors[p.category+" "+p.stripeCode]++
		case "CANCELLED":
			want.Cancelled++
			day[2]++
		}
		days[date] = day
		if p.due != nil {
			want.Scheduled++
		} else {
			want.Immediate++
		}
		if p.missed {
			want.Missed++
		}
		if p.wrote {
			since := *p.created
			if p.due != nil {
				since = *p.due // or when it was started early, which is the same here
			}
			took, queued = append(took, p.ended.Sub(*p.started).Seconds()), append(queued, p.started.Sub(since).Seconds())
		}
		for _, c := range p.failedChecks {
			if checks[c] == nil {
				checks[c] = map[string]int{}
			}
			checks[c][p.product]++
		}
	}
	rate := float64(want.Completed) / float64(want.Completed+want.Failed)
	got, err := figures.Metrics(st.As, &st.Tenant, from, to)
	domaintest.Must(t, err)
	if got.Finished != want.Finished || got.Completed != want.Completed || got.Failed != want.Failed || got.Cancelled != want.Cancelled ||
		got.RolledBack != want.RolledBack || got.Immediate != want.Immediate || got.Scheduled != want.Scheduled || got.Missed != want.Missed ||
		!near(got.SuccessRate, &rate) || !near(got.MedianSeconds, quantile(took, 0.5)) || !near(got.P95Seconds, quantile(took, 0.95)) ||
		!near(got.MedianQueueSeconds, quantile(queued, 0.5)) || want.Finished < 100 || want.Missed == 0 || len(took) == 0 {
		t.Errorf("got\n%+v\nwant\n%+v, of %d that wrote", got, want, len(took))
	}
	sameDays(t, figures, st, got, days)
	failed, err := figures.FailedChecks(st.As, got)
	domaintest.Must(t, err)
	for _, c := range failed {
		n := 0
		for _, of := range checks[c.Check] {
			n += of
		}
		if c.Deployments != n || c.Products != len(checks[c.Check]) {
			t.Errorf("%+v, want %d of %d", c, n, len(checks[c.Check]))
		}
	}
	reasons, err := figures.Errors(st.As, got)
	domaintest.Must(t, err)
	for _, c := range reasons {
		code := ""
		if c.StripeCode != nil {
			code = *c.StripeCode
		}
		if errors[string(c.Category)+" "+code] != c.Count || code != "" && len(c.RequestIDs) != min(5, c.Count) {
			t.Errorf("%+v, want %d", c, errors[string(c.Category)+" "+code])
		}
	}
	if len(failed) != len(checks) || len(reasons) != len(errors) {
		t.Errorf("%d of %d checks, %d of %d reasons", len(failed), len(checks), len(reasons), len(errors))
	}
	slowest, err := figures.Slowest(st.As, got)
	domaintest.Must(t, err)
	for _, p := range slowest {
		expected := map[string]*float64{"queue": quantile(queued, 0.5), "price.create": quantile(took, 0.5), "checks": new(1.0), "wait.stripe_rate_limit": new(2.0)}[p.Phase]
		if p.Count != len(took) || !near(&p.MedianSeconds, expected) {
			t.Errorf("%+v, want %v of %d", p, expected, len(took))
		}
	}
	if len(slowest) != 4 {
		t.Errorf("%+v", slowest)
	}
}

func sameDays(t *testing.T, figures *insight.Service, st *domaintest.Stack, m *insight.Metrics, want map[string][3]int) {
	t.Helper()
	got, err := figures.Days(st.As, m)
	domaintest.Must(t, err)
	if len(got) != 30 || got[0].Day != "2026-11-01" || got[29].Day != "2026-11-30" {
		t.Fatalf("%d days, from %v", len(got), got[0])
	}
	for _, d := range got {
		if [3]int{d.Completed, d.Failed, d.Cancelled} != want[d.Day] {
			t.Errorf("%+v, want %v", d, want[d.Day])
		}
	}
}

func TestASpanHasAnEnd(t *testing.T) {
	t.Parallel()
	st := domaintest.New(t)
	figures := &insight.Service{DB: st.Pool, Connections: st.Connections, Products: st.Products, Deployments: st.Service, Orders: st.Orders, Inbox: st.Inbox}
	now := time.Now()
	for _, wrong := range [][2]time.Time{{now, now}, {now, now.Add(-time.Hour)}, {now.AddDate(-3, 0, 0), now}} {
		_, err := figures.Metrics(st.As, &st.Tenant, wrong[0], wrong[1])
		domaintest.WantCode(t, err, "INVALID_INPUT")
	}
	_, err := figures.Metrics(st.Stranger(t), &st.Tenant, now.Add(-time.Hour), now)
	domaintest.WantCode(t, err, "NOT_FOUND")
}
