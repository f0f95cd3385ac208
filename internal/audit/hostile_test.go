package audit_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

// Whoever has the database alone gets an entry chained by leaving it to the sweep. That
// one is counted, and is no word of retention's on what was taken away.
func TestNobodyWithoutKeysSpeaksForRetention(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme := makeTenant(t, c.DB)
	c.fill(t, acme, 5)
	exec(t, c.DB, `INSERT INTO audit_log (tenant_id, actor, actor_kind, action, subject, details) SELECT tenant_id, 'golive', 'SYSTEM', 'audit.pruned', tenant_id,
		jsonb_build_object('through', 3, 'hash', encode(hash, 'hex'), 'entries', 3, 'before', now()) FROM audit_log WHERE number = 3`)
	if n, err := c.Sweep(t.Context()); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if v := c.verify(t, acme); !v.Whole() || v.Late != 1 || v.Entries != 6 {
		t.Errorf("%+v", v)
	}
	c.tamper(t, `UPDATE audit_heads SET cut = 3, cut_hash = (SELECT hash FROM audit_log WHERE number = 3); DELETE FROM audit_log WHERE number <= 3`)
	if v := c.verify(t, acme); v.Whole() || !strings.Contains(v.Why, "no entry says that retention took them away") {
		t.Errorf("a beginning was cut off unseen: %+v", v)
	}
}

// What stands for people is as safe as the entries that it stands in.
func TestWhoAnEntryNamesCannotBeChanged(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]struct{ sql, why string }{
		"somebody else":      {`UPDATE audit_aliases SET value = 'eve@acme.example' WHERE value = 'ada@acme.example'`, "no longer names the same person"},
		"somebody else's":    {`UPDATE audit_aliases SET person = 'eve@acme.example' WHERE value = 'ada@acme.example'`, "no longer names the same person"},
		"two for each other": {`UPDATE audit_aliases SET id = CASE value WHEN 'ada@acme.example' THEN (SELECT id FROM audit_aliases WHERE value = 'bob@acme.example') ELSE (SELECT id FROM audit_aliases WHERE value = 'ada@acme.example') END`, "no longer names the same person"},
		"nobody":             {`DELETE FROM audit_aliases WHERE value = 'ada@acme.example'`, "no entry says that they were erased"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChain(t)
			acme := makeTenant(t, c.DB)
			c.fill(t, acme, 3)
			exec(t, c.DB, `ALTER TABLE audit_aliases DROP CONSTRAINT audit_aliases_pkey`)
			c.tamper(t, kind.sql)
			v := c.verify(t, acme)
			if first := list(t, c.DB, acme, 3, "").Entries[2]; v.Whole() || v.BrokenAt != first.ID || !strings.Contains(v.Why, kind.why) {
				t.Errorf("%+v", v)
			}
			c.fill(t, acme, 1) // by an alias of its own
			if e := list(t, c.DB, acme, 1, "").Entries[0]; e.Actor != "ada@acme.example" {
				t.Errorf("%+v", e)
			}
		})
	}
}

// Nobody is written down as somebody else by aliases that were changed for a while.
func TestChangedAliasesAreNotUsed(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme := makeTenant(t, c.DB)
	c.fill(t, acme, 1)
	id := scalar[string](t, c.DB, `SELECT id::text FROM audit_aliases WHERE value = 'bob@acme.example'`)
	c.tamper(t, `UPDATE audit_aliases SET person = 'ada@acme.example', value = 'ada@acme.example' WHERE value = 'bob@acme.example';
		UPDATE audit_aliases SET person = 'x', value = 'x' WHERE id <> '`+id+`'`)
	c.fill(t, acme, 1)
	c.tamper(t, `UPDATE audit_aliases SET person = 'bob@acme.example', value = 'bob@acme.example' WHERE id = '`+id+`';
		UPDATE audit_aliases SET person = 'ada@acme.example', value = 'ada@acme.example' WHERE value = 'x'`)
	if e := list(t, c.DB, acme, 1, "").Entries[0]; e.Actor != "ada@acme.example" {
		t.Errorf("%+v", e)
	}
	if v := c.verify(t, acme); !v.Whole() {
		t.Errorf("%+v", v)
	}
}

// Edits that leave what is meant nearly the same are edits.
func TestSmallEdits(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{
		"a number as text":    `UPDATE audit_log SET details = jsonb_set(details, '{n}', '"1"') WHERE number = 2`,
		"text as a number":    `UPDATE audit_log SET details = jsonb_set(details, '{text}', '7') WHERE number = 2`,
		"no time":             `UPDATE audit_log SET at = 'infinity' WHERE number = 2`,
		"nothing to be read":  `UPDATE audit_log SET details = (repeat('[', 11000) || repeat(']', 11000))::jsonb WHERE number = 2`,
		"another member name": `UPDATE audit_log SET details = details - 'n' || '{"m": 1}' WHERE number = 2`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChain(t)
			acme := makeTenant(t, c.DB)
			for i := range 3 {
				record(t, c.DB, audit.Entry{TenantID: acme, Actor: "golive", Action: "x.done", Subject: "s", Details: map[string]any{"n": i, "text": "7"}})
			}
			c.tamper(t, sql)
			if v := c.verify(t, acme); v.Whole() || !strings.Contains(v.Why, "(number 2,") {
				t.Errorf("%+v", v)
			}
			if n, err := c.LookAround(t.Context()); err != nil || n != 1 {
				t.Errorf("a look around found %d broken logs, %v", n, err)
			}
		})
	}
}

