package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/oidcsim"
	"github.com/golive-hq/golive/internal/tenant"
)

const (
	inviteMutation = `mutation ($i: InviteMemberInput!) { inviteMember(input: $i) { invitation { id email role invitedBy expiresAt } userErrors { code field } } }`
	roleMutation   = `mutation ($i: SetMemberRoleInput!) { setMemberRole(input: $i) { member { email role } schedulesAffected { id } userErrors { code } } }`
	removeMutation = `mutation ($i: RemoveMemberInput!) { removeMember(input: $i) { member { email } schedulesAffected { id } userErrors { code } } }`
	tokenMutation  = `mutation ($i: CreateTokenInput!) { createToken(input: $i) { secret token { id name email role scope service createdBy hint expiresAt lastUsedAt } userErrors { code field } } }`
	revokeMutation = `mutation ($i: RevokeTokenInput!) { revokeToken(input: $i) { token { id revokedAt } userErrors { code } } }`
)

// problem is the code with which a mutation refuses, at the top or in its payload; "" is
// none.
func (a answer) problem(t *testing.T, field string) string {
	t.Helper()
	if len(a.Errors) > 0 {
		return a.code()
	}
	if errs := get(t, a.Data, field, "userErrors").([]any); len(errs) > 0 {
		return get(t, errs[0], "code").(string)
	}
	return ""
}

// memberID is the id of a tenant's member with that address.
func (s *stack) memberID(t *testing.T, token, slug, email string) string {
	t.Helper()
	got := s.ok(t, token, `query ($s: String!) { tenant(slug: $s) { members { id email role since } } }`, vars{"s": slug})
	for _, m := range get(t, got, "tenant", "members").([]any) {
		if get(t, m, "email") == email {
			return get(t, m, "id").(string)
		}
	}
	t.Fatalf("no member %s in %v", email, got)
	return ""
}

func TestInvitedPeopleJoin(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada, vik)
	id, tokens := s.newTenant(t, "acme")
	invite := func(email string) answer {
		return s.post(t, tokens[tenant.RoleAdmin], inviteMutation, vars{"i": vars{"tenantId": id, "email": email, "role": "DEPLOYER"}})
	}
	if a := invite(" Ada@Example.com"); a.problem(t, "inviteMember") != "" || get(t, a.Data, "inviteMember", "invitation", "email") != ada.Email {
		t.Fatalf("%+v", a)
	}
	b := s.browser(t)
	if v := b.signIn(t, ada); v.location != s.url+"/" {
		t.Errorf("at the first sign-in: %v", v)
	}

	// Somebody who has signed in already joins at the next request.
	late := s.browser(t)
	if v := late.signIn(t, vik); v.location != s.url+"/login/welcome" {
		t.Fatal(v)
	}
	if a := invite(vik.Email); a.problem(t, "inviteMember") != "" {
		t.Fatalf("%+v", a)
	}
	memberships := get(t, late.ask(t, whoAmI, nil).Data, "viewer", "memberships").([]any)
	if len(memberships) != 1 || get(t, memberships[0], "role") != "DEPLOYER" {
		t.Error(memberships)
	}
	if got := s.logged(t); strings.Count(got, "member.joined by") != 2 || strings.Count(got, "member.invited by") != 2 {
		t.Error(got)
	}
	if a := invite(vik.Email); a.problem(t, "inviteMember") != "INVALID_STATE" {
		t.Errorf("a member was invited: %+v", a)
	}
	got := s.ok(t, tokens[tenant.RoleAdmin], `{ tenant(slug: "acme") { invitations { id } } }`, nil)
	if open := get(t, got, "tenant", "invitations").([]any); len(open) > 0 {
		t.Error(open)
	}
}

