package insight_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/insight"
	"github.com/golive-hq/golive/internal/stripesim"
)

func attention(t *testing.T, st *domaintest.Stack) string {
	t.Helper()
	figures := &insight.Service{DB: st.Pool, Connections: st.Connections, Products: st.Products, Deployments: st.Service, Orders: st.Orders, Inbox: st.Inbox}
	found, err := figures.Attention(st.As, &st.Tenant, 10)
	domaintest.Must(t, err)
	var kinds []string
	for _, a := range found {
		if a.Message == "" || a.Since.IsZero() {
			t.Errorf("%+v says nothing", a)
		}
		kinds = append(kinds, string(a.Kind))
	}
	return strings.Join(kinds, " ")
}

// What a deployment left half done needs somebody until another one has completed.
func TestWhatWasLeftNeedsSomebodyUntilItIsPutRight(t *testing.T) {
	t.Parallel()
	st := domaintest.New(t)
	p := st.Product(t, domaintest.Simple)
	d := st.StartGoLive(t, p.ID)
	st.Exec(t, `UPDATE deployments SET status = 'FAILED', finished_at = now(), live_outcome = 'PARTIAL', wait_reason = NULL WHERE id = $1`, d.ID)
	if got := attention(t, st); got != "PARTIAL" {
		t.Fatalf("needed is %q", got)
	}
	right := st.StartGoLive(t, p.ID)
	st.Exec(t, `UPDATE deployments SET status = 'VALIDATING', wait_reason = NULL WHERE id = $1`, right.ID)
	st.Exec(t, `UPDATE deployments SET status = 'COMPLETED', progress_percentage = 100, finished_at = now() WHERE id = $1`, right.ID)
	if got := attention(t, st); got != "" {
		t.Errorf("needed still is %q", got)
	}
	parked := st.StartGoLive(t, p.ID)
	st.Exec(t, `UPDATE deployments SET wait_reason = 'STRIPE_UNAVAILABLE' WHERE id = $1`, parked.ID)
	if got := attention(t, st); got != "" {
		t.Errorf("a moment's wait needs %q", got)
	}
	st.Exec(t, `UPDATE deployments SET retry_at = now() + interval '1 minute' WHERE id = $1`, parked.ID)
	if got := attention(t, st); got != "PARKED" {
		t.Errorf("needed is %q", got)
	}
}

// A key that Stripe refuses is told, with the connection too, until Stripe takes it again.
func TestARefusedKeyNeedsSomebody(t *testing.T) {
	t.Parallel()
	st := domaintest.New(t)
	p := st.Product(t, domaintest.Simple)
	for _, revoked := range []bool{true, false} {
		domaintest.Must(t, st.Stripe.Sim.SetKey(st.Stripe.Account.ID, stripesim.KeyConfig{Key: st.Stripe.Account.LiveKey, Mode: stripesim.Live, Revoked: revoked}))
		st.Exec(t, `DELETE FROM quotas`)
		_, err := st.Preview(st.As, p.ID, false)
		domaintest.Must(t, err)
		want := map[bool]string{true: "KEY_REFUSED", false: ""}[revoked]
		if got := attention(t, st); got != want {
			t.Errorf("revoked %v: needed is %q", revoked, got)
		}
		c, err := st.Connections.In(st.As, st.Tenant.ID, "LIVE")
		if err != nil || (c.Problem != nil) != revoked || fmt.Sprint(*c.AccountName) != "Harbour & Pine" {
			t.Errorf("revoked %v: %+v, %v", revoked, c, err)
		}
	}
}

// Orders, disputes and what keeps Stripe's events away need somebody, in both modes.
func TestSalesNeedSomebody(t *testing.T) {
	t.Parallel()
	st := domaintest.New(t)
	st.Exec(t, `INSERT INTO payments_modules (tenant_id, livemode, account_id, enabled, since, path_hash, problem)
		VALUES ($1, false, 'acct_1', true, now(), 'a', NULL), ($1, true, 'acct_1', true, now(), 'b', 'Stripe sends no events.')`, st.Tenant.ID)
	if got := attention(t, st); got != "WEBHOOKS" {
		t.Errorf("needed is %q", got)
	}
	const event = `INSERT INTO stripe_events (id, tenant_id, account_id, livemode, event_id, type, api_version, created_at, source, status)
		VALUES (gen_random_uuid(), $1, 'acct_1', false, 'evt_1', 'x', '', now(), 'WEBHOOK', 'DEAD')`
	st.Exec(t, event, st.Tenant.ID)
	const sale = `INSERT INTO orders (id, tenant_id, account_id, livemode, number, customer, currency, capture_method, subtotal, total, due, attention, idempotency_key, input_digest, created_by)
		VALUES (gen_random_uuid(), $1, 'acct_1', $2::boolean, 1, 'c', 'usd', 'AUTOMATIC', 100, 100, 100, $3, $2::boolean::text, '', '')`
	st.Exec(t, sale, st.Tenant.ID, true, []string{"STUCK", "DISPUTE_OPEN"})
	st.Exec(t, sale, st.Tenant.ID, false, []string{"OVERPAID"})
	if got := attention(t, st); got != "WEBHOOKS WEBHOOKS DISPUTE ORDER" {
		t.Errorf("needed is %q", got)
	}
}
