package audit_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
)

// A person is forgotten in all logs, and no chain breaks.
func TestForget(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme, other := makeTenant(t, c.DB), makeTenant(t, c.DB)
	c.fill(t, acme, 2)
	reason := "ask Ada@Acme.example, or bob@acme.example."
	address := "192.0.2.7"
	record(t, c.DB, audit.Entry{TenantID: other, Actor: "Ada@acme.example", Action: "x.done", Subject: "s", Reason: &reason, RemoteAddress: &address})
	entries, addresses, err := audit.OfPerson(t.Context(), c.DB, "ada@acme.example")
	if err != nil || len(entries) != 3 || fmt.Sprint(addresses) != "[192.0.2.7]" || *entries[2].Reason != reason {
		t.Errorf("%+v %v %v", entries, addresses, err)
	}
	forget := func() (int, error) { return c.forget(t, "ada@acme.example") }
	exec(t, c.DB, `INSERT INTO audit_log (tenant_id, actor, action, subject) VALUES ($1, 'Ada@acme.example', 'x.done', 's')`, acme)
	if _, err := forget(); fault.CodeOf(err) != fault.InvalidState {
		t.Errorf("forgotten in part: %v", err)
	}
	_, err = c.Sweep(t.Context())
	must(t, err)
	if n, err := forget(); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	if left := scalar[int](t, c.DB, `SELECT (SELECT count(*) FROM audit_log l WHERE l::text ILIKE '%ada@%' OR l::text LIKE '%192.0.2.7%')
		+ (SELECT count(*) FROM audit_aliases a WHERE a::text ILIKE '%ada@%' OR a::text LIKE '%192.0.2.7%')`); left != 0 {
		t.Errorf("%d rows still tell of her", left)
	}
	e := list(t, c.DB, other, 2, "").Entries
	if e[0].Action != "person.erased" || e[1].Actor != audit.Erased || *e[1].Reason != "ask erased person, or bob@acme.example." || *e[1].RemoteAddress != audit.Erased {
		t.Errorf("%+v", e)
	}
	for _, id := range []string{acme, other} {
		if v := c.verify(t, id); !v.Whole() {
			t.Errorf("%+v", v)
		}
	}
}

func (c chained) forget(t *testing.T, email string, held ...string) (n int, err error) {
	t.Helper()
	err = postgres.InTx(t.Context(), c.DB, func(tx pgx.Tx) (err error) {
		n, err = audit.Forget(t.Context(), tx, email, held)
		return err
	})
	return n, err
}

// Addresses of every form are forgotten, wherever in an entry they are.
func TestForgetAddressesOfAnyForm(t *testing.T) {
	t.Parallel()
	for _, email := range []string{"o'brien@acme.example", `"john doe"@acme.example`, `"a@b"@acme.example`, "ada+golive@acme.example", "jürgen@bücher.example", "a=b@acme.example", "ada@[192.0.2.1]"} {
		t.Run(email, func(t *testing.T) {
			t.Parallel()
			c := newChain(t)
			acme := makeTenant(t, c.DB)
			record(t, c.DB, audit.Entry{
				TenantID: acme, Actor: email, Action: "x.done", Subject: email,
				Details: map[string]any{"person": email, "all": []string{"x", email}}, Before: map[string]any{email: 1}, After: email,
			})
			if e := list(t, c.DB, acme, 1, "").Entries[0]; e.Actor != email || e.Subject != email || e.After != email || fmt.Sprint(e.Before) != "map["+email+":1]" {
				t.Errorf("%+v", e)
			}
			if n, err := c.forget(t, email); err != nil || n != 1 {
				t.Fatal(n, err)
			}
			if left := scalar[string](t, c.DB, `SELECT concat((SELECT json_agg(l) FROM audit_log l), (SELECT json_agg(a) FROM audit_aliases a))`); strings.Contains(left, "example") || strings.Contains(left, "192.0") {
				t.Error(left)
			}
			if v := c.verify(t, acme); !v.Whole() {
				t.Errorf("%+v", v)
			}
		})
	}
}