func TestInvitationsThatDoNotCount(t *testing.T) {
	t.Parallel()
	unverified := oidcsim.Person{Subject: "5", Email: vik.Email, Unverified: true}
	s := startForPeople(t, ada, unverified)
	id, tokens := s.newTenant(t, "acme")
	admin := tokens[tenant.RoleAdmin]
	made := s.ok(t, admin, inviteMutation, vars{"i": vars{"tenantId": id, "email": ada.Email, "role": "ADMIN"}})
	invitation := get(t, made, "inviteMember", "invitation", "id")
	withdraw := `mutation ($i: WithdrawInvitationInput!) { withdrawInvitation(input: $i) { invitation { id } userErrors { code } } }`
	other, others := s.newTenant(t, "other")
	for _, token := range []string{tokens[tenant.RoleDeployer], others[tenant.RoleAdmin]} {
		a := s.post(t, token, withdraw, vars{"i": vars{"invitationId": invitation}})
		if a.problem(t, "withdrawInvitation") == "" || a.Data != nil && get(t, a.Data, "withdrawInvitation", "invitation") != nil {
			t.Errorf("%+v", a)
		}
	}
	s.ok(t, admin, withdraw, vars{"i": vars{"invitationId": invitation}})
	s.ok(t, others[tenant.RoleAdmin], inviteMutation, vars{"i": vars{"tenantId": other, "email": ada.Email, "role": "ADMIN"}})
	_, err := s.pool.Exec(t.Context(), `UPDATE invitations SET expires_at = now() WHERE settled_at IS NULL`)
	must(t, err)
	b := s.browser(t)
	if v := b.signIn(t, ada); v.location != s.url+"/login/welcome" {
		t.Errorf("withdrawn and expired ones: %v", v)
	}
	s.ok(t, admin, inviteMutation, vars{"i": vars{"tenantId": id, "email": vik.Email, "role": "ADMIN"}})
	stranger := s.browser(t)
	s.wantRefused(t, stranger, stranger.signIn(t, unverified), "unverified_email")
	for _, token := range []string{tokens[tenant.RoleDeployer], tokens[tenant.RoleViewer]} {
		if a := s.post(t, token, inviteMutation, vars{"i": vars{"tenantId": id, "email": "x@example.com", "role": "VIEWER"}}); a.code() != "FORBIDDEN" {
			t.Errorf("%+v", a)
		}
		if got := s.ok(t, token, `{ tenant(slug: "acme") { invitations { id } } }`, nil); len(get(t, got, "tenant", "invitations").([]any)) > 0 {
			t.Error(got)
		}
	}
	for _, email := range []string{"", "ada", "Ada <ada@example.com>", "a@b@c", strings.Repeat("a", 250) + "@b.example"} {
		if a := s.post(t, admin, inviteMutation, vars{"i": vars{"tenantId": id, "email": email, "role": "VIEWER"}}); a.problem(t, "inviteMember") != "INVALID_INPUT" {
			t.Errorf("%q: %+v", email, a)
		}
	}
}

func TestMembersAndTheLastAdmin(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	s.at(t, "2026-12-25T13:00:00Z")
	_, token, products := s.newShop(t, "acme")
	s.member(t, "acme", ada.Email, "DEPLOYER")
	b := s.browser(t)
	b.signIn(t, ada)
	scheduled := get(t, b.ask(t, scheduleMutation, vars{"i": christmas(products[0])}).Data, "scheduleGoLive", "deployment", "id")

	admin, adaID := s.memberID(t, token, "acme", "admin@example.com"), s.memberID(t, token, "acme", ada.Email)
	for name, c := range map[string]struct {
		mutation string
		input    vars
	}{"lowered": {roleMutation, vars{"memberId": admin, "role": "VIEWER"}}, "removed": {removeMutation, vars{"memberId": admin}}} {
		a := s.post(t, token, c.mutation, vars{"i": c.input})
		if code := firstProblem(t, a); code != "INVALID_STATE" {
			t.Errorf("the last admin was %s: %+v", name, a)
		}
	}
	if a := b.ask(t, roleMutation, vars{"i": vars{"memberId": adaID, "role": "ADMIN"}}); a.code() != "FORBIDDEN" {
		t.Errorf("ada raised herself: %+v", a)
	}
	if a := b.ask(t, removeMutation, vars{"i": vars{"memberId": admin}}); a.code() != "FORBIDDEN" {
		t.Errorf("a deployer removed an admin: %+v", a)
	}
	_, others := s.newTenant(t, "other")
	for _, mutation := range []string{roleMutation, removeMutation} {
		input := vars{"memberId": adaID, "role": "VIEWER"}
		if mutation == removeMutation {
			delete(input, "role")
		}
		if a := s.post(t, others[tenant.RoleAdmin], mutation, vars{"i": input}); firstProblem(t, a) != "NOT_FOUND" {
			t.Errorf("another tenant's admin: %+v", a)
		}
	}

	lowered := s.ok(t, token, roleMutation, vars{"i": vars{"memberId": adaID, "role": "VIEWER"}})
	affected := get(t, lowered, "setMemberRole", "schedulesAffected").([]any)
	if len(affected) != 1 || get(t, affected[0], "id") != scheduled {
		t.Errorf("affected are %v", affected)
	}
	if a := b.ask(t, scheduleMutation, vars{"i": christmas(products[1])}); a.code() != "FORBIDDEN" {
		t.Errorf("%+v", a)
	}
	// With another admin the first may go; the tokens go along.
	s.ok(t, token, roleMutation, vars{"i": vars{"memberId": adaID, "role": "ADMIN"}})
	if a := b.ask(t, removeMutation, vars{"i": vars{"memberId": admin}}); a.problem(t, "removeMember") != "" {
		t.Errorf("%+v", a)
	}
	if a := s.post(t, token, whoAmI, nil); a.Status != http.StatusUnauthorized {
		t.Errorf("the token of a removed member: %+v", a)
	}
	if a := b.ask(t, removeMutation, vars{"i": vars{"memberId": adaID}}); a.problem(t, "removeMember") != "INVALID_STATE" {
		t.Errorf("the last admin left: %+v", a)
	}
	if got := s.logged(t); !strings.Contains(got, "member.role_changed by admin@example.com") {
		t.Error(got)
	}
}

