package app

import (
	"log/slog"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

// What alerts are made of is there before anything has gone wrong, and counts what has.
func TestBooksAreCounted(t *testing.T) {
	t.Parallel()
	pool, err := postgres.Open(t.Context(), pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	registry := prometheus.NewRegistry()
	registry.MustRegister(books{pool, slog.New(slog.DiscardHandler)})
	if got := figures(t, registry); len(got) != 22 || got["golive_orders_stuck live late_payment"] != 0 || got["golive_payouts_unreconciled live"] != 0 || got["golive_disputes_open test"] != 0 {
		t.Errorf("of nothing it shows %v", got)
	}
	_, err = pool.Exec(t.Context(), `INSERT INTO tenants (id, slug, name, time_zone) VALUES ('01890000-0000-7000-8000-000000000001', 'acme', 'Acme', 'UTC');
		INSERT INTO payouts (id, tenant_id, account_id, livemode, stripe_payout_id, status, amount, currency, automatic, reconciliation_status, arrival_date, created_at, residual)
		SELECT gen_random_uuid(), '01890000-0000-7000-8000-000000000001', 'acct_1', true, 'po_' || i, 'paid', 5, 'usd', i < 3, 'completed',
			CASE WHEN i = 1 THEN current_date ELSE current_date - 9 END, now() - interval '9 days', 5 FROM generate_series(1, 3) AS i;
		INSERT INTO mismatches (id, tenant_id, account_id, livemode, kind, subject, says, about_at, raised_at, gone_at)
		SELECT gen_random_uuid(), '01890000-0000-7000-8000-000000000001', 'acct_1', false, 'FEE', 'pi_' || i, '', now(), CASE WHEN i > 1 THEN now() END,
			CASE WHEN i = 2 THEN now() END FROM generate_series(1, 3) AS i`)
	if err != nil {
		t.Fatal(err)
	}
	_, err = pool.Exec(t.Context(), `INSERT INTO orders (id, tenant_id, account_id, livemode, number, customer, currency, capture_method, subtotal, total, due,
			idempotency_key, input_digest, created_by, attention, events)
		SELECT gen_random_uuid(), '01890000-0000-7000-8000-000000000001', 'acct_1', true, i, 'c', 'usd', 'AUTOMATIC', 100, 100, 100, i, '', 'me',
			CASE i WHEN 1 THEN '{STUCK,UNKNOWN_OUTCOME}'::text[] WHEN 2 THEN '{STUCK}' ELSE '{}' END, 1 FROM generate_series(1, 3) AS i`)
	if err != nil {
		t.Fatal(err)
	}
	if got := figures(t, registry); got["golive_orders_stuck live stuck"] != 2 || got["golive_orders_stuck live unknown_outcome"] != 1 || got["golive_orders_stuck test stuck"] != 0 {
		t.Errorf("of orders that wait it shows %v", got)
	}
	// The one that arrived today, and the one made by hand, are nobody's trouble.
	if got := figures(t, registry); got["golive_payouts_unreconciled live"] != 1 || got["golive_payouts_unreconciled test"] != 0 || got["golive_reconcile_mismatches test"] != 1 {
		t.Errorf("it shows %v", got)
	}
}

// figures are a registry's, by name and labels.
func figures(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, label := range m.GetLabel() {
				name += " " + label.GetValue()
			}
			all[name] = m.GetGauge().GetValue()
		}
	}
	return all
}
