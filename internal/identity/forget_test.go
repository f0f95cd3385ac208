package identity_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Nothing of signing in is left of whoever is forgotten, and an open invitation makes
// nobody a member any more.
func TestForgetLeavesNothingOfSigningIn(t *testing.T) {
	t.Parallel()
	st := domaintest.New(t)
	const email = "gone@example.com"
	_, err := st.Identity.Invite(st.As, st.Tenant.ID, email, tenant.RoleViewer)
	domaintest.Must(t, err)
	st.Exec(t, `WITH p AS (INSERT INTO people (id, email, address, name) VALUES (gen_random_uuid(), $1, $1, 'Gone') RETURNING id)
		INSERT INTO sessions (id, person_id, hash, user_agent) SELECT gen_random_uuid(), id, '\x01', 'Lynx' FROM p`, email)
	st.Exec(t, `INSERT INTO sign_in_links (hash, email, expires_at) VALUES ('\x02', $1, now() + interval '1 min')`, email)
	st.Exec(t, `INSERT INTO sign_in_failures (reason, email, request_id) VALUES ('x', $1, 'y')`, email)
	traces, err := identity.OfPerson(t.Context(), st.Pool, email)
	domaintest.Must(t, err)
	if len(traces) != 1 || len(traces[0].Browsers) != 1 || *traces[0].Name != "Gone" {
		t.Errorf("%+v", traces)
	}
	domaintest.Must(t, postgres.InTx(t.Context(), st.Pool, func(tx pgx.Tx) error { return identity.Forget(t.Context(), tx, email) }))
	var left string
	domaintest.Must(t, st.Pool.QueryRow(t.Context(), `SELECT concat((SELECT json_agg(s) FROM sessions s), (SELECT json_agg(p) FROM people p),
		(SELECT json_agg(l) FROM sign_in_links l), (SELECT json_agg(f.email) FROM sign_in_failures f WHERE email IS NOT NULL),
		(SELECT json_agg(i) FROM invitations i WHERE settled_at IS NULL OR email = $1))`, email).Scan(&left))
	if left != "" {
		t.Errorf("left is %s", left)
	}
}
