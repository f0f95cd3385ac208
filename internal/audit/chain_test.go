package audit_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal/sealtest"
)

// chained is a database whose audit log is chained, with a log of the chain's own.
type chained struct {
	*audit.Chain
	keyset string
	log    *bytes.Buffer
}

func newChain(t *testing.T) chained {
	t.Helper()
	keyset, keys := sealtest.Keys(t)
	c := chained{keyset: keyset, log: &bytes.Buffer{}}
	c.Chain = &audit.Chain{DB: pgtest.New(t), Keys: keys, Log: slog.New(slog.NewTextHandler(c.log, nil))}
	must(t, c.Attach(t.Context(), c.DB))
	return c
}

// fill records n entries of a tenant, each in a transaction of its own.
func (c chained) fill(t *testing.T, tenantID string, n int) {
	t.Helper()
	for i := range n {
		record(t, c.DB, audit.Entry{
			TenantID: tenantID, Actor: "ada@acme.example", Action: "thing.done", Subject: "s" + strconv.Itoa(i),
			Details: map[string]any{"n": i, "big": 1e21, "share": 0.10, "who": "bob@acme.example"}, After: map[string]any{"b": 1, "a": nil},
		})
	}
}

func (c chained) verify(t *testing.T, tenantID string, anchors ...audit.Anchor) audit.Verdict {
	t.Helper()
	v, err := audit.Verify(t.Context(), c.DB, c.Keys, tenantID, anchors)
	must(t, err)
	return v
}

// tamper changes the database as its owner can.
func (c chained) tamper(t *testing.T, sql string, args ...any) {
	t.Helper()
	must(t, postgres.InTx(t.Context(), c.DB, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `SET LOCAL session_replication_role = replica`); err != nil { // no triggers
			return err
		}
		for statement := range strings.SplitSeq(sql, ";") {
			if _, err := tx.Exec(t.Context(), statement, args...); err != nil {
				return err
			}
		}
		return nil
	}))
}

func TestChainIsWholeAndSaysSo(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme, other := makeTenant(t, c.DB), makeTenant(t, c.DB)
	c.fill(t, acme, 3)
	c.fill(t, other, 2)
	must(t, postgres.InTx(t.Context(), c.DB, func(tx pgx.Tx) error {
		return audit.RecordEach(t.Context(), tx, []string{acme, other}, audit.Entry{Actor: "operator", Action: "operations.paused", Subject: "golive"})
	}))
	for tenantID, want := range map[string]int64{acme: 4, other: 3} {
		if v := c.verify(t, tenantID); !v.Whole() || v.Entries != want || v.Waiting != 0 {
			t.Errorf("%+v", v)
		}
	}
	page := list(t, c.DB, acme, 10, "")
	if e := page.Entries[1]; len(e.Hash()) != 64 || *e.Number != 3 || e.ActorKind != audit.Person || e.Actor != "ada@acme.example" {
		t.Errorf("%+v", e)
	}
	if e := page.Entries[0]; e.ActorKind != audit.Operator {
		t.Errorf("%+v", e)
	}
	s, err := c.StateOf(t.Context(), acme)
	if err != nil || s.Entries != 4 || s.VerifiedAt == nil || s.BrokenAt != nil {
		t.Errorf("%+v %v", s, err)
	}
}

// A new primary key, and the old one dropped: the chain goes on, and all of it is
// verifiable.
func TestChainOutlivesItsSealingKeys(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme := makeTenant(t, c.DB)
	c.fill(t, acme, 3)
	stranger := newChain(t).Keys
	if _, err := audit.Verify(t.Context(), c.DB, stranger, acme, nil); err == nil {
		t.Error("verified with other keys")
	}
	if n, err := audit.Reseal(t.Context(), c.DB, c.Keys, stranger); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	c.Keys = stranger
	c.fill(t, acme, 1)
	if v := c.verify(t, acme); !v.Whole() || v.Entries != 4 {
		t.Errorf("%+v", v)
	}
}

