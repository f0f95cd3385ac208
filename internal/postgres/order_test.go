package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

// uncounted are the deployments of two products as versions before left them: each with
// the second at which it was made, and the one at which it ended.
const uncounted = `WITH t AS (INSERT INTO tenants (id, slug, name) VALUES (gen_random_uuid(), 'acme', 'Acme') RETURNING id),
	p AS (INSERT INTO products (id, tenant_id, test_account_id, stripe_product_id, name, snapshot, digest)
		SELECT gen_random_uuid(), id, 'acct_1', stripe, 'Pro', '{}', 'd' FROM t, (VALUES ('prod_1'), ('prod_2')) AS v (stripe)
		RETURNING id, tenant_id, stripe_product_id)
	INSERT INTO deployments (id, tenant_id, product_id, live_account_id, stripe_product_id, kind, trigger, status,
		requested_by, input_digest, created_at, finished_at, progress_percentage, reason, plan)
	SELECT gen_random_uuid(), tenant_id, id, 'acct_1', stripe_product_id, 'GO_LIVE', 'IMMEDIATE', status, 'ada@acme.example', 'd',
		now() + made * interval '1 s', now() + ended * interval '1 s', CASE WHEN status IN ('COMPLETED', 'ROLLED_BACK') THEN 100 ELSE 40 END, what, plan::jsonb
	FROM p, (VALUES
		('third', 'COMPLETED', 3, 9, '{"steps": null, "links": null}'), ('first', 'COMPLETED', 1, 8, '{"steps": [{"path": "/v1/products"}]}'),
		('second', 'ROLLED_BACK', 2, 7, '{"steps": [], "links": [{"liveId": "prod_1"}]}'), ('fourth', 'FAILED', 4, 5, NULL),
		('fifth', 'DEPLOYING', 5, NULL, NULL), ('oldest', 'COMPLETED', 0, 1, NULL)) AS v (what, status, made, ended, plan)`

// What was there before gets the numbers by which it was read so far, in any order of
// ids; what comes after goes on counting, whoever inserts it and however often the
// migration is run.
func TestOrderOfOlderDeploymentsIsCounted(t *testing.T) {
	t.Parallel()
	ctx, url := t.Context(), pgtest.Empty(t)
	must(t, postgres.MigrateTo(ctx, url, 16))
	pool, err := postgres.Open(ctx, url)
	must(t, err)
	defer pool.Close()
	change(t, pool, uncounted)
	must(t, postgres.MigrateTo(ctx, url, 17))
	change(t, pool, `DELETE FROM goose_db_version WHERE version_id = 17`)
	change(t, pool, `UPDATE deployments SET made = NULL, completed = NULL, changed_live = NULL WHERE stripe_product_id = 'prod_2'`)
	change(t, pool, `UPDATE deployments SET status = 'COMPLETED', finished_at = now(), progress_percentage = 100 WHERE reason = 'fifth'`)
	for _, counted := range []string{"sixth", "seventh"} {
		change(t, pool, `INSERT INTO deployments (id, tenant_id, product_id, live_account_id, stripe_product_id, kind, trigger, status, requested_by, input_digest, created_at, reason)
			SELECT DISTINCT ON (product_id) gen_random_uuid(), tenant_id, product_id, live_account_id, stripe_product_id, kind, trigger, 'PENDING', requested_by, input_digest,
				created_at - interval '1 year', $1 FROM deployments`, counted)
		change(t, pool, `UPDATE deployments SET status = 'VALIDATING' WHERE reason = $1`, counted)
		change(t, pool, `UPDATE deployments SET status = 'COMPLETED', finished_at = now(), progress_percentage = 100, plan = '{"steps": []}' WHERE reason = $1`, counted)
	}
	change(t, pool, `UPDATE deployments SET status = 'COMPLETED' WHERE reason = 'second'`)
	must(t, postgres.MigrateTo(ctx, url, 17))
	for _, product := range []string{"prod_1", "prod_2"} {
		var got string
		must(t, pool.QueryRow(ctx, `SELECT string_agg(reason || ' ' || concat_ws('/', made, completed, changed_live), ', ' ORDER BY made)
			FROM deployments WHERE stripe_product_id = $1`, product).Scan(&got))
		want := "oldest 1/1/t, first 2/3/t, second 3/2/t, third 4/4/f, fourth 5, fifth 6/5/t, sixth 7/6/f, seventh 8/7/f"
		if got != want {
			t.Errorf("%s: %s, want %s", product, got, want)
		}
	}
}

func change(t *testing.T, pool *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	_, err := pool.Exec(context.Background(), sql, args...)
	must(t, err)
}
