package postgres_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

var silent = slog.New(slog.DiscardHandler)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestMigrateIsSafeInSeveralProcessesAtOnce(t *testing.T) {
	t.Parallel()
	ctx, url := context.Background(), pgtest.Empty(t)
	errs := make([]error, 3)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = postgres.Migrate(ctx, url, silent) }) // each on a pool of its own
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	pool, err := postgres.Open(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	var applied, distinct int
	if err := pool.QueryRow(ctx, `SELECT count(*), count(DISTINCT version_id) FROM goose_db_version`).Scan(&applied, &distinct); err != nil {
		t.Fatal(err)
	}
	if applied != distinct {
		t.Fatalf("%d migrations were applied %d times in all", distinct, applied)
	}
	got, err := postgres.SchemaVersion(ctx, pool)
	if err != nil || got != postgres.RequiredVersion() {
		t.Fatalf("schema version %d, %v; want %d", got, err, postgres.RequiredVersion())
	}
}

func TestSchemaVersionOfAnEmptyDatabaseIsZero(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	pool, err := postgres.Open(ctx, pgtest.Empty(t))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if got, err := postgres.SchemaVersion(ctx, pool); got != 0 || err != nil {
		t.Fatalf("got %d, %v", got, err)
	}
}

// An upgrade of River that brings a newer schema needs a migration of ours.
func TestTheWholeSchemaOfThisRiverIsApplied(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	river, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	if err != nil {
		t.Fatal(err)
	}
	versions := river.AllVersions()
	if newest := versions[len(versions)-1].Version; newest != postgres.RiverSchema {
		t.Fatalf("River's newest schema is %d, ours is pinned at %d: add a migration that goes on from there", newest, postgres.RiverSchema)
	}
	result, err := river.Validate(context.Background(), nil)
	if err != nil || !result.OK {
		t.Fatalf("River is not content: %v, %v", result, err)
	}
}

// oldDeployments are two of the schema's version 11, one under way and one completed.
const oldDeployments = `WITH t AS (INSERT INTO tenants (id, slug, name) VALUES (gen_random_uuid(), 'acme', 'Acme') RETURNING id),
	p AS (INSERT INTO products (id, tenant_id, test_account_id, stripe_product_id, name, snapshot, digest)
		SELECT gen_random_uuid(), id, 'acct_1', 'prod_1', 'Pro', '{}', 'd' FROM t RETURNING id, tenant_id)
	INSERT INTO deployments (id, tenant_id, product_id, live_account_id, stripe_product_id, kind, trigger, status,
		requested_by, input_digest, finished_at, progress_percentage)
	SELECT gen_random_uuid(), tenant_id, id, 'acct_1', 'prod_1', 'GO_LIVE', 'IMMEDIATE', status, 'ada@acme.example', 'd', finished, percentage
	FROM p, (VALUES ('DEPLOYING', NULL, 40), ('COMPLETED', now(), 100)) AS v (status, finished, percentage)`

// A migration that waits for a table keeps all others waiting behind it, heartbeats
// among them: it gives up, and is run again.
func TestAMigrationWaitsForNoTable(t *testing.T) {
	t.Parallel()
	ctx, url := t.Context(), pgtest.Empty(t)
	must(t, postgres.MigrateTo(ctx, url, 11))
	pool, err := postgres.Open(ctx, url)
	must(t, err)
	defer pool.Close()
	tx, err := pool.Begin(ctx)
	must(t, err)
	_, err = tx.Exec(ctx, `LOCK TABLE deployments IN ROW EXCLUSIVE MODE`)
	must(t, err)
	if err := postgres.Migrate(ctx, url, silent); err == nil || !strings.Contains(err.Error(), "a table is locked") {
		t.Errorf("%v", err)
	}
	must(t, tx.Rollback(ctx))
	must(t, postgres.Migrate(ctx, url, silent))
}

// What dashboards ask by comes to a table of any size without its being rewritten,
// and moves with everything that people see, with or without an event.
func TestWhenDeploymentsWereTouchedComesToRowsInPlace(t *testing.T) {
	t.Parallel()
	ctx, url := t.Context(), pgtest.Empty(t)
	must(t, postgres.MigrateTo(ctx, url, 11))
	pool, err := postgres.Open(ctx, url)
	must(t, err)
	defer pool.Close()
	_, err = pool.Exec(ctx, oldDeployments)
	must(t, err)
	const file = `SELECT pg_relation_filenode('deployments')::int8, clock_timestamp()`
	var before, after int64
	var began, ended time.Time
	must(t, pool.QueryRow(ctx, file).Scan(&before, &began))
	must(t, postgres.Migrate(ctx, url, silent))
	must(t, pool.QueryRow(ctx, file).Scan(&after, &ended))
	if before != after {
		t.Error("the table was rewritten, which stops everybody for as long as that takes")
	}
	touched := func(since, until time.Time) (n int) {
		t.Helper()
		must(t, pool.QueryRow(ctx, `SELECT count(*) FROM deployments WHERE touched_at BETWEEN $1 AND $2`, since, until).Scan(&n))
		return n
	}
	if n := touched(began, ended); n != 2 {
		t.Errorf("%d of 2 count as touched by the migration", n)
	}
	for _, c := range []struct {
		update string
		moved  int
	}{
		{`UPDATE deployments SET lease_until = now() WHERE status = 'DEPLOYING'`, 0},
		{`UPDATE deployments SET last_sequence = last_sequence + 1 WHERE status = 'DEPLOYING'`, 1},
		{`UPDATE deployments SET status = 'ROLLED_BACK' WHERE status = 'COMPLETED'`, 2},
	} {
		_, err := pool.Exec(ctx, c.update)
		must(t, err)
		if n := touched(ended, time.Now().Add(time.Hour)); n != c.moved {
			t.Errorf("%d are touched after %s", n, c.update)
		}
	}
}