// Many at once, of two tenants in either order: no deadlock, no gap, and ids and times
// grow along the chain.
func TestChainUnderConcurrency(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme, other := makeTenant(t, c.DB), makeTenant(t, c.DB)
	const writers, each = 8, 20
	errs := make(chan error, writers)
	for w := range writers {
		go func() {
			var err error
			for i := 0; i < each && err == nil; i++ {
				err = postgres.InTx(context.Background(), c.DB, func(tx pgx.Tx) error {
					for _, id := range [][]string{{acme, other}, {other, acme}}[(w+i)%2] {
						e := audit.Entry{TenantID: id, Actor: fmt.Sprintf("w%d@acme.example", w), Action: "x.done", Subject: "s"}
						if err := audit.Record(context.Background(), tx, e); err != nil {
							return err
						}
					}
					return nil
				})
			}
			errs <- err
		}()
	}
	for range writers {
		must(t, <-errs)
	}
	for _, id := range []string{acme, other} {
		if v := c.verify(t, id); !v.Whole() || v.Entries != writers*each {
			t.Errorf("%+v", v)
		}
		if n := scalar[int](t, c.DB, `SELECT count(*) FROM audit_log a JOIN audit_log b ON b.tenant_id = a.tenant_id AND b.number = a.number + 1
			WHERE a.tenant_id = $1 AND (b.id <= a.id OR b.at < a.at)`, id); n != 0 {
			t.Errorf("%d are not in order", n)
		}
	}
}

// Whoever has recorded something, and has more to do, makes nobody wait.
func TestTheEndIsLockedLast(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme := makeTenant(t, c.DB)
	c.fill(t, acme, 1)
	must(t, postgres.InTx(t.Context(), c.DB, func(tx pgx.Tx) error {
		if err := audit.Record(t.Context(), tx, audit.Entry{TenantID: acme, Actor: "a", Action: "x.done", Subject: "early"}); err != nil {
			return err
		}
		return postgres.InTx(t.Context(), c.DB, func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), `SET LOCAL lock_timeout = '1s'`); err != nil {
				return err
			}
			return audit.Record(t.Context(), tx, audit.Entry{TenantID: acme, Actor: "a", Action: "x.done", Subject: "late"})
		})
	}))
	if got := subjects(list(t, c.DB, acme, 2, "")); got != "[early late]" {
		t.Error(got)
	}
}

// Two who name the same person at once do it by one alias.
func TestOneAliasForOnePerson(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme := makeTenant(t, c.DB)
	c.fill(t, acme, 1)
	open, done := c.gate(t), make(chan error, 2)
	for n := range 2 {
		go func() {
			done <- postgres.InTx(context.Background(), c.DB, func(tx pgx.Tx) error {
				return audit.Record(context.Background(), tx, audit.Entry{TenantID: acme, Actor: "eve@acme.example", Action: "x.done", Subject: "s"})
			})
		}()
		c.awaitWaiting(t, n+1)
	}
	open()
	must(t, <-done)
	must(t, <-done)
	if n := scalar[int](t, c.DB, `SELECT count(*) FROM audit_aliases WHERE value = 'eve@acme.example'`); n != 1 {
		t.Errorf("%d aliases", n)
	}
}

// What a savepoint that was rolled back has recorded is gone; what others have, stays.
func TestSavepointsTakeTheirEntriesWithThem(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme := makeTenant(t, c.DB)
	note := func(tx pgx.Tx, subject string) error {
		return audit.Record(t.Context(), tx, audit.Entry{TenantID: acme, Actor: "a", Action: "x.done", Subject: subject})
	}
	must(t, postgres.InTx(t.Context(), c.DB, func(tx pgx.Tx) error {
		must(t, note(tx, "1"))
		failed := fmt.Errorf("no")
		if err := postgres.InTx(t.Context(), tx, func(tx pgx.Tx) error { must(t, note(tx, "never")); return failed }); err == nil {
			t.Error("no failure")
		}
		return postgres.InTx(t.Context(), tx, func(tx pgx.Tx) error { return note(tx, "2") })
	}))
	if got := subjects(list(t, c.DB, acme, 10, "")); got != "[2 1]" {
		t.Error(got)
	}
	if v := c.verify(t, acme); !v.Whole() || v.Entries != 2 {
		t.Errorf("%+v", v)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func exec(t *testing.T, db *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	_, err := db.Exec(t.Context(), sql, args...)
	must(t, err)
}

func scalar[T any](t *testing.T, db *pgxpool.Pool, sql string, args ...any) (v T) {
	t.Helper()
	must(t, db.QueryRow(t.Context(), sql, args...).Scan(&v))
	return v
}