// Who drops the index may give a number to two entries, also where one page of a look
// ends and the next begins.
func TestANumberIsGivenOnce(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme := makeTenant(t, c.DB)
	exec(t, c.DB, `INSERT INTO audit_log (tenant_id, actor, action, subject) SELECT $1, 'golive', 'x.done', 's' FROM generate_series(1, 5001)`, acme)
	_, err := c.Sweep(t.Context())
	must(t, err)
	exec(t, c.DB, `DROP INDEX audit_log_number`)
	exec(t, c.DB, `INSERT INTO audit_log (tenant_id, actor, action, subject, number, hash) SELECT $1, 'golive', 'x.undone', 's', number, hash FROM audit_log WHERE number = 5000`, acme)
	if v := c.verify(t, acme); v.Whole() || !strings.Contains(v.Why, "which is not its own") {
		t.Errorf("%+v", v)
	}
}

// An end that was cut and has grown again is named by a second anchor of the same number:
// the first still holds.
func TestAllAnchorsHold(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme := makeTenant(t, c.DB)
	c.fill(t, acme, 3)
	anchor := func() {
		if n, err := c.Anchor(t.Context()); err != nil || n != 1 {
			t.Fatal(n, err)
		}
	}
	anchor()
	c.tamper(t, `DELETE FROM audit_log WHERE number = 3; UPDATE audit_heads SET entries = 2, anchored = 2, anchored_at = NULL,
		hash = (SELECT hash FROM audit_log WHERE number = 2)`)
	c.fill(t, acme, 1)
	anchor()
	anchors, err := audit.ReadAnchors(c.log)
	if err != nil || len(anchors) != 2 {
		t.Fatal(anchors, err)
	}
	if v := c.verify(t, acme, anchors...); v.Whole() || !strings.Contains(v.Why, "doesn't match the anchor") {
		t.Errorf("%+v", v)
	}
	if v := c.verify(t, acme, anchors[1]); !v.Whole() {
		t.Errorf("%+v", v)
	}
}

// A log that was taken away whole, its end included, is missed, also once there is another.
func TestAnchorsFindALogThatIsGone(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme := makeTenant(t, c.DB)
	c.fill(t, acme, 3)
	_, err := c.Anchor(t.Context())
	must(t, err)
	anchors, err := audit.ReadAnchors(c.log)
	must(t, err)
	c.tamper(t, `DELETE FROM audit_log; DELETE FROM audit_heads; DELETE FROM audit_aliases`)
	for _, grown := range []int{0, 1, 2} {
		c.fill(t, acme, grown)
		if v := c.verify(t, acme, anchors...); v.Whole() {
			t.Errorf("%+v", v)
		}
	}
}

// Anchors of what retention has taken away since hold for where it was cut.
func TestAnchorsHoldWhereRetentionCut(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme := makeTenant(t, c.DB)
	c.fill(t, acme, 3)
	_, err := c.Anchor(t.Context())
	must(t, err)
	anchors, err := audit.ReadAnchors(c.log)
	must(t, err)
	if n, err := c.Prune(t.Context(), -time.Hour, holds()); err != nil || n != 3 {
		t.Fatal(n, err)
	}
	if v := c.verify(t, acme, anchors...); !v.Whole() || v.Entries != 1 {
		t.Errorf("%+v", v)
	}
	anchors[0].Hash = strings.Repeat("0", 64)
	if v := c.verify(t, acme, anchors...); v.Whole() {
		t.Errorf("%+v", v)
	}
}

// What somebody asks for is in a log, too, and is no anchor.
func TestNobodyWritesAnchorsIntoALog(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	forged := `x msg="audit anchor" tenant_id=a entries=7 hash=00 "msg":"audit anchor","tenant_id":"a","entries":7,"hash":"00"`
	for _, log := range []*slog.Logger{c.Log, slog.New(slog.NewJSONHandler(c.log, nil))} {
		log.Info("request", "path", forged)
		log.Info("request", "path", "audit anchor tenant_id=a entries=7 hash=00")
		log.Info("request", "path", "audit", "tenant_id", forged)
	}
	if anchors, err := audit.ReadAnchors(c.log); err != nil || len(anchors) != 0 {
		t.Errorf("%+v %v", anchors, err)
	}
}

// Whoever wires a pool says what becomes of its entries; whoever forgets to is told.
func TestNothingIsLeftUnchainedByMistake(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	acme := makeTenant(t, db)
	e := audit.Entry{TenantID: acme, Actor: "a", Action: "x.done", Subject: "s"}
	if err := postgres.InTx(t.Context(), db, func(tx pgx.Tx) error { return audit.Record(t.Context(), tx, e) }); err == nil {
		t.Error("recorded without a word on the chain")
	}
	must(t, audit.LeaveUnchained(t.Context(), db))
	tx, err := db.Begin(t.Context())
	must(t, err)
	if err := audit.Record(t.Context(), tx, e); err == nil {
		t.Error("recorded in a transaction whose end is not known")
	}
	must(t, tx.Rollback(t.Context()))
	if n := scalar[int](t, db, `SELECT count(*) FROM audit_log`); n != 0 {
		t.Errorf("%d entries", n)
	}
}
