package audit_test

import (
	"fmt"
	"testing"

	"github.com/golive-hq/golive/internal/audit"
)

// Entries of those without the keys wait for a sweep. It knows addresses by aliases, too.
func TestSweepChainsWhatOthersLeft(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme, other := makeTenant(t, c.DB), makeTenant(t, c.DB)
	// As workers of the version before write.
	exec(t, c.DB, `INSERT INTO audit_log (tenant_id, actor, action, subject, details)
		SELECT $1, 'ada@acme.example', 'token.created', 'old' || n, '{"email": "bob@acme.example", "n": 1.50}' FROM generate_series(1, 1200) n`, acme)
	exec(t, c.DB, `INSERT INTO audit_log (tenant_id, actor, action, subject) VALUES ($1, 'operator', 'tenant.created', 'o')`, other)
	c.fill(t, acme, 1)
	if v := c.verify(t, acme); !v.Whole() || v.Waiting != 1200 || v.Entries != 1 {
		t.Errorf("%+v", v)
	}
	if n, err := c.Sweep(t.Context()); err != nil || n != 1201 {
		t.Fatal(n, err)
	}
	if n, err := c.Sweep(t.Context()); err != nil || n != 0 {
		t.Fatal(n, err)
	}
	c.fill(t, acme, 1)
	if v := c.verify(t, acme); !v.Whole() || v.Waiting != 0 || v.Entries != 1202 {
		t.Errorf("%+v", v)
	}
	e := list(t, c.DB, acme, 3, "").Entries[2]
	if e.Actor != "ada@acme.example" || fmt.Sprint(e.Details) != "map[email:bob@acme.example n:1.5]" || e.ActorKind != audit.Person {
		t.Errorf("%+v", e)
	}
	if plain := scalar[int](t, c.DB, `SELECT count(*) FROM audit_log l WHERE l::text LIKE '%@%'`); plain != 0 {
		t.Errorf("%d entries tell addresses", plain)
	}
}

// Nobody's change fails because this process has other keys than those that made the
// chain: who has them chains it later.
func TestWrongKeysHoldNobodyUp(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme := makeTenant(t, c.DB)
	c.fill(t, acme, 2)
	right := c.Keys
	c.Keys = newChain(t).Keys
	c.fill(t, acme, 1)
	if n, err := c.Sweep(t.Context()); err != nil || n != 0 {
		t.Error(n, err)
	}
	if s, err := c.StateOf(t.Context(), acme); err != nil || s.Entries != 3 || s.VerifiedAt != nil {
		t.Errorf("%+v %v", s, err)
	}
	c.Keys = right
	if v := c.verify(t, acme); !v.Whole() || v.Entries != 2 || v.Waiting != 1 {
		t.Errorf("%+v", v)
	}
	if n, err := c.Sweep(t.Context()); err != nil || n != 1 {
		t.Error(n, err)
	}
	if v := c.verify(t, acme); !v.Whole() || v.Entries != 3 {
		t.Errorf("%+v", v)
	}
}

// An entry that can't be chained keeps other tenants' waiting for nothing.
func TestSweepGoesOnPastWhatCannotBeChained(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	for range 3 {
		makeTenant(t, c.DB)
	}
	exec(t, c.DB, `INSERT INTO audit_log (tenant_id, actor, action, subject) SELECT id, 'golive', 'x.done', 's' FROM tenants`)
	// Nested deeper than encoding/json reads.
	exec(t, c.DB, `INSERT INTO audit_log (tenant_id, actor, action, subject, details)
		SELECT id, 'golive', 'x.done', 's', (repeat('[', 11000) || repeat(']', 11000))::jsonb FROM tenants ORDER BY id LIMIT 1`)
	if n, err := c.Sweep(t.Context()); err == nil || n != 2 {
		t.Errorf("%d chained, %v", n, err)
	}
}