// In texts that people write addresses are found by what surrounds them.
func TestForgetAddressesInTexts(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme := makeTenant(t, c.DB)
	const email = "o'brien@acme.example"
	reason := "ask 'O'Brien@acme.example', <o'brien@acme.example>; mailto:o'brien@acme.example cc=o'brien@acme.example or eve@acme.example/o'brien@acme.example!"
	record(t, c.DB, audit.Entry{TenantID: acme, Actor: "golive", Action: "x.done", Subject: "s", Reason: &reason})
	_, err := c.forget(t, email)
	must(t, err)
	want := strings.NewReplacer(email, audit.Erased, "O'Brien@acme.example", audit.Erased).Replace(reason)
	if e := list(t, c.DB, acme, 2, "").Entries[1]; *e.Reason != want {
		t.Errorf("%s; want %s", *e.Reason, want)
	}
}

// What looks like an alias and is somebody's text stays that text, and breaks no chain.
func TestNobodyWritesAliases(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme := makeTenant(t, c.DB)
	c.fill(t, acme, 1)
	ada := scalar[string](t, c.DB, `SELECT actor FROM audit_log`)
	forged := "done by " + ada + " and person:00000000-0000-0000-0000-000000000000"
	e := audit.Entry{TenantID: acme, Actor: ada, Action: "x.done", Subject: ada, Reason: &forged, RemoteAddress: &ada, Details: map[string]any{forged: forged}}
	record(t, c.DB, e)
	exec(t, c.DB, `INSERT INTO audit_log (tenant_id, actor, action, subject, remote_address) VALUES ($1, $2, 'x.done', $2, $2)`, acme, ada)
	_, err := c.Sweep(t.Context())
	must(t, err)
	for _, got := range list(t, c.DB, acme, 2, "").Entries {
		if got.Actor != ada || got.Subject != ada || *got.RemoteAddress != ada {
			t.Errorf("%+v", got)
		}
	}
	if got := list(t, c.DB, acme, 2, "").Entries[1]; *got.Reason != forged || fmt.Sprint(got.Details) != fmt.Sprint(e.Details) {
		t.Errorf("%+v", got)
	}
	if v := c.verify(t, acme); !v.Whole() {
		t.Errorf("%+v", v)
	}
}

// Who acts while they are forgotten leaves nothing behind: what is under way is waited
// for, and forgotten, too.
func TestForgetWaitsForWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme := makeTenant(t, c.DB)
	c.fill(t, acme, 1)
	open := c.gate(t)
	done, address := make(chan error, 2), "192.0.2.9"
	go func() {
		done <- postgres.InTx(context.Background(), c.DB, func(tx pgx.Tx) error {
			e := audit.Entry{TenantID: acme, Actor: "ada@acme.example", Action: "x.done", Subject: "s", RemoteAddress: &address}
			return audit.Record(context.Background(), tx, e)
		})
	}()
	c.awaitWaiting(t, 1)
	go func() {
		_, err := c.forget(t, "ada@acme.example")
		done <- err
	}()
	c.awaitWaiting(t, 2)
	open()
	must(t, <-done)
	must(t, <-done)
	if left := scalar[int](t, c.DB, `SELECT count(*) FROM audit_aliases WHERE person = 'ada@acme.example'`); left != 0 {
		t.Errorf("%d aliases are left", left)
	}
	if v := c.verify(t, acme); !v.Whole() {
		t.Errorf("%+v", v)
	}
}

