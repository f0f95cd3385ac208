package audit_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/audit"
)

// Whoever has the database and no sealing keys can do nothing to the log that Verify does
// not find, and name.
func TestTampering(t *testing.T) {
	t.Parallel()
	for _, kind := range []struct {
		name, sql string
		// at is the number of the entry that does not fit; 0: the last that is left.
		at  int64
		why string
	}{
		{"edited actor", `UPDATE audit_log SET actor = 'operator' WHERE number = 5`, 5, "was changed"},
		{"edited action", `UPDATE audit_log SET action = 'thing.undone' WHERE number = 5`, 5, "was changed"},
		{"edited time", `UPDATE audit_log SET at = at - interval '1 microsecond' WHERE number = 5`, 5, "was changed"},
		{"edited subject", `UPDATE audit_log SET subject = 'x' WHERE number = 1`, 1, "was changed"},
		{"edited details", `UPDATE audit_log SET details = jsonb_set(details, '{n}', '7') WHERE number = 5`, 5, "was changed"},
		{"emptied details", `UPDATE audit_log SET details = NULL WHERE number = 5`, 5, "was changed"},
		{"added reason", `UPDATE audit_log SET reason = 'I was told to' WHERE number = 10`, 10, "was changed"},
		{"added before", `UPDATE audit_log SET before = '{}' WHERE number = 5`, 5, "was changed"},
		{"edited after", `UPDATE audit_log SET after = '{"a": 1}' WHERE number = 5`, 5, "was changed"},
		{"edited request", `UPDATE audit_log SET request_id = 'r' WHERE number = 5`, 5, "was changed"},
		{"edited address", `UPDATE audit_log SET remote_address = '10.0.0.1' WHERE number = 5`, 5, "was changed"},
		{"edited kind", `UPDATE audit_log SET actor_kind = 'SYSTEM' WHERE number = 5`, 5, "was changed"},
		{"edited id", `ALTER TABLE audit_log ALTER id DROP IDENTITY; UPDATE audit_log SET id = id + 1000 WHERE number = 5`, 5, "was changed"},
		{"edited hash", `UPDATE audit_log SET hash = sha256(hash) WHERE number = 5`, 5, "was changed"},
		{"deleted", `DELETE FROM audit_log WHERE number = 5`, 6, "Number 5 is missing"},
		{"deleted several", `DELETE FROM audit_log WHERE number BETWEEN 4 AND 6`, 7, "Numbers 4 to 6 are missing"},
		{"deleted, and numbered anew", `DELETE FROM audit_log WHERE number = 5; UPDATE audit_log SET number = -number WHERE number > 5;
			UPDATE audit_log SET number = -number - 1 WHERE number < 0; UPDATE audit_heads SET entries = entries - 1`, 5, "was changed"},
		{"reordered", `UPDATE audit_log SET number = CASE number WHEN 5 THEN -6 ELSE -5 END WHERE number IN (5, 6);
			UPDATE audit_log SET number = -number WHERE number < 0`, 5, "was changed"},
		{"ids reordered", `ALTER TABLE audit_log ALTER id DROP IDENTITY; UPDATE audit_log SET id = -id WHERE number IN (5, 6);
			UPDATE audit_log SET id = CASE number WHEN 5 THEN 1 ELSE -1 END - id WHERE id < 0`, 5, "was changed"},
		{"put in between", `INSERT INTO audit_log (tenant_id, actor, actor_kind, action, subject, number, hash)
			SELECT tenant_id, 'eve', 'SYSTEM', 'thing.done', 's', 11, hash FROM audit_log WHERE number = 10; UPDATE audit_heads SET entries = 11`, 11, "was changed"},
		{"of another tenant", `UPDATE audit_log SET tenant_id = (SELECT id FROM tenants t WHERE NOT EXISTS (SELECT FROM audit_heads WHERE tenant_id = t.id)) WHERE number = 5`, 6, "Number 5 is missing"},
		{"cut at the end", `DELETE FROM audit_log WHERE number > 8`, 0, "Numbers 9 to 10 are missing at the end"},
		{"emptied", `DELETE FROM audit_log`, 0, "missing at the end"},
		{"cut at the beginning", `DELETE FROM audit_log WHERE number < 4`, 4, "Numbers 1 to 3 are missing"},
		{"cut at the beginning as retention does", `UPDATE audit_heads SET cut = 3, cut_hash = (SELECT hash FROM audit_log WHERE number = 3);
			DELETE FROM audit_log WHERE number < 4`, 0, "no entry says that retention took them away"},
		{"forgotten end", `UPDATE audit_heads SET entries = 0, hash = ''`, 0, "The stored end of the chain doesn't match entry"},
		{"no end", `DELETE FROM audit_heads`, 1, "The end of the chain, and its key, are missing"},
	} {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			c := newChain(t)
			acme := makeTenant(t, c.DB)
			makeTenant(t, c.DB)
			c.fill(t, acme, 10)
			ids := map[int64]string{}
			page := list(t, c.DB, acme, 10, "")
			for _, e := range page.Entries {
				ids[*e.Number] = e.ID
			}
			c.tamper(t, kind.sql)
			v := c.verify(t, acme)
			if v.Whole() || !strings.Contains(v.Why, kind.why) {
				t.Fatalf("%+v", v)
			}
			if kind.at > 0 && kind.at <= 10 && v.BrokenAt != ids[kind.at] && !strings.Contains(v.Why, fmt.Sprintf("(number %d", kind.at)) {
				t.Errorf("%+v; want entry %s", v, ids[kind.at])
			}
			if s, err := c.StateOf(t.Context(), acme); kind.name != "no end" && (err != nil || s.BrokenAt == nil || *s.BrokenAt != v.BrokenAt) {
				t.Errorf("state %+v %v; want %+v", s, err, v)
			}
		})
	}
}

// What nobody can know from the database alone, an anchor in a log elsewhere tells.
func TestAnchorsFindATruncatedEnd(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChain(t)
			acme := makeTenant(t, c.DB)
			c.fill(t, acme, 5)
			c.Log = slog.New(handler(c.log))
			c.Log.Info("other things", "entries", 9)
			for _, want := range []int{1, 0} { // once an hour
				if n, err := c.Anchor(t.Context()); err != nil || n != want {
					t.Fatal(n, err)
				}
			}
			anchors, err := audit.ReadAnchors(c.log)
			if err != nil || len(anchors) != 1 {
				t.Fatal(anchors, err)
			}
			c.fill(t, acme, 1)
			if v := c.verify(t, acme, anchors...); !v.Whole() {
				t.Errorf("%+v", v)
			}
			c.tamper(t, `DELETE FROM audit_log WHERE number > 3; UPDATE audit_heads SET entries = 3, hash = (SELECT hash FROM audit_log WHERE number = 3)`)
			if v := c.verify(t, acme); !v.Whole() {
				t.Errorf("the end can be cut unseen without an anchor: %+v", v)
			}
			if v := c.verify(t, acme, anchors...); v.Whole() || !strings.Contains(v.Why, "names number 5") {
				t.Errorf("%+v", v)
			}
			c.fill(t, acme, 4) // grown again past the anchor
			if v := c.verify(t, acme, anchors...); v.Whole() || !strings.Contains(v.Why, "doesn't match the anchor") {
				t.Errorf("%+v", v)
			}
		})
	}
}
