package server_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/tenant"
)

func TestAuditLogIsExportedToAdmins(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, tokens := s.newTenant(t, "acme")
	_, others := s.newTenant(t, "other")
	export := func(path, token string) (int, http.Header, string) {
		t.Helper()
		status, header, body := s.send(t, http.MethodGet, path, token, nil, nil)
		return status, header, string(body)
	}
	status, header, body := export("/audit/acme.jsonl", tokens[tenant.RoleAdmin])
	lines := strings.Split(strings.TrimSpace(body), "\n")
	var first struct{ Action, ActorKind, Hash string }
	must(t, json.Unmarshal([]byte(lines[0]), &first))
	if status != http.StatusOK || len(lines) != 4 || first.Action != "tenant.created" || first.ActorKind != "OPERATOR" || len(first.Hash) != 64 {
		t.Errorf("%d %+v %s", status, first, body)
	}
	if !strings.HasPrefix(header.Get("Content-Type"), "application/jsonl") || !strings.Contains(header.Get("Content-Disposition"), "audit-acme.jsonl") {
		t.Error(header)
	}
	_, header, body = export("/audit/acme.csv", tokens[tenant.RoleAdmin])
	if rows, err := csv.NewReader(strings.NewReader(body)).ReadAll(); err != nil || len(rows) != 5 || !strings.HasPrefix(header.Get("Content-Type"), "text/csv") {
		t.Error(rows, err, header)
	}
	for _, refused := range []struct {
		path, token string
		status      int
	}{
		{"/audit/acme.jsonl", tokens[tenant.RoleDeployer], http.StatusForbidden},
		{"/audit/acme.csv", tokens[tenant.RoleViewer], http.StatusForbidden},
		{"/audit/acme.jsonl", others[tenant.RoleAdmin], http.StatusNotFound},
		{"/audit/nobody.jsonl", tokens[tenant.RoleAdmin], http.StatusNotFound},
		{"/audit/acme.exe", tokens[tenant.RoleAdmin], http.StatusNotFound},
		{"/audit/acme.jsonl", "glt_wrong", http.StatusUnauthorized},
	} {
		if status, _, body := export(refused.path, refused.token); status != refused.status || strings.Contains(body, "tenant.created") {
			t.Errorf("%+v: %d %s", refused, status, body)
		}
	}
	if status, _, _ := s.send(t, http.MethodGet, "/audit/acme.jsonl", "", nil, nil); status != http.StatusUnauthorized {
		t.Errorf("without a token: %d", status)
	}
}

// An entry says from which request and address it came, what kind of actor it was, and
// why; its chain is whole. Below ADMIN nobody reads others' addresses.
func TestAuditEntriesSayWhereTheyCameFrom(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, admin, products := s.newShop(t, "acme")
	const deploy = `mutation ($i: GoLiveInput!) { goLive(input: $i) { deployment { id } userErrors { message } } }`
	s.ok(t, admin, deploy, vars{"i": vars{"productId": products[0], "reason": "the sale starts"}})
	const log = `{ tenant(slug: "acme") { auditState { entries verifiedAt brokenAt }
		auditLog(first: 1, action: "deployment.requested") { nodes { actor actorKind reason requestId remoteAddress hash } } } }`
	got := s.ok(t, admin, log, nil)
	entry := get(t, got, "tenant", "auditLog", "nodes").([]any)[0].(map[string]any)
	if entry["actorKind"] != "PERSON" || entry["reason"] != "the sale starts" || entry["requestId"] == nil || entry["remoteAddress"] != "127.0.0.1" || len(entry["hash"].(string)) != 64 {
		t.Errorf("%v", entry)
	}
	state := get(t, got, "tenant", "auditState").(map[string]any)
	if state["entries"].(float64) < 5 || state["verifiedAt"] == nil || state["brokenAt"] != nil {
		t.Errorf("%v", state)
	}
	viewer, err := s.services.Tenants.CreateToken(t.Context(), "acme", "vik@example.com", tenant.RoleViewer)
	must(t, err)
	entry = get(t, s.ok(t, viewer, log, nil), "tenant", "auditLog", "nodes").([]any)[0].(map[string]any)
	if entry["remoteAddress"] != nil || entry["reason"] != "the sale starts" {
		t.Errorf("a viewer reads %v", entry)
	}
	tokens := s.ok(t, viewer, `{ tenant(slug: "acme") { auditLog(action: "token.created") { nodes { details } } } }`, nil)
	if entry := get(t, tokens, "tenant", "auditLog", "nodes").([]any)[0].(map[string]any); entry["details"] != nil {
		t.Errorf("a viewer reads %v", entry)
	}
}

