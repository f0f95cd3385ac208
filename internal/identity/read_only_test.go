package identity_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/tenant"
)

// While the database takes no changes, everybody may still read: that a token or a session
// was used goes unnoted then.
func TestWhoIsCallingIsKnownWhileNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	st := domaintest.New(t)
	st.Exec(t, `INSERT INTO members (id, tenant_id, email, role) VALUES (gen_random_uuid(), $1, $2, 'DEPLOYER')`, st.Tenant.ID, ada)
	session, _ := signedIn(t, st, "")
	st.Exec(t, `UPDATE sessions SET last_used_at = now() - interval '2 minutes'`)
	token, err := st.Tenants.CreateToken(t.Context(), st.Tenant.Slug, ada, tenant.RoleViewer)
	domaintest.Must(t, err)

	config := st.Pool.Config()
	config.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
	readOnly, err := pgxpool.NewWithConfig(t.Context(), config)
	domaintest.Must(t, err)
	t.Cleanup(readOnly.Close)
	if a, err := (&tenant.Service{DB: readOnly}).Authenticate(t.Context(), token); err != nil || a.Email != ada {
		t.Errorf("by a token: %+v %v", a, err)
	}
	if a, err := identity.New(identity.Deps{DB: readOnly}).Authenticate(t.Context(), session); err != nil || a.Email != ada {
		t.Errorf("by a session: %+v %v", a, err)
	}
}
