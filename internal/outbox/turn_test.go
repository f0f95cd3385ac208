package outbox_test

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/outbox"
)

// newTenant adds a tenant with a subject of its own, by the same id.
func (o *own) newTenant(t *testing.T, id string) {
	t.Helper()
	o.Exec(t, `WITH t AS (INSERT INTO tenants (id, slug, name) VALUES ($1::uuid, 't' || $1::text, 'T')),
		p AS (INSERT INTO products (id, tenant_id, test_account_id, stripe_product_id, name, snapshot, digest)
			VALUES ($1, $1, 'acct_1', 'prod_' || $1::text, 'Pro', '{}', 'd'))
		INSERT INTO deployments (id, tenant_id, product_id, live_account_id, stripe_product_id, kind, trigger, status, requested_by, input_digest)
		VALUES ($1, $1, $1, 'acct_1', 'prod_' || $1::text, 'GO_LIVE', 'IMMEDIATE', 'PENDING', 'a@b.example', 'd')`, id)
}

// plant lets so many mails of a tenant wait, to as many people, and returns to whom.
func (o *own) plant(t *testing.T, tenantID, name string, importance, many int) {
	t.Helper()
	o.Exec(t, `INSERT INTO mails (tenant_id, deployment_id, version, kind, recipient, actor, required, importance, due_at, next_at)
		SELECT $1, $1, 1, 'STARTED', $2 || n || '@acme.example', '', true, $3, golive_now() - interval '1 hour', golive_now() - interval '1 hour'
		FROM generate_series(1, $4) AS n`, tenantID, name, importance, many)
}

// handedOut counts, by tenant, what River has.
func (o *own) handedOut(t *testing.T) map[string]int {
	t.Helper()
	got := map[string]int{}
	rows, err := o.Pool.Query(t.Context(), `SELECT tenant_id::text, count(*) FROM mails WHERE state = 'QUEUED' GROUP BY 1`)
	must(t, err)
	var id string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&id, &n}, func() error { got[id] = n; return nil })
	must(t, err)
	return got
}

func tenantNo(n int) string { return fmt.Sprintf("0198b2c0-0000-7000-8000-%012d", n) }

// However much of one tenant waits, another's single mail is in the next lot; the first
// one's are in it too.
func TestSweepTakesTenantsInTurns(t *testing.T) {
	t.Parallel()
	for _, many := range []int{20, 3000} { // all are looked at, or the oldest alone
		o := newOwn(t)
		o.plant(t, subj, "flood", 2, many)
		late := tenantNo(1)
		o.newTenant(t, late)
		o.plant(t, late, "late", 2, 1)
		o.Exec(t, `UPDATE mails SET due_at = golive_now(), next_at = golive_now() WHERE tenant_id = $1`, late)
		_, err := o.Sweep(t.Context())
		must(t, err)
		if got := o.handedOut(t); got[late] != 1 || got[subj] == 0 || got[subj] > 10 {
			t.Errorf("of %d: %v", many, got)
		}
	}
}

// What River has already of one tenant is little, so that the next one's turn comes soon;
// and there is room for it however many others have had theirs.
func TestSweepLeavesRoomForTheNextTenant(t *testing.T) {
	t.Parallel()
	o := newOwn(t)
	for n := range 70 {
		o.newTenant(t, tenantNo(n))
		o.plant(t, tenantNo(n), "x", 3, 20)
	}
	served := map[string]bool{}
	for range 4 {
		n, err := o.Sweep(t.Context())
		must(t, err)
		got := o.handedOut(t)
		if n != 50 || len(got) != 50 {
			t.Errorf("%d handed out, of %d tenants", n, len(got))
		}
		for id := range got {
			served[id] = true
		}
		o.Exec(t, `UPDATE mails SET state = 'SENT', settled_at = golive_now() WHERE state = 'QUEUED'`)
	}
	if len(served) != 70 {
		t.Errorf("four lots of 50 have served %d of 70 tenants", len(served))
	}
}

// A tenant's flood of what is unimportant keeps its own important news as little as
// others' waiting; within a class, turns do not mix with importance.
func TestSweepTakesTurnsWithinAClass(t *testing.T) {
	t.Parallel()
	o := newOwn(t)
	o.plant(t, subj, "flood", 5, 100)
	_, err := o.Sweep(t.Context())
	must(t, err)
	other := tenantNo(1)
	o.newTenant(t, other)
	o.plant(t, other, "other", 5, 1)
	o.plant(t, subj, "urgent", 1, 5)
	_, err = o.Sweep(t.Context())
	must(t, err)
	var first string
	must(t, o.Pool.QueryRow(t.Context(), `SELECT m.recipient FROM mails m JOIN river_job j ON j.id = m.job_id
		ORDER BY j.priority, j.id LIMIT 1`).Scan(&first))
	if got := o.handedOut(t); got[subj] != 15 || got[other] != 1 || first[:6] != "urgent" {
		t.Errorf("%v, first %s", got, first)
	}
}

// A digest is one mail in its tenant's turn, however many it tells of.
func TestSweepTakesTurnsOfDigests(t *testing.T) {
	t.Parallel()
	o := newOwn(t)
	o.Kinds = []outbox.Traits{{Kind: "STARTED", Importance: 2}}
	o.plant(t, subj, "flood", 2, 2000)
	o.Exec(t, `UPDATE mails SET recipient = 'ada@acme.example', version = id`)
	late := tenantNo(1)
	o.newTenant(t, late)
	o.plant(t, late, "late", 2, 1)
	_, err := o.Sweep(t.Context())
	must(t, err)
	if got := o.handedOut(t); got[late] != 1 || got[subj] != 1 {
		t.Errorf("%v", got)
	}
}

// A sweep reads what it hands out, and not what else is due.
func TestSweepCostIsFlatInAFlood(t *testing.T) {
	t.Parallel()
	o := newOwn(t)
	o.newTenant(t, tenantNo(1))
	o.plant(t, tenantNo(1), "late", 2, 1)
	o.plant(t, subj, "flood", 2, 1000)
	o.Exec(t, `ANALYZE mails`)
	pages := func() (pages []int) {
		tx, err := o.Pool.Begin(t.Context())
		must(t, err)
		defer func() { _ = tx.Rollback(t.Context()) }() // what EXPLAIN has done is nothing to keep
		for _, q := range o.OrderQueries(t.Context(), tx) {
			pages = append(pages, domaintest.PagesOf(t, tx, q.SQL, q.Args...))
		}
		return pages
	}
	few := pages()
	o.plant(t, subj, "more", 2, 20000)
	for i, many := range pages() {
		if many > few[i]+250 {
			t.Errorf("query %d reads %d pages in a flood of 21,000, and %d in one of 1,000", i, many, few[i])
		}
	}
}
