package main

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// growth makes a large business of one with a single product, as the database's owner: what
// it has done is what thousands of go-lives would have left.
var growth = []struct {
	sql string
	n   int
}{
	{`INSERT INTO products (id, tenant_id, test_account_id, stripe_product_id, name, snapshot, digest, live_account_id, live_product_id, deployed_digest)
		SELECT gen_random_uuid(), tenant_id, test_account_id, stripe_product_id || '_' || n, name || ' ' || n,
			replace(snapshot::text, stripe_product_id, stripe_product_id || '_' || n)::jsonb, digest || CASE WHEN n % 10 = 0 THEN '' ELSE 'x' END,
			test_account_id, 'prod_live_' || n, digest || 'x'
		FROM products, generate_series(1, $2 - 1) n WHERE tenant_id = $1`, listedProducts},
	{`INSERT INTO deployments (id, tenant_id, product_id, live_account_id, stripe_product_id, kind, trigger, status, requested_by, input_digest,
			created_at, started_at, finished_at, progress_percentage, progress_message, due_at, time_zone, if_changed, notifications, drift_seen, error, plan)
		SELECT gen_random_uuid(), p.tenant_id, p.id, p.test_account_id, p.stripe_product_id, 'GO_LIVE', CASE WHEN n % 3 = 0 THEN 'SCHEDULED' ELSE 'IMMEDIATE' END,
			status, 'owner@example.com', 'bench', ended - interval '1 minute', ended - make_interval(secs => 1 + n % 40), ended,
			CASE WHEN status IN ('COMPLETED', 'ROLLED_BACK') THEN 100 ELSE 20 END, 'Done', CASE WHEN n % 3 = 0 THEN ended - interval '50 seconds' END,
			CASE WHEN n % 3 = 0 THEN 'UTC' END, CASE WHEN n % 3 = 0 THEN 'HOLD' END,
			CASE WHEN n % 3 = 0 THEN '{"email": false, "remindBeforeMinutes": [], "recipients": []}'::jsonb END, CASE WHEN n % 3 = 0 THEN '' END,
			CASE WHEN status = 'FAILED' THEN '{"category": "VALIDATION", "message": "Fix it."}'::jsonb END, '{"steps": [{"path": "/v1/products"}], "links": [], "changes": []}'
		FROM (SELECT *, row_number() OVER (ORDER BY id) AS place FROM products WHERE tenant_id = $1) p
		JOIN (SELECT n, now() - n * interval '6 minutes' AS ended,
				CASE WHEN n % 11 = 0 THEN 'FAILED' WHEN n % 13 = 0 THEN 'CANCELLED' WHEN n % 17 = 0 THEN 'ROLLED_BACK' ELSE 'COMPLETED' END AS status
			FROM generate_series(1, $2) n) d ON place = 1 + n % (SELECT count(*) FROM products WHERE tenant_id = $1)`, listedDeployments},
	{`INSERT INTO audit_log (tenant_id, at, actor, action, subject, number, hash, details)
		SELECT $1, now() - n * interval '1 minute', 'owner@example.com', CASE WHEN n % 2 = 0 THEN 'deployment.go_live' ELSE 'products.import' END,
			gen_random_uuid()::text, entries + 1 + $2 - n, '', '{"bench": true}'
		FROM audit_heads h, generate_series($2, 1, -1) n WHERE h.tenant_id = $1`, listedEntries},
	{`UPDATE audit_heads SET entries = entries + $2 WHERE tenant_id = $1`, listedEntries},
	{`INSERT INTO deployment_steps (deployment_id, index, change, action, resource, test_id, summary, method, path, body, after, stamp, idempotency_key,
			api_version, want, status)
		SELECT id, 0, 0, 'CREATE', 'product', stripe_product_id, 'Create it', 'POST', '/v1/products', '', '{}', id::text, id::text, 'bench', '{}', 'DONE'
		FROM deployments WHERE tenant_id = $1 AND status IN ('COMPLETED', 'ROLLED_BACK') LIMIT $2`, listedDeployments},
}

// grow takes a minute or so.
func (s *shop) grow(ctx context.Context) error {
	var tenantID string
	if err := s.pool.QueryRow(ctx, `SELECT id FROM tenants WHERE slug = $1`, s.slug).Scan(&tenantID); err != nil {
		return err
	}
	for _, one := range growth {
		err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, one.sql, tenantID, one.n)
			return err
		})
		if err != nil {
			return err
		}
	}
	_, err := s.pool.Exec(ctx, `VACUUM ANALYZE`)
	return err
}
