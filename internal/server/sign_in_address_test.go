package server_test

import (
	"testing"

	"github.com/golive-hq/golive/internal/oidcsim"
	"github.com/golive-hq/golive/internal/tenant"
)

// An address that somebody else has proved since invites them, and not whoever had it before.
func TestInvitationsAreForWhomTheAddressIsNow(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada, vik)
	id, tokens := s.newTenant(t, "acme")
	moved, later := ada, vik
	moved.Email, later.Email = "office@example.com", "office@example.com"
	before, now := s.browser(t), s.browser(t)
	before.signIn(t, ada)
	now.signIn(t, vik)
	s.issuer.People = []oidcsim.Person{moved, vik}
	before.signIn(t, moved)
	s.ok(t, tokens[tenant.RoleAdmin], inviteMutation, vars{"i": vars{"tenantId": id, "email": moved.Email, "role": "ADMIN"}})
	joined := func(b browser) int { return len(get(t, b.ask(t, whoAmI, nil).Data, "viewer", "memberships").([]any)) }
	if joined(before) != 0 {
		t.Error("an address that was proved earlier invites")
	}
	s.issuer.People = []oidcsim.Person{moved, later}
	now.signIn(t, later)
	if joined(now) != 1 {
		t.Error("the address invites nobody")
	}
	if had := s.count(t, `SELECT count(*) FROM people WHERE address = 'office@example.com'`); had != 1 {
		t.Errorf("%d people have the address", had)
	}
}
