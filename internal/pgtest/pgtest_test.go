package pgtest_test

import (
	"context"
	"testing"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

func TestNewGivesAMigratedDatabaseOfOnesOwn(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for range 2 {
		pool := pgtest.New(t)
		got, err := postgres.SchemaVersion(ctx, pool)
		if err != nil || got != postgres.RequiredVersion() {
			t.Fatalf("schema version %d, %v; want %d", got, err, postgres.RequiredVersion())
		}
		// Fails the second time unless the databases are two.
		if _, err := pool.Exec(ctx, `CREATE TABLE mine ()`); err != nil {
			t.Fatal(err)
		}
	}
}