// What is kept of a person is also what others have written of them, and nothing else.
func TestEntriesOfAPerson(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme := makeTenant(t, c.DB)
	c.fill(t, acme, 1) // by Ada, of Bob
	record(t, c.DB, audit.Entry{TenantID: acme, Actor: "eve@acme.example", Action: "x.done", Subject: "hers"})
	exec(t, c.DB, `INSERT INTO audit_log (tenant_id, actor, action, subject) VALUES ($1, 'Bob@acme.example', 'x.done', 'waits'), ($1, 'golive', 'x.done', 'nobody''s')`, acme)
	for email, want := range map[string]string{"ada@acme.example": "[s0]", "bob@acme.example": "[s0 waits]", "eve@acme.example": "[hers]", "dan@acme.example": "[]"} {
		entries, _, err := audit.OfPerson(t.Context(), c.DB, email)
		if got := subjects(audit.Page{Entries: entries}); err != nil || got != want {
			t.Errorf("%s: %s, %v", email, got, err)
		}
	}
}

// An entry that waits to be chained may spell the address in another way.
func TestForgetKnowsOtherSpellings(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme := makeTenant(t, c.DB)
	exec(t, c.DB, `INSERT INTO audit_log (tenant_id, actor, action, subject, reason) VALUES ($1, 'golive', 'x.done', 's', 'as Ada@Bücher.example said')`, acme)
	if _, err := c.forget(t, "ada@xn--bcher-kva.example"); fault.CodeOf(err) != fault.InvalidState {
		t.Errorf("forgotten in part: %v", err)
	}
	if _, err := c.forget(t, "eve@xn--bcher-kva.example"); err != nil {
		t.Error(err)
	}
}

// A tenant on hold keeps what it knows of people, members or not.
func TestForgetLeavesThoseOnHold(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme, other := makeTenant(t, c.DB), makeTenant(t, c.DB)
	c.fill(t, acme, 1)
	if _, err := c.forget(t, "bob@acme.example", other, acme); fault.CodeOf(err) != fault.InvalidState {
		t.Errorf("%v", err)
	}
	if n, err := c.forget(t, "bob@acme.example", other); err != nil || n != 1 {
		t.Error(n, err)
	}
}

// awaitWaiting returns when n sessions wait for locks.
func (c chained) awaitWaiting(t *testing.T, n int) {
	t.Helper()
	for scalar[int](t, c.DB, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) != n {
		if t.Context().Err() != nil {
			t.FailNow()
		}
	}
}

// gate lets transactions that record wait right before their commit, until it is opened.
func (c chained) gate(t *testing.T) (open func()) {
	t.Helper()
	exec(t, c.DB, `CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$;
		CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON audit_log DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()`)
	tx, err := c.DB.Begin(t.Context())
	must(t, err)
	_, err = tx.Exec(t.Context(), `SELECT pg_advisory_xact_lock(1)`)
	must(t, err)
	return func() { must(t, tx.Rollback(t.Context())) }
}

// Between an erasure by whoever has no sealing keys and the sweep that chains its entry, a
// log is whole: nobody is called to an incident that is none.
func TestALogIsWholeWhileAnErasureWaitsToBeChained(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme := makeTenant(t, c.DB)
	c.fill(t, acme, 2)
	operators := newPoolBeside(t, c.DB)
	must(t, postgres.InTx(t.Context(), operators, func(tx pgx.Tx) error {
		_, err := audit.Forget(t.Context(), tx, "ada@acme.example", nil)
		return err
	}))
	if waiting := scalar[int](t, c.DB, `SELECT count(*) FROM audit_log WHERE number IS NULL`); waiting != 1 {
		t.Fatalf("%d entries wait", waiting)
	}
	if v := c.verify(t, acme); !v.Whole() {
		t.Errorf("before the sweep: %+v", v)
	}
	_, err := c.Sweep(t.Context())
	must(t, err)
	if v := c.verify(t, acme); !v.Whole() {
		t.Errorf("after it: %+v", v)
	}
}

// newPoolBeside is that of a command, which leaves entries to the sweep.
func newPoolBeside(t *testing.T, db *pgxpool.Pool) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(t.Context(), db.Config().ConnString())
	must(t, err)
	t.Cleanup(pool.Close)
	must(t, audit.LeaveUnchained(t.Context(), pool))
	return pool
}
