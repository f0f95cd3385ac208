package audit_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/postgres"
)

// Retention takes the beginning away, says so in an entry, and leaves a chain that is
// whole; who is on hold loses nothing.
func TestRetentionCutsAPrefixAndSaysSo(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme, held := makeTenant(t, c.DB), makeTenant(t, c.DB)
	old := func(n int) {
		exec(t, c.DB, `INSERT INTO audit_log (tenant_id, at, actor, action, subject)
			SELECT id, now() - interval '100 days', 'golive', 'thing.done', 'old' || n FROM tenants, generate_series(1, $1) n`, n)
		_, err := c.Sweep(t.Context())
		must(t, err)
	}
	old(1100)
	c.fill(t, acme, 3)
	for _, want := range []int{1100, 0} {
		n, err := c.Prune(t.Context(), 50*24*time.Hour, holds(held))
		if err != nil || n != want {
			t.Fatal(n, err)
		}
	}
	if v := c.verify(t, acme); !v.Whole() || v.Entries != 3+3 { // one for each lot
		t.Errorf("%+v", v)
	}
	if v := c.verify(t, held); !v.Whole() || v.Entries != 1100 {
		t.Errorf("%+v", v)
	}
	newest := list(t, c.DB, acme, 1, "").Entries[0]
	if newest.Action != audit.Pruned || newest.ActorKind != audit.System || fmt.Sprint(newest.Details.(map[string]any)["through"]) != "1100" {
		t.Errorf("%+v", newest)
	}
	old(10) // behind what is newer: it stays as long as that
	if n, err := c.Prune(t.Context(), 50*24*time.Hour, holds()); err != nil || n != 1110 {
		t.Fatal(n, err)
	}
	if v := c.verify(t, held); !v.Whole() || v.Entries != 3 {
		t.Errorf("%+v", v)
	}
	c.tamper(t, `DELETE FROM audit_log WHERE action = 'audit.pruned'`)
	if v := c.verify(t, acme); v.Whole() {
		t.Errorf("%+v", v)
	}
}

// Nobody whom the house asks deletes but by retention.
func TestOnlyRetentionDeletes(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme := makeTenant(t, c.DB)
	c.fill(t, acme, 1)
	for _, sql := range []string{`DELETE FROM audit_log`, `UPDATE audit_log SET number = NULL, hash = NULL`, `UPDATE audit_log SET actor = 'x'`, `TRUNCATE audit_log CASCADE`} {
		if _, err := c.DB.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s was obeyed", sql)
		}
	}
	exec(t, c.DB, `INSERT INTO audit_log (tenant_id, actor, action, subject) VALUES ($1, 'a', 'b', 'c')`, acme)
	if _, err := c.DB.Exec(t.Context(), `UPDATE audit_log SET number = 2, action = 'x' WHERE number IS NULL`); err == nil {
		t.Error("an entry became another one")
	}
}

func holds(ids ...string) audit.Held {
	return func(context.Context, postgres.Querier) ([]string, error) { return ids, nil }
}

// What is known of people is kept as long as an entry needs it.
func TestRetentionTakesWhatNoEntryNeeds(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme := makeTenant(t, c.DB)
	exec(t, c.DB, `INSERT INTO audit_log (tenant_id, at, actor, action, subject, details) VALUES
		($1, now() - interval '100 days', 'ada@acme.example', 'x.done', 's', '{"who": "gone@acme.example"}'),
		($1, now() - interval '100 days', 'gone@acme.example', 'x.done', 's', NULL)`, acme)
	_, err := c.Sweep(t.Context())
	must(t, err)
	c.fill(t, acme, 1)
	if n, err := c.Prune(t.Context(), 50*24*time.Hour, holds()); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	if left := scalar[string](t, c.DB, `SELECT string_agg(value, ' ' ORDER BY value) FROM audit_aliases`); left != "ada@acme.example bob@acme.example" {
		t.Error(left)
	}
	if v := c.verify(t, acme); !v.Whole() {
		t.Errorf("%+v", v)
	}
}

// Who is put on hold while retention is at work loses nothing from then on.
func TestHoldStopsRetentionUnderWay(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme := makeTenant(t, c.DB)
	exec(t, c.DB, `INSERT INTO audit_log (tenant_id, at, actor, action, subject) SELECT $1, now() - interval '100 days', 'golive', 'x.done', 's' FROM generate_series(1, 1200)`, acme)
	_, err := c.Sweep(t.Context())
	must(t, err)
	asked := 0
	n, err := c.Prune(t.Context(), 50*24*time.Hour, func(context.Context, postgres.Querier) ([]string, error) {
		if asked++; asked == 1 {
			return nil, nil
		}
		return []string{acme}, nil
	})
	if err != nil || n != 500 {
		t.Errorf("%d, %v", n, err)
	}
}

// What fails of one tenant keeps nobody else's entries for longer, nor unseen; it is told.
func TestWhatFailsOfOneTenantStopsNobodyElse(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	for range 3 {
		c.fill(t, makeTenant(t, c.DB), 2)
	}
	first := scalar[string](t, c.DB, `SELECT min(tenant_id::text) FROM audit_heads`)
	exec(t, c.DB, `ALTER TABLE audit_heads ADD CONSTRAINT trouble CHECK (tenant_id <> '`+first+`' OR cut = 0 AND verified_at IS NULL)`)
	if _, err := c.LookAround(t.Context()); err == nil {
		t.Error("the look told of no trouble")
	}
	if seen := scalar[int](t, c.DB, `SELECT count(*) FROM audit_heads WHERE verified_at IS NOT NULL`); seen != 2 {
		t.Errorf("%d logs were looked at", seen)
	}
	if n, err := c.Prune(t.Context(), -time.Hour, holds()); err == nil || n != 4 {
		t.Errorf("%d pruned, %v", n, err)
	}
}
