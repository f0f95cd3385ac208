package tenant_test

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/tenant"
)

func (b bundle) token(t *testing.T, slug, email string, role tenant.Role) string {
	t.Helper()
	text, err := b.CreateToken(context.Background(), slug, email, role)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (b bundle) roleOf(t *testing.T, token string) tenant.Role {
	t.Helper()
	actor, err := b.Authenticate(context.Background(), token)
	if err != nil || len(actor.Memberships) != 1 {
		t.Fatalf("%+v, %v", actor, err)
	}
	return actor.Memberships[0].Role
}

func TestTokenActsForItsMember(t *testing.T) {
	t.Parallel()
	b := setup(t)
	text := b.token(t, "acme", " Ann@Acme.test", tenant.RoleDeployer)
	if !regexp.MustCompile(`^glt_[A-Z0-9]{52}$`).MatchString(text) {
		t.Errorf("token %q", text)
	}
	actor, err := b.Authenticate(context.Background(), text)
	if err != nil {
		t.Fatal(err)
	}
	if actor.Email != "ann@acme.test" || len(actor.Memberships) != 1 ||
		actor.Memberships[0] != (tenant.Membership{Tenant: b.acme, Role: tenant.RoleDeployer}) {
		t.Errorf("actor %+v", actor)
	}
	if got := actions(t, b); got != "[token.created by operator tenant.created by operator]" {
		t.Error(got)
	}
}

func TestTokenIsStoredAsHashAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	text := b.token(t, "acme", "ann@acme.test", tenant.RoleViewer)
	stored := scalar[string](t, b.DB, `SELECT concat((SELECT json_agg(k) FROM api_tokens k), (SELECT json_agg(a) FROM audit_log a))`)
	if strings.Contains(stored, strings.TrimPrefix(text, "glt_")) {
		t.Error("the token can be read in the database")
	}
	if !strings.Contains(stored, `"glt_…`+text[len(text)-4:]+`"`) {
		t.Errorf("no hint in %s", stored)
	}
}

func TestForeignTokensAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	text := b.token(t, "acme", "ann@acme.test", tenant.RoleViewer)
	for _, bad := range []string{"", "glt_", text[:len(text)-1], text + "x", strings.ToLower(text), "Bearer " + text, "sk_test_123"} {
		_, err := b.Authenticate(context.Background(), bad)
		wantCode(t, err, fault.Unauthenticated)
		if bad != "" && bad != "glt_" && strings.Contains(err.Error(), bad) {
			t.Errorf("the error quotes the token: %v", err)
		}
	}
}

func TestATokenOpensOneTenantOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := b.makeTenant(t, "other")
	b.token(t, "other", "ann@acme.test", tenant.RoleAdmin)
	actor, err := b.Authenticate(context.Background(), b.token(t, "acme", "ann@acme.test", tenant.RoleViewer))
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, tenant.Require(tenant.WithActor(context.Background(), actor), other.ID, tenant.RoleViewer), fault.NotFound)
}

func TestARoleBelongsToItsToken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	viewer := b.token(t, "acme", "ann@acme.test", tenant.RoleViewer)
	admin := b.token(t, "acme", "ann@acme.test", tenant.RoleAdmin)
	script := b.token(t, "acme", "ann@acme.test", tenant.RoleDeployer)
	for text, want := range map[string]tenant.Role{viewer: tenant.RoleViewer, admin: tenant.RoleAdmin, script: tenant.RoleDeployer} {
		if got := b.roleOf(t, text); got != want {
			t.Errorf("role %s; want %s", got, want)
		}
	}
	// What a member may no longer do, none of its tokens may.
	exec(t, b.DB, `UPDATE members SET role = 'DEPLOYER'`)
	if got := b.roleOf(t, admin); got != tenant.RoleDeployer {
		t.Errorf("the admin's token still has %s", got)
	}
	if got := b.roleOf(t, viewer); got != tenant.RoleViewer {
		t.Errorf("the viewer's token now has %s", got)
	}
}

func TestRevokedTokensEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	text, kept := b.token(t, "acme", "ann@acme.test", tenant.RoleViewer), b.token(t, "acme", "ann@acme.test", tenant.RoleViewer)
	b.makeTenant(t, "other")
	b.token(t, "other", "bob@other.test", tenant.RoleAdmin)
	list, err := b.ListTokens(context.Background(), "acme")
	if err != nil || len(list) != 2 || list[0].Hint != "glt_…"+text[len(text)-4:] || list[0].RevokedAt != nil {
		t.Fatalf("%+v, %v", list, err)
	}
	for range 2 {
		if err := b.RevokeToken(context.Background(), list[0].ID); err != nil {
			t.Fatal(err)
		}
	}
	_, err = b.Authenticate(context.Background(), text)
	wantCode(t, err, fault.Unauthenticated)
	b.roleOf(t, kept)
	if n := scalar[int](t, b.DB, `SELECT count(*) FROM audit_log WHERE action = 'token.revoked'`); n != 1 {
		t.Errorf("audited %d times", n)
	}

	list, err = b.ListTokens(context.Background(), "")
	if err != nil || len(list) != 3 || list[0].RevokedAt == nil || list[2].Tenant != "other" {
		t.Errorf("%+v, %v", list, err)
	}
	_, err = b.ListTokens(context.Background(), "nobody")
	wantCode(t, err, fault.NotFound)
	for _, id := range []string{"", "x", uuid.NewString()} {
		wantCode(t, b.RevokeToken(context.Background(), id), fault.NotFound)
	}
}

func TestTokensThatCannotBe(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.CreateToken(context.Background(), "nobody", "ann@acme.test", tenant.RoleViewer)
	wantCode(t, err, fault.NotFound)
	for _, email := range []string{"", "ann", "@acme.test", "ann@", "a b@acme.test", "ann@acme@test"} {
		_, err := b.CreateToken(context.Background(), "acme", email, tenant.RoleViewer)
		wantCode(t, err, fault.InvalidInput)
	}
	// The member must not outlive a token that could not be made.
	if _, err := b.CreateToken(context.Background(), "acme", "ann@acme.test", "OWNER"); err == nil {
		t.Error("an unknown role was given")
	}
	if n := scalar[int](t, b.DB, `SELECT count(*) FROM members`); n != 0 {
		t.Errorf("%d members", n)
	}
}

func TestManyTokensAtOnceMakeOneMember(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var group sync.WaitGroup
	for i := range 12 {
		role := []tenant.Role{tenant.RoleViewer, tenant.RoleDeployer, tenant.RoleAdmin}[i%3]
		group.Go(func() {
			if _, err := b.CreateToken(context.Background(), "acme", "ann@acme.test", role); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := scalar[string](t, b.DB, `SELECT string_agg(role, ',') FROM members`); got != "ADMIN" {
		t.Errorf("members %s", got)
	}
}