// firstProblem is problem for an answer to any one mutation.
func firstProblem(t *testing.T, a answer) string {
	t.Helper()
	for field := range a.Data {
		return a.problem(t, field)
	}
	return a.code()
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	_, tokens := s.newTenant(t, "acme")
	s.member(t, "acme", ada.Email, "ADMIN")
	first, second := s.browser(t), s.browser(t)
	first.signIn(t, ada)
	second.signIn(t, ada)
	const list = `{ viewer { kind name sessions { id userAgent current createdAt lastUsedAt } } }`
	const end = `mutation ($i: EndSessionInput!) { endSession(input: $i) { ended userErrors { code } } }`
	got := first.ask(t, list, nil).Data
	sessions := get(t, got, "viewer", "sessions").([]any)
	if len(sessions) != 2 || get(t, sessions[0], "current") != false || get(t, sessions[1], "current") != true || get(t, got, "viewer", "name") != "Ada" {
		t.Fatal(got)
	}
	if a := s.post(t, tokens[tenant.RoleDeployer], end, vars{"i": vars{}}); a.code() != "FORBIDDEN" {
		t.Errorf("%+v", a)
	}
	if a := s.post(t, tokens[tenant.RoleAdmin], end, vars{"i": vars{"sessionId": get(t, sessions[0], "id")}}); a.problem(t, "endSession") != "NOT_FOUND" {
		t.Errorf("somebody else's session: %+v", a)
	}
	if a := first.ask(t, end, vars{"i": vars{}}); get(t, a.Data, "endSession", "ended") != 1.0 {
		t.Errorf("%+v", a)
	}
	if a := second.ask(t, whoAmI, nil); a.Status != http.StatusUnauthorized {
		t.Errorf("the other session goes on: %+v", a)
	}
	zone := `mutation ($i: SetTimeZoneInput!) { setTimeZone(input: $i) { viewer { timeZone } userErrors { code } } }`
	if a := first.ask(t, zone, vars{"i": vars{"timeZone": "Asia/Tokyo"}}); get(t, a.Data, "setTimeZone", "viewer", "timeZone") != "Asia/Tokyo" {
		t.Errorf("%+v", a)
	}
	if a := first.ask(t, `{ viewer { timeZone } }`, nil); get(t, a.Data, "viewer", "timeZone") != "Asia/Tokyo" {
		t.Errorf("%+v", a)
	}
	if a := first.ask(t, end, vars{"i": vars{"sessionId": get(t, sessions[1], "id")}}); get(t, a.Data, "endSession", "ended") != 1.0 {
		t.Errorf("%+v", a)
	}
	if a := first.ask(t, whoAmI, nil); a.Status != http.StatusUnauthorized {
		t.Errorf("%+v", a)
	}
}

func TestServiceTellsAnybody(t *testing.T) {
	t.Parallel()
	s := startForPeople(t)
	const query = `{ service { build pausedSince pausedReason simulator mailEnabled signIn { name path } } }`
	got := s.ok(t, "", query, nil)
	if ways := get(t, got, "service", "signIn").([]any); len(ways) != 1 || get(t, ways[0], "path") != "/login" || get(t, ways[0], "name") != "The issuer" || get(t, got, "service", "pausedSince") != nil {
		t.Error(got)
	}
	_, err := s.pool.Exec(t.Context(), `INSERT INTO standstill (paused_by, reason) VALUES ('ops', 'prices')`)
	must(t, err)
	if got := s.ok(t, "", query, nil); get(t, got, "service", "pausedReason") != "prices" || get(t, got, "service", "pausedSince") == nil {
		t.Error(got)
	}
}
