package runner

import (
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/pgtest"
)

// Neither a heartbeat nor a note that was under way when its lease was let go
// takes it back.
func TestLeaseLetGoIsNotTakenBack(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	w := &Runner{Deps: Deps{Lease: time.Minute, Clock: SinceBoot}}
	const id = "01a200cd-28d4-705d-8218-3fbfed24bab2"
	insertActive(t, pool, id, 7)
	if held, err := deployment.Renew(ctx, pool, []string{id}, []int64{7}, 1, time.Minute); err != nil || len(held) != 1 {
		t.Fatalf("renewed %v, %v", held, err)
	}
	_, err := pool.Exec(ctx, `INSERT INTO deployment_steps (deployment_id, index, change, action, resource, test_id, summary,
			method, path, body, after, stamp, idempotency_key, api_version, want)
		VALUES ($1, 0, 0, 'CREATE', 'product', 'prod_1', 'Pro', 'POST', '/v1/products', '', '{}', '', 'first', '', '{}')`, id)
	if err != nil {
		t.Fatal(err)
	}
	j := &notes{&run{runner: w, db: pool, d: &deployment.Deployment{ID: id}, epoch: 7, lease: &lease{right: &w.Deps}, noting: make(chan struct{}, 1)}}
	if err := j.Begin(ctx, engine.Step{}, "key"); err != nil {
		t.Fatal(err)
	}
	if err := deployment.LetGo(ctx, pool, id, 7, 0); err != nil {
		t.Fatal(err)
	}
	if held, err := deployment.Renew(ctx, pool, []string{id}, []int64{7}, 1, time.Minute); err != nil || len(held) != 0 {
		t.Errorf("took back %v, %v", held, err)
	}
	if err := j.Begin(ctx, engine.Step{}, "key"); !errors.Is(err, deployment.ErrLost) {
		t.Errorf("begun without a lease: %v", err)
	}
}

// A process may hold a lease on what its own earlier run, fenced, has yet to leave.
func TestLeaseOfTheNextRunIsKept(t *testing.T) {
	t.Parallel()
	var l leases
	earlier, next := &lease{id: "d", epoch: 1}, &lease{id: "d", epoch: 3}
	l.add(earlier)
	l.add(next)
	l.remove(earlier)
	if held := l.all(); len(held) != 1 || held[0] != next {
		t.Errorf("%d leases are renewed", len(held))
	}
	l.remove(next)
	if len(l.all()) > 0 {
		t.Error("a lease that ended is still renewed")
	}
}

// active inserts a deployment under way, with a tenant and a product of the same id,
// whose lease of that epoch is at its end.
func insertActive(t *testing.T, pool *pgxpool.Pool, id string, epoch int64) {
	t.Helper()
	_, err := pool.Exec(t.Context(), `WITH t AS (INSERT INTO tenants (id, slug, name) VALUES ($1, 'acme', 'Acme')),
		p AS (INSERT INTO products (id, tenant_id, test_account_id, stripe_product_id, name, snapshot, digest)
			VALUES ($1, $1, 'acct_1', 'prod_1', 'Pro', '{}', 'd'))
		INSERT INTO deployments (id, tenant_id, product_id, live_account_id, stripe_product_id, kind, trigger, status,
			requested_by, input_digest, epoch, lease_until)
		VALUES ($1, $1, $1, 'acct_1', 'prod_1', 'GO_LIVE', 'IMMEDIATE', 'DEPLOYING', 'a@b.example', 'd', $2, now())`, id, epoch)
	if err != nil {
		t.Fatal(err)
	}
}

// A renewal that waits for its turn in the database, for longer than anybody knows where
// its worker is frozen, gives time from when it was sent.
func TestLeaseCountsFromTheAsking(t *testing.T) {
	t.Parallel()
	const id = "01a200cd-28d4-705d-8218-3fbfed24bab2"
	for name, ask := range map[string]func(pool *pgxpool.Pool) error{
		"a heartbeat": func(pool *pgxpool.Pool) error {
			_, err := deployment.Renew(t.Context(), pool, []string{id}, []int64{7}, 1, time.Minute)
			return err
		},
		"a step that begins": func(pool *pgxpool.Pool) error {
			_, _, err := deployment.NoteBegun(t.Context(), pool, id, 7, time.Minute, 0, "key")
			return err
		},
		"a takeover": func(pool *pgxpool.Pool) error {
			_, err := deployment.Own(t.Context(), pool, id, 1, deployment.Owner{Name: "next", Lifeline: 1}, time.Minute)
			return err
		},
	} {
		pool := pgtest.New(t)
		insertActive(t, pool, id, 7)
		if _, err := pool.Exec(t.Context(), `UPDATE deployments SET job_id = 1`); err != nil {
			t.Fatal(err)
		}
		tx, err := pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), `UPDATE deployments SET reason = 'frozen'`); err != nil {
			t.Fatal(err)
		}
		asked := make(chan error, 1)
		go func() { asked <- ask(pool) }()
		var since time.Time
		for waiting := false; !waiting; {
			if err := pool.QueryRow(t.Context(), `SELECT clock_timestamp(), EXISTS (SELECT FROM pg_locks WHERE NOT granted
				AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database()))`).Scan(&since, &waiting); err != nil {
				t.Fatal(err)
			}
			if len(asked) > 0 {
				t.Fatalf("%s waits for nobody: %v", name, <-asked)
			}
		}
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := <-asked; err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var until time.Time
		if err := pool.QueryRow(t.Context(), `SELECT lease_until FROM deployments`).Scan(&until); err != nil || until.After(since.Add(time.Minute)) {
			t.Errorf("%s: a lease of a minute ends %v after it was asked for, %v", name, until.Sub(since), err)
		}
	}
}

// Renewals may overtake each other: the one that was sent later counts.
func TestLeaseIsNotCutByARenewalThatCameLate(t *testing.T) {
	t.Parallel()
	const id = "01a200cd-28d4-705d-8218-3fbfed24bab2"
	pool := pgtest.New(t)
	insertActive(t, pool, id, 7)
	for _, length := range []time.Duration{time.Hour, time.Minute} {
		if _, err := deployment.Renew(t.Context(), pool, []string{id}, []int64{7}, 1, length); err != nil {
			t.Fatal(err)
		}
	}
	var kept bool
	if err := pool.QueryRow(t.Context(), `SELECT lease_until > now() + interval '30 minutes' FROM deployments`).Scan(&kept); err != nil || !kept {
		t.Errorf("the later end was not kept, %v", err)
	}
}
