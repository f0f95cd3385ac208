package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/tenant"
)

func TestTokensThatPeopleMake(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada, vik)
	id, tokens := s.newTenant(t, "acme")
	s.member(t, "acme", ada.Email, "ADMIN")
	s.member(t, "acme", vik.Email, "VIEWER")
	admin, viewer := s.browser(t), s.browser(t)
	admin.signIn(t, ada)
	viewer.signIn(t, vik)
	in := func(changes vars) vars { return vars{"i": with(vars{"tenantId": id, "role": "VIEWER"}, changes)} }

	for name, c := range map[string]struct {
		by   func() answer
		want string
	}{
		"one's own":                  {func() answer { return viewer.ask(t, tokenMutation, in(vars{"name": "script"})) }, ""},
		"above one's own":            {func() answer { return viewer.ask(t, tokenMutation, in(vars{"role": "DEPLOYER"})) }, "FORBIDDEN"},
		"a service's by a viewer":    {func() answer { return viewer.ask(t, tokenMutation, in(vars{"service": true, "name": "shop"})) }, "FORBIDDEN"},
		"by a deployer's token":      {func() answer { return s.post(t, tokens[tenant.RoleDeployer], tokenMutation, in(nil)) }, "FORBIDDEN"},
		"by an admin's token":        {func() answer { return s.post(t, tokens[tenant.RoleAdmin], tokenMutation, in(nil)) }, ""},
		"a service's without a name": {func() answer { return admin.ask(t, tokenMutation, in(vars{"service": true})) }, "INVALID_INPUT"},
		"a service's like a person": {func() answer {
			return admin.ask(t, tokenMutation, in(vars{"service": true, "name": "ada@example.com"}))
		}, "INVALID_INPUT"},
		"expired":         {func() answer { return admin.ask(t, tokenMutation, in(vars{"expiresAt": "2020-01-01T00:00:00Z"})) }, "TIME_IN_PAST"},
		"a name too long": {func() answer { return admin.ask(t, tokenMutation, in(vars{"name": strings.Repeat("x", 61)})) }, "INVALID_INPUT"},
		"elsewhere":       {func() answer { return admin.ask(t, tokenMutation, in(vars{"tenantId": "nowhere"})) }, "NOT_FOUND"},
	} {
		a := c.by()
		if got := a.problem(t, "createToken"); got != c.want {
			t.Errorf("%s: %q, want %q: %+v", name, got, c.want, a)
		}
		if made := c.want == ""; a.Data != nil && made != (get(t, a.Data, "createToken", "secret") != nil) {
			t.Errorf("%s: %+v", name, a)
		}
	}
	count := func(b browser) int {
		return len(get(t, b.ask(t, `{ tenant(slug: "acme") { tokens { id lastUsedAt } } }`, nil).Data, "tenant", "tokens").([]any))
	}
	if all, own := count(admin), count(viewer); all != 5 || own != 1 {
		t.Errorf("an admin sees %d, a viewer %d", all, own)
	}
}

func TestServiceTokensOutliveTheirCreator(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	id, tokens := s.newTenant(t, "acme")
	s.member(t, "acme", ada.Email, "ADMIN")
	b := s.browser(t)
	b.signIn(t, ada)
	make := func(scope string, name string) (secret, tokenID string) {
		a := b.ask(t, tokenMutation, vars{"i": vars{"tenantId": id, "role": "DEPLOYER", "service": true, "name": name, "scope": scope}})
		return get(t, a.Data, "createToken", "secret").(string), get(t, a.Data, "createToken", "token", "id").(string)
	}
	secret, tokenID := make("ALL", "shop server")
	orders, _ := make("ORDERS", "orders")
	if a := b.ask(t, tokenMutation, vars{"i": vars{"tenantId": id, "role": "VIEWER", "service": true, "name": "shop server"}}); a.problem(t, "createToken") != "INVALID_INPUT" {
		t.Errorf("a second of the name: %+v", a)
	}
	s.ok(t, tokens[tenant.RoleAdmin], removeMutation, vars{"i": vars{"memberId": s.memberID(t, tokens[tenant.RoleAdmin], "acme", ada.Email)}})
	got := s.ok(t, secret, `{ viewer { kind email name memberships { role } } }`, nil)
	if get(t, got, "viewer", "email") != "service:shop server" || get(t, got, "viewer", "kind") != "TOKEN" {
		t.Error(got)
	}
	if role, err := tenant.RoleNow(t.Context(), s.pool, id, "service:shop server", ""); err != nil || role != tenant.RoleDeployer {
		t.Errorf("at the due time it has %q, %v", role, err)
	}
	// A token for orders opens nothing else.
	for _, query := range []string{`{ tenant(slug: "acme") { products { nodes { id } } } }`, `{ tenant(slug: "acme") { tokens { id } members { id } } }`, `{ tenant(slug: "acme") { auditLog { nodes { id } } } }`} {
		if a := s.post(t, orders, query, nil); a.code() != "FORBIDDEN" {
			t.Errorf("%s: %+v", query, a)
		}
	}
	_, others := s.newTenant(t, "other")
	if a := s.post(t, others[tenant.RoleAdmin], revokeMutation, vars{"i": vars{"tokenId": tokenID}}); a.problem(t, "revokeToken") != "NOT_FOUND" || get(t, a.Data, "revokeToken", "token") != nil {
		t.Errorf("another tenant's admin: %+v", a)
	}
	if a := s.post(t, tokens[tenant.RoleDeployer], revokeMutation, vars{"i": vars{"tokenId": tokenID}}); a.code() != "FORBIDDEN" {
		t.Errorf("%+v", a)
	}
	s.ok(t, tokens[tenant.RoleAdmin], revokeMutation, vars{"i": vars{"tokenId": tokenID}})
	if a := s.post(t, secret, whoAmI, nil); a.Status != http.StatusUnauthorized {
		t.Errorf("%+v", a)
	}
	_, err := s.pool.Exec(t.Context(), `UPDATE api_tokens SET expires_at = now() WHERE name = 'orders'`)
	must(t, err)
	if a := s.post(t, orders, whoAmI, nil); a.Status != http.StatusUnauthorized {
		t.Errorf("an expired token: %+v", a)
	}
}
