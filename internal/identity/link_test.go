package identity_test

import (
	"testing"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/tenant"
)

// An operator's link helps whose account somebody else has: nothing of that one is left.
func TestALinkEndsWhatTheOldAccountHad(t *testing.T) {
	t.Parallel()
	st := domaintest.New(t)
	st.Exec(t, `INSERT INTO members (id, tenant_id, email, role) VALUES (gen_random_uuid(), $1, $2, 'DEPLOYER')`, st.Tenant.ID, ada)
	old, _ := signedIn(t, st, "")
	st.Exec(t, `UPDATE people SET issuer = 'https://issuer.example', subject = '1', address = 'old@example.com' WHERE email = $1`, ada)
	_, err := st.Identity.Invite(st.As, st.Tenant.ID, "old@example.com", tenant.RoleViewer)
	domaintest.Must(t, err)
	link, err := st.Identity.CreateLink(t.Context(), ada)
	domaintest.Must(t, err)
	var secret string
	rung := rungBy(t, st, func() {
		secret, err = st.Identity.UseLink(t.Context(), link, identity.Browser{})
		domaintest.Must(t, err)
	})
	if _, err := st.Identity.Authenticate(t.Context(), old); fault.CodeOf(err) != fault.Unauthenticated || len(rung) == 0 {
		t.Errorf("the old account's session: %v; rung %q", err, rung)
	}
	if _, err := st.Identity.Authenticate(t.Context(), secret); err != nil {
		t.Errorf("the new session: %v", err)
	}
	var address string
	domaintest.Must(t, st.Pool.QueryRow(t.Context(), `SELECT address FROM people WHERE email = $1`, ada).Scan(&address))
	open, err := st.Identity.Invitations(st.As, st.Tenant.ID)
	if err != nil || address != ada || len(open) != 1 {
		t.Errorf("the address is %s, invitations that wait %v, %v", address, open, err)
	}
}
