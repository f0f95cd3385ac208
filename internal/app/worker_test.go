package app_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/stripesim/simtest"
	"github.com/golive-hq/golive/internal/tenant"
)

// Whoever searches the log for a deployment finds why its job failed.
func TestWorkerLogsWhyAJobFailed(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	p := run(t, "worker", map[string]string{"DATABASE_URL": url})
	pool, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	jobs, err := river.NewClient(riverpgxv5.New(pool), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	// The database refuses an id that is none.
	if _, err := jobs.Insert(t.Context(), deployment.RunArgs{DeploymentID: "no-uuid", Dispatch: 1}, nil); err != nil {
		t.Fatal(err)
	}
	p.says(t, "level=ERROR", "deployment_id=no-uuid", "attempt=1", "uuid")
}

// tells reports whether one line of a log has all parts.
func tells(log string, parts ...string) bool {
	for line := range strings.Lines(log) {
		missing := len(parts)
		for _, part := range parts {
			if strings.Contains(line, part) {
				missing--
			}
		}
		if missing == 0 {
			return true
		}
	}
	return false
}

// Whoever runs the service sees that nobody takes up what waits.
func TestMetricsTellWhatWaits(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pool, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	_, err = pool.Exec(t.Context(), `
		WITH t AS (INSERT INTO tenants (id, slug, name, time_zone) VALUES (gen_random_uuid(), 'acme', 'Acme', 'UTC') RETURNING id),
		p AS (INSERT INTO products (id, tenant_id, test_account_id, stripe_product_id, name, snapshot, digest)
			SELECT gen_random_uuid(), id, 'acct_1', 'prod_1', 'One', '{}', 'x' FROM t RETURNING id, tenant_id)
		INSERT INTO deployments (id, tenant_id, product_id, live_account_id, stripe_product_id, kind, trigger, status,
			requested_by, input_digest, created_at, due_at, time_zone, if_changed, notifications, drift_seen)
		SELECT gen_random_uuid(), tenant_id, id, 'acct_' || n, 'prod_1', 'GO_LIVE', 'SCHEDULED', 'PENDING', 'me', 'x',
			now() - interval '1 year', now() - n * interval '30 minutes', 'UTC', 'HOLD', '{}', '' FROM p, generate_series(1, 2) n`)
	if err != nil {
		t.Fatal(err)
	}
	p := run(t, "api", map[string]string{"DATABASE_URL": url})
	body := p.metrics(t)
	for _, want := range []string{`golive_deployments{status="PENDING"} 2`, `golive_deployments{status="DEPLOYING"} 0`, `golive_paused 0`, `golive_schedules_overdue 0`, `golive_deployment_oldest_seconds{status="PENDING"} 36`} {
		if !strings.Contains(body, "\n"+want) {
			t.Errorf("no %s", want)
		}
	}
	told := ""
	for f := range app.Examine(t.Context(), environment(t, map[string]string{"DATABASE_URL": url, "GOLIVE_STRIPE_API_BASE": "http://127.0.0.1:1"})) {
		if f.Subject == "work" && f.Fix {
			told = f.Says
		}
	}
	if !strings.HasPrefix(told, "2 deployments ") || !strings.Contains(told, " 1h0m") {
		t.Errorf("the doctor says %q", told)
	}
}

// Whoever runs the service sees mails that wait, and a mail server that is away.
func TestMetricsTellOfMails(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pool, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	_, err = pool.Exec(t.Context(), `
		WITH t AS (INSERT INTO tenants (id, slug, name) VALUES (gen_random_uuid(), 'acme', 'Acme') RETURNING id),
		p AS (INSERT INTO products (id, tenant_id, test_account_id, stripe_product_id, name, snapshot, digest)
			SELECT gen_random_uuid(), id, 'acct_1', 'prod_1', 'One', '{}', 'x' FROM t RETURNING id, tenant_id),
		d AS (INSERT INTO deployments (id, tenant_id, product_id, live_account_id, stripe_product_id, kind, trigger, status,
				requested_by, input_digest, finished_at)
			SELECT gen_random_uuid(), tenant_id, id, 'acct_1', 'prod_1', 'GO_LIVE', 'IMMEDIATE', 'CANCELLED', 'me', 'x', now() FROM p RETURNING id, tenant_id)
		INSERT INTO mails (tenant_id, deployment_id, version, kind, recipient, actor, required, importance, due_at, next_at)
		SELECT tenant_id, id, 1, 'CANCELLED', to_whom || '@acme.example', '', false, 2, at, at
		FROM d, (VALUES ('ada', now() - interval '1 hour'), ('bob', now() + interval '1 hour')) AS v (to_whom, at)`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(t.Context(), `INSERT INTO mail_outage (since, until, tries, error)
		VALUES (now() - interval '30 minutes', now() + interval '1 minute', 9, 'away')`); err != nil {
		t.Fatal(err)
	}
	p := run(t, "api", map[string]string{"DATABASE_URL": url, "GOLIVE_SMTP_URL": "smtp://127.0.0.1:9?tls=none"})
	body := p.metrics(t)
	for _, want := range []string{
		"golive_mails_due 1", "golive_mail_oldest_seconds 36", "golive_mail_outage_seconds 18", "golive_mail_lag_seconds_total 0",
		`golive_mails_total{result="SENT"} 0`, `golive_mails_total{result="REFUSED"} 0`,
	} {
		if !strings.Contains(body, "\n"+want) {
			t.Errorf("no %s", want)
		}
	}
	off := run(t, "api", map[string]string{"DATABASE_URL": url})
	if body := off.metrics(t); strings.Contains(body, "golive_mail") {
		t.Error("metrics of mails where mail is off")
	}
}

// Whoever runs the service sees how Stripe takes its calls: each process its own.
func TestMetricsTellOfStripe(t *testing.T) {
	t.Parallel()
	sh := newShop(t)
	connect, p, ada, acme, set := sh.connect, sh.api, sh.ada, sh.tenant, sh.set
	if err := connect("TEST", sh.stripe.Account.TestKey); err != nil {
		t.Fatal(err)
	}
	if err := connect("LIVE", "sk_live_neverissuedneverissued"); fault.CodeOf(err) != fault.StripeKeyInvalid {
		t.Fatal(err)
	}
	w := run(t, "worker", set)
	if _, err := client.Mutate[struct{}](t.Context(), ada, "importProducts", map[string]any{"tenantId": acme.ID}, ""); err != nil {
		t.Fatal(err)
	}
	body := p.metrics(t)
	for _, want := range []string{`{mode="unknown",outcome="ok"} 2`, `{mode="unknown",outcome="refused"} `, `{mode="test",outcome="ok"} 0`, `{mode="live",outcome="unavailable"} 0`, `{mode="live",outcome="limited"} 0`} {
		if !strings.Contains(body, "\ngolive_stripe_calls_total"+want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(body, `{mode="unknown",outcome="refused"} 0`) {
		t.Error("a key that Stripe does not know was not refused")
	}
	for _, want := range []string{`{mode="live",outcome="ok"} 0`, `{mode="test",outcome="ok"} 3`} { // who imported
		if body := w.metrics(t); !strings.Contains(body, "\ngolive_stripe_calls_total"+want) {
			t.Errorf("no %s of a worker", want)
		}
	}
}

// shop is a tenant with a Stripe account, on an API of its own.
type shop struct {
	set    map[string]string
	stripe *simtest.Server
	api    *process
	tenant tenant.Tenant
	ada    *client.Client
}

func newShop(t *testing.T) shop {
	t.Helper()
	url, stripe := pgtest.URL(t), simtest.Start(t)
	keys, err := seal.NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]string{"DATABASE_URL": url, "GOLIVE_STRIPE_API_BASE": stripe.URL, "GOLIVE_SEALING_KEYS": keys}
	cfg, err := app.Load(environment(t, set))
	if err != nil {
		t.Fatal(err)
	}
	services, closePool, err := app.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer closePool()
	acme, err := services.Tenants.CreateTenant(t.Context(), "acme", "Acme", "UTC")
	if err != nil {
		t.Fatal(err)
	}
	token, err := services.Tenants.CreateToken(t.Context(), "acme", "ada@acme.example", tenant.RoleAdmin)
	if err != nil {
		t.Fatal(err)
	}
	p := run(t, "api", set)
	p.get(t, "/readyz")
	return shop{set, stripe, p, acme, &client.Client{URL: p.url, Token: token}}
}

func (s shop) connect(mode, key string) error {
	_, err := client.Mutate[struct{}](context.Background(), s.ada, "connectStripe", map[string]any{"tenantId": s.tenant.ID, "mode": mode, "secretKey": key}, "")
	return err
}

// Operators find each deployment's start and end in the log, and all of them in metrics.
func TestDeploymentsAreLoggedAndCounted(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	demo := stripesim.DemoCatalogue()
	if err := errors.Join(
		s.stripe.Sim.Seed(s.stripe.Account.ID, stripesim.Test, demo.Products, demo.Prices),
		s.connect("TEST", s.stripe.Account.TestKey), s.connect("LIVE", s.stripe.Account.LiveKey),
	); err != nil {
		t.Fatal(err)
	}
	worker := run(t, "worker", s.set)
	_, err := client.Mutate[struct{}](t.Context(), s.ada, "importProducts", map[string]any{"tenantId": s.tenant.ID}, "")
	if err != nil {
		t.Fatal(err)
	}
	type shelf struct {
		Tenant struct {
			Products struct{ Nodes []struct{ ID string } }
		}
	}
	found, err := client.Do[shelf](t.Context(), s.ada, `{tenant(slug: "acme") {products(first: 1) {nodes {id}}}}`, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Mutate[struct{}](t.Context(), s.ada, "goLive", map[string]any{"productId": found.Tenant.Products.Nodes[0].ID}, "")
	if err != nil {
		t.Fatal(err)
	}
	worker.says(t, `msg="deployment started"`, "deployment_id=", "tenant_id="+s.tenant.ID, "kind=GO_LIVE")
	worker.says(t, "level=INFO", `msg="deployment ended"`, "deployment_id=", "tenant_id="+s.tenant.ID, "status=COMPLETED", "duration=")
	body := worker.metrics(t)
	for _, want := range []string{
		`golive_deployments_ended_total{category="",kind="GO_LIVE",outcome="",status="COMPLETED"} 1`,
		`golive_deployment_seconds_count{kind="GO_LIVE",status="COMPLETED"} 1`,
		`golive_deployment_phase_seconds_count{phase="checking"} 1`, `golive_deployment_phase_seconds_count{phase="writing"} 1`,
		`golive_deployment_phase_seconds_count{phase="verifying"} 1`, `golive_stripe_call_seconds_count{method="POST",mode="live"} `,
	} {
		if !strings.Contains(body, "\n"+want) {
			t.Errorf("no %s", want)
		}
	}
}

// says waits until a line of the log has all parts.
func (p *process) says(t *testing.T, parts ...string) {
	t.Helper()
	for !tells(p.log.String(), parts...) {
		select {
		case <-t.Context().Done():
			t.Fatalf("not told: %s", p.log.String())
		case err := <-p.err:
			t.Fatalf("the process ended: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
