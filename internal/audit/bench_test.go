package audit_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal/sealtest"
)

// way is one by which an entry comes into the log.
type way struct {
	name   string
	db     *pgxpool.Pool
	record func(ctx context.Context, tx pgx.Tx, e audit.Entry) error
	took   []time.Duration
}

// BenchmarkRecord is a transaction of ten small statements with an entry that is chained,
// left to a sweep, and inserted as before there were chains. They take turns, so that
// whatever else the machine does slows all; told are the medians.
func BenchmarkRecord(b *testing.B) {
	ways := []*way{
		{name: "chained", db: chainedDB(b), record: audit.Record},
		{name: "unchained", db: unchained(b), record: audit.Record},
		{name: "plain", db: unchained(b), record: insert},
	}
	tenants := map[*way]string{}
	for _, w := range ways {
		tenants[w] = makeTenant(b, w.db)
	}
	for b.Loop() {
		for _, w := range ways {
			begun := time.Now()
			if err := postgres.InTx(b.Context(), w.db, func(tx pgx.Tx) error { return w.change(b.Context(), tx, tenants[w]) }); err != nil {
				b.Fatal(err)
			}
			w.took = append(w.took, time.Since(begun))
		}
	}
	for _, w := range ways {
		slices.Sort(w.took)
		b.ReportMetric(float64(w.took[len(w.took)/2].Microseconds()), w.name+"-µs")
	}
}

func (w *way) change(ctx context.Context, tx pgx.Tx, tenantID string) error {
	for range 10 {
		if _, err := tx.Exec(ctx, `UPDATE tenants SET name = name WHERE id = $1`, tenantID); err != nil {
			return err
		}
	}
	return w.record(ctx, tx, audit.Entry{TenantID: tenantID, Actor: "ada@acme.example", Action: "x.done", Subject: "s"})
}

func insert(ctx context.Context, tx pgx.Tx, e audit.Entry) error {
	_, err := tx.Exec(ctx, `INSERT INTO audit_log (tenant_id, actor, action, subject, details) VALUES ($1, $2, $3, $4, $5)`,
		e.TenantID, e.Actor, e.Action, e.Subject, e.Details)
	return err
}

// chainedDB is a database whose entries are chained by keys of its own.
func chainedDB(t testing.TB) *pgxpool.Pool {
	t.Helper()
	_, keys := sealtest.Keys(t)
	db := pgtest.New(t)
	must(t, (&audit.Chain{DB: db, Keys: keys}).Attach(t.Context(), db))
	return db
}
