package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
)

// scheduled are the columns of a schedule that waits or is held.
const scheduled = `INSERT INTO deployments (id, tenant_id, product_id, live_account_id, stripe_product_id, kind, trigger, status, wait_reason,
	requested_by, input_digest, reason, due_at, time_zone, if_changed, notifications, drift_seen, test_snapshot) `

// settle notes the products that went live, by number, with the member who did it.
// Those of one account are far apart.
const settle = `CREATE TABLE settled AS SELECT p.id, p.tenant_id, d.live_account_id, p.stripe_product_id, d.requested_by, d.test_snapshot,
		row_number() OVER (ORDER BY p.stripe_product_id, p.id) AS n
	FROM products p JOIN deployments d ON d.product_id = p.id AND d.status = 'COMPLETED' WHERE p.stripe_product_id LIKE 'prod_late_%'`

// told is what each schedule's person is told: all but reminders.
const told = `jsonb_build_object('email', true, 'remindBeforeMinutes', '[]'::jsonb, 'recipients', jsonb_build_array(p.requested_by))`

// manyProducts is a catalogue of products with a price each.
func manyProducts(n int) string {
	var products, prices []string
	for i := range n {
		products = append(products, fmt.Sprintf(`{"id": "prod_late_%d", "name": "Product %d", "default_price": "price_%d"}`, i, i, i))
		prices = append(prices, fmt.Sprintf(`{"id": "price_%d", "product": "prod_late_%d", "currency": "usd", "unit_amount": %d, "lookup_key": "key_%d"}`, i, i, 1000+i, i))
	}
	return fmt.Sprintf(`{"products": [%s], "prices": [%s]}`, strings.Join(products, ","), strings.Join(prices, ","))
}

// schedule adds a go-live of every product, evenly spread from then on.
func (t *timetable) schedule(ctx context.Context, from time.Time) error {
	tag, err := t.pool.Exec(ctx, scheduled+`SELECT gen_random_uuid(), p.tenant_id, p.id, p.live_account_id, p.stripe_product_id, 'GO_LIVE', 'SCHEDULED', 'SCHEDULED', 'DUE_TIME',
			p.requested_by, 'bench', 'lateness', $1::timestamptz + (p.n - 1) * $2::interval, 'UTC', 'HOLD', `+told+`, '', p.test_snapshot
		FROM settled p`, from, spread/goLives)
	if err == nil && tag.RowsAffected() != goLives {
		err = fmt.Errorf("%d go-lives scheduled, not %d", tag.RowsAffected(), goLives)
	}
	return err
}

// crowd adds schedules of one product that are all due then.
func (t *timetable) crowd(ctx context.Context, sh *shop, at time.Time) error {
	_, err := t.pool.Exec(ctx, scheduled+`SELECT gen_random_uuid(), p.tenant_id, p.id, p.live_account_id, p.stripe_product_id, 'GO_LIVE', 'SCHEDULED', 'SCHEDULED', 'DUE_TIME',
			p.requested_by, 'bench', 'crowd', $1, 'UTC', 'HOLD', `+told+`, '', p.test_snapshot
		FROM settled p, generate_series(1, $3) WHERE p.id = $2`, at, sh.productID, crowded)
	return err
}

// addWaiting adds so many that are due within the next year, after the measurement,
// and tops up those that are held.
func (t *timetable) addWaiting(ctx context.Context, pending int) error {
	for _, add := range []struct {
		n           int
		reason, due string
	}{
		{pending, "DUE_TIME", "now() + interval '1 day' + random() * interval '300 days'"},
		{heldAlready, "MISSED", "now() - interval '1 day' - random() * interval '30 days'"},
	} {
		_, err := t.pool.Exec(ctx, scheduled+`SELECT gen_random_uuid(), p.tenant_id, p.id, p.live_account_id, p.stripe_product_id, 'GO_LIVE', 'SCHEDULED', 'SCHEDULED', $1,
				p.requested_by, 'bench', NULL, `+add.due+`, 'UTC', 'HOLD', `+told+`, '', NULL
			FROM generate_series(1, $2 - (SELECT count(*) FROM deployments WHERE $1 = 'MISSED' AND wait_reason = $1)) AS g (i)
			JOIN settled p ON p.n = 1 + g.i % $3`, add.reason, add.n, goLives)
		if err != nil {
			return fmt.Errorf("add %d %s: %w", add.n, add.reason, err)
		}
	}
	// Nobody schedules a million in a minute: the disk and autovacuum are through with
	// them before anything is measured.
	for _, sql := range []string{`VACUUM (ANALYZE) deployments`, `CHECKPOINT`} {
		if _, err := t.pool.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// sweepCost returns how many pages one sweep reads that finds nothing due, and how
// Postgres looks for what is.
func (t *timetable) sweepCost(ctx context.Context) (pages int, explained string, err error) {
	for _, q := range deployment.SweepQueries(nil, nil) {
		var raw []byte
		if err := t.pool.QueryRow(ctx, `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) `+q.SQL, q.Args...).Scan(&raw); err != nil {
			return 0, "", err
		}
		var top []struct{ Plan node }
		if err := json.Unmarshal(raw, &top); err != nil {
			return 0, "", err
		}
		pages += top[0].Plan.Hit + top[0].Plan.Read
		if explained == "" {
			explained = strings.Join(top[0].Plan.scans(), ", ")
		}
	}
	return pages, explained, nil
}

// node is one of an EXPLAIN.
type node struct {
	Type  string  `json:"Node Type"`
	Table string  `json:"Relation Name"`
	Index string  `json:"Index Name"`
	Rows  float64 `json:"Actual Rows"`
	Loops float64 `json:"Actual Loops"`
	Hit   int     `json:"Shared Hit Blocks"`
	Read  int     `json:"Shared Read Blocks"`
	Plans []node
}

// scans are the ways in which the plan reads tables.
func (n node) scans() []string {
	var all []string
	if n.Table != "" || n.Index != "" {
		all = append(all, fmt.Sprintf("%s %s %.0f rows", n.Type, cmp.Or(n.Index, n.Table), n.Rows*n.Loops))
	}
	for _, below := range n.Plans {
		all = append(all, below.scans()...)
	}
	return all
}
