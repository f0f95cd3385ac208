package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/seal/sealtest"
	"github.com/golive-hq/golive/internal/tenant"
)

// What operators do without the sealing keys is chained by a worker, and verified with
// them; whoever tampers with it is found out.
func TestAuditVerify(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	keyset, keys := sealtest.Keys(t)
	env := []string{"DATABASE_URL=" + url, "GOLIVE_SEALING_KEYS=" + keyset}
	golive(t, env, "tenant", "create", "acme", "--name=Acme").line(t)
	golive(t, env, "tenant", "create", "other", "--name=Other").line(t)
	golive(t, env, "token", "create", "--tenant=acme", "--email=ada@acme.example", "--role=admin").line(t)
	if line := golive(t, env, "audit", "verify", "--tenant=acme").line(t); !strings.Contains(line, "and 2 that wait") {
		t.Error(line)
	}
	var log strings.Builder
	chain := &audit.Chain{DB: open(t, url), Keys: keys, Log: slog.New(slog.NewJSONHandler(&log, nil))}
	for _, do := range []func() (int, error){func() (int, error) { return chain.Sweep(t.Context()) }, func() (int, error) { return chain.Anchor(t.Context()) }} {
		if _, err := do(); err != nil {
			t.Fatal(err)
		}
	}
	anchors := filepath.Join(t.TempDir(), "worker.log")
	if err := os.WriteFile(anchors, []byte(log.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := golive(t, env, "audit", "verify", "--anchor="+anchors); r.status != 0 || r.out != "acme: whole, entries: 2, 2 of them written without the sealing keys\n"+
		"other: whole, entries: 1, 1 of them written without the sealing keys\n" {
		t.Errorf("%d %q %q", r.status, r.out, r.err)
	}
	golive(t, env, "audit", "verify", "--tenant=nobody").fails(t, 1, `no tenant "nobody"`)
	golive(t, env[:1], "audit", "verify").fails(t, 1, "GOLIVE_SEALING_KEYS")

	elsewhere := filepath.Join(t.TempDir(), "worker.log")
	if err := os.WriteFile(elsewhere, []byte(strings.ReplaceAll(log.String(), `"tenant_id":"`, `"tenant_id":"gone-`)), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := golive(t, env, "audit", "verify", "--anchor="+elsewhere); r.status != 1 || strings.Count(r.out, "no such tenant") != 2 {
		t.Errorf("%d %q %q", r.status, r.out, r.err)
	}
	_, err := chain.DB.Exec(t.Context(), `ALTER TABLE audit_log DISABLE TRIGGER USER; DELETE FROM audit_log WHERE number = 2;
		UPDATE audit_heads SET entries = 1, hash = (SELECT hash FROM audit_log WHERE tenant_id = audit_heads.tenant_id)`)
	if err != nil {
		t.Fatal(err)
	}
	if r := golive(t, env, "audit", "verify"); r.status != 0 {
		t.Errorf("%d %q", r.status, r.out)
	}
	r := golive(t, env, "audit", "verify", "--anchor="+anchors)
	if r.status != 1 || !strings.Contains(r.out, "acme: BROKEN at entry") || !strings.Contains(r.out, "names number 2") || !strings.Contains(r.err, "1 audit log broken or impossible to verify") {
		t.Errorf("%d %q %q", r.status, r.out, r.err)
	}
}

func TestTenantHold(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	env := []string{"DATABASE_URL=" + url}
	id := golive(t, env, "tenant", "create", "acme", "--name=Acme").line(t)
	for _, args := range [][]string{{"hold", "acme", "--reason=a lawsuit"}, {"hold", "acme", "--reason=again"}} {
		if r := golive(t, env, append([]string{"tenant"}, args...)...); r.status != 0 || r.out != "" {
			t.Errorf("%+v", r)
		}
	}
	if held, err := tenant.Held(t.Context(), open(t, url)); err != nil || len(held) != 1 || held[0] != id {
		t.Error(held, err)
	}
	golive(t, env, "tenant", "release", "acme")
	if held, err := tenant.Held(t.Context(), open(t, url)); err != nil || len(held) != 0 {
		t.Error(held, err)
	}
	golive(t, env, "tenant", "hold", "nobody", "--reason=x").fails(t, 1, `no tenant "nobody"`)
}

func TestPerson(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	env := []string{"DATABASE_URL=" + url}
	golive(t, env, "tenant", "create", "acme", "--name=Acme").line(t)
	token := golive(t, env, "token", "create", "--tenant=acme", "--email=ada@acme.example", "--role=admin").line(t)
	if line := golive(t, env, "person", "export", "Ada@acme.example").line(t); !strings.Contains(line, `"role":"ADMIN"`) || strings.Contains(line, token) {
		t.Error(line)
	}
	golive(t, env, "person", "erase", "ada@acme.example").fails(t, 1, "--yes")
	golive(t, env, "person", "erase", "ada@acme.example", "--yes").fails(t, 1, "Run a worker")
	_, keys := sealtest.Keys(t)
	chain := &audit.Chain{DB: open(t, url), Keys: keys, Log: slog.New(slog.DiscardHandler)}
	if _, err := chain.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	golive(t, env, "tenant", "hold", "acme", "--reason=a lawsuit")
	golive(t, env, "person", "erase", "ada@acme.example", "--yes").fails(t, 1, "on hold")
	golive(t, env, "tenant", "release", "acme")
	if r := golive(t, env, "person", "erase", "ada@acme.example", "--yes"); r.status != 0 || r.out != "" {
		t.Errorf("%+v", r)
	}
	if line := golive(t, env, "person", "export", "ada@acme.example").line(t); !strings.Contains(line, `"memberships":[]`) || !strings.Contains(line, `"auditEntries":[]`) {
		t.Error(line)
	}
	tenants := &tenant.Service{DB: open(t, url)}
	if _, err := tenants.Authenticate(t.Context(), token); err == nil {
		t.Error("the token of a person who was erased still works")
	}
}
