package domaintest_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/pgtest"
)

func TestWalksAreFound(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		`SELECT name FROM products`:                   "products by products_tenant",
		`SELECT name FROM products WHERE id = $1`:     "",
		`SELECT id FROM products ORDER BY id LIMIT 1`: "products by products_pkey",
		// By a column that is not the first of its index.
		`SELECT order_id FROM order_contacts WHERE email_hash = $1`:            "order_contacts by order_contacts_email",
		`SELECT max(changed_at) FROM orders WHERE tenant_id = $1 AND livemode`: "",
		// By what nearly all rows have, and what only open ones do.
		`SELECT product_id FROM deployments WHERE started_at IS NOT NULL ORDER BY tenant_id LIMIT 1`: "deployments by deployments_started",
		`SELECT id FROM stripe_calls WHERE state = 'SENT'`:                                           "",
		// A condition that Postgres lets no index answer, because of the policies.
		`SELECT p.id FROM products p JOIN tenants t ON t.id = coalesce(p.tenant_id, $1) WHERE p.id = $2`: "tenants by tenants_pkey",
	} {
		walks, err := domaintest.Walks(t.Context(), sql)
		if got := strings.Join(walks, ", "); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", sql, got, err, want)
		}
	}
}

func TestWhatCannotBePlannedIsNoWalk(t *testing.T) {
	t.Parallel()
	for range 2 {
		if _, err := domaintest.Walks(t.Context(), `SELECT FROM produce`); err == nil {
			t.Error("planned")
		}
	}
}

// What is sent in a batch is heard, and judged whatever became of the test's own tables.
func TestStatementsAreHeard(t *testing.T) {
	t.Parallel()
	sent := domaintest.NewStatements()
	config := pgtest.New(t).Config().ConnConfig
	config.Tracer = sent
	conn, err := pgx.ConnectConfig(t.Context(), config)
	domaintest.Must(t, err)
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	batch := &pgx.Batch{}
	batch.Queue(`SELECT id FROM products WHERE id = @id`, pgx.NamedArgs{"id": nil})
	domaintest.Must(t, conn.SendBatch(t.Context(), batch).Close())
	_, err = conn.Exec(t.Context(), `SELECT name FROM products WHERE id = $1`, nil)
	domaintest.Must(t, err)
	_, err = conn.Exec(t.Context(), `ALTER TABLE products RENAME TO produce`)
	domaintest.Must(t, err)
	if got := strings.Join(sent.News(), "; "); got != `SELECT id FROM products WHERE id = $1; SELECT name FROM products WHERE id = $1` {
		t.Errorf("heard %s", got)
	}
	sent.FindByIndex(t)
	if left := sent.News(); len(left) > 0 {
		t.Errorf("not judged: %q", left)
	}
}
