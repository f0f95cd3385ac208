package postgres_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"

	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

var silent = slog.New(slog.DiscardHandler)

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