// A long log takes longer than one answer may: the time counts anew for each part of it.
func TestAuditExportHasTimeForEachPart(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, tokens := s.newTenant(t, "acme")
	late := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(-time.Second))
		s.server.ServeHTTP(w, r)
	}))
	t.Cleanup(late.Close)
	s.url = late.URL
	if status, _, body := s.send(t, http.MethodGet, "/audit/acme.jsonl", tokens[tenant.RoleAdmin], nil, nil); status != http.StatusOK || strings.Count(string(body), "\n") != 4 {
		t.Errorf("%d %s", status, body)
	}
}

// A viewer sees what happened, and nobody's address but their own: not as who acted, not as
// what it happened to, in no details, and not by asking for it.
func TestViewersSeeNoAddressesInTheAuditLog(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada, vik, dan)
	id, tokens := s.newTenant(t, "acme")
	s.member(t, "acme", ada.Email, "ADMIN")
	s.member(t, "acme", dan.Email, "DEPLOYER")
	s.member(t, "acme", vik.Email, "VIEWER")
	admin, deployer, viewer := s.browser(t), s.browser(t), s.browser(t)
	admin.signIn(t, ada)
	deployer.signIn(t, dan)
	viewer.signIn(t, vik)
	admin.ask(t, inviteMutation, vars{"i": vars{"tenantId": id, "email": "new@example.com", "role": "VIEWER"}})
	viewer.ask(t, tokenMutation, vars{"i": vars{"tenantId": id, "role": "VIEWER"}})
	_, err := s.services.Identity.CreateLink(t.Context(), ada.Email)
	must(t, err)

	const log = `{ tenant(slug: "acme") { auditLog(first: 100) { nodes { actor action subject reason details before after remoteAddress } } } }`
	entries := func(b browser) []any {
		return get(t, b.ask(t, log, nil).Data, "tenant", "auditLog", "nodes").([]any)
	}
	all, seen := entries(admin), entries(viewer)
	if len(all) != len(seen) || !strings.Contains(fmt.Sprint(all), "sign_in_link.created") {
		t.Fatalf("%v\n%v", all, seen)
	}
	own := 0
	for _, e := range seen {
		of := e.(map[string]any)
		if of["actor"] == vik.Email {
			own++
			if of["remoteAddress"] == nil || of["action"] == "token.created" && of["details"] == nil {
				t.Errorf("one's own: %v", of)
			}
			continue
		}
		for _, address := range []string{ada.Email, dan.Email, "new@example.com", "admin@example.com", "127.0.0.1"} {
			if strings.Contains(fmt.Sprint(of), address) {
				t.Errorf("a viewer reads %s in %v", address, of)
			}
		}
	}
	if own < 2 || !strings.Contains(fmt.Sprint(seen), "actor:a…@example.com") {
		t.Errorf("%d of %v", own, seen)
	}
	if read := fmt.Sprint(entries(deployer)); !strings.Contains(read, "actor:"+ada.Email) || strings.Contains(read, "subject:"+ada.Email) {
		t.Errorf("a deployer reads %v", read)
	}
	const by = `query ($a: String, $s: ID) { tenant(slug: "acme") { auditLog(actor: $a, subject: $s) { nodes { action } } } }`
	for filter, want := range map[*vars]string{
		{"a": ada.Email}: "FORBIDDEN", {"s": ada.Email}: "FORBIDDEN", {"a": vik.Email}: "", {"a": "operator"}: "", {"s": id}: "",
	} {
		if a := viewer.ask(t, by, *filter); a.code() != want {
			t.Errorf("by %v: %+v", *filter, a)
		}
	}
	if a := s.post(t, tokens[tenant.RoleDeployer], by, vars{"a": ada.Email}); a.code() != "" {
		t.Errorf("a deployer: %+v", a)
	}
}
