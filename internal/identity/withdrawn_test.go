package identity_test

import (
	"context"
	"slices"
	"testing"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/tenant"
)

const ada = "ada@example.com"

// signedIn returns ada's new session in a browser, which has had another one or "".
func signedIn(t *testing.T, st *domaintest.Stack, browser string) (secret string, as context.Context) {
	t.Helper()
	link, err := st.Identity.CreateLink(t.Context(), ada)
	domaintest.Must(t, err)
	secret, err = st.Identity.UseLink(t.Context(), link, identity.Browser{Session: browser})
	domaintest.Must(t, err)
	actor, err := st.Identity.Authenticate(t.Context(), secret)
	domaintest.Must(t, err)
	return secret, tenant.WithActor(t.Context(), actor)
}

// rungBy returns the topics that are rung by what do does.
func rungBy(t *testing.T, st *domaintest.Stack, do func()) (topics []string) {
	t.Helper()
	conn, err := st.Pool.Acquire(t.Context())
	domaintest.Must(t, err)
	defer conn.Release()
	_, err = conn.Exec(t.Context(), `LISTEN golive`)
	domaintest.Must(t, err)
	do()
	st.Exec(t, `SELECT pg_notify('golive', 'over')`)
	for {
		n, err := conn.Conn().WaitForNotification(t.Context())
		domaintest.Must(t, err)
		if n.Payload == "over" {
			return topics
		}
		topics = append(topics, n.Payload)
	}
}

// Every process is told at once of whatever takes a right from somebody. What none is told
// of they find out by looking, seconds later, so that nothing else would miss the bell.
func TestWhatTakesARightRings(t *testing.T) {
	t.Parallel()
	for name, take := range map[string]func(t *testing.T, st *domaintest.Stack, secret string, as context.Context, member string) error{
		"signing out": func(t *testing.T, st *domaintest.Stack, secret string, _ context.Context, _ string) error {
			t.Helper()
			return st.Identity.SignOut(t.Context(), secret)
		},
		"signing in anew": func(t *testing.T, st *domaintest.Stack, secret string, _ context.Context, _ string) error {
			t.Helper()
			signedIn(t, st, secret)
			return nil
		},
		"the end of other sessions": func(t *testing.T, st *domaintest.Stack, _ string, as context.Context, _ string) error {
			t.Helper()
			st.Exec(t, `INSERT INTO sessions (id, person_id, hash, user_agent) SELECT gen_random_uuid(), id, '\x00', '' FROM people`)
			_, err := st.Identity.EndSession(as, "")
			return err
		},
		"a lower role": func(_ *testing.T, st *domaintest.Stack, _ string, _ context.Context, member string) error {
			_, err := st.Tenants.SetMemberRole(st.As, member, tenant.RoleViewer)
			return err
		},
		"a removal": func(_ *testing.T, st *domaintest.Stack, _ string, _ context.Context, member string) error {
			_, err := st.Tenants.RemoveMember(st.As, member)
			return err
		},
		"a revoked token": func(_ *testing.T, st *domaintest.Stack, _ string, as context.Context, _ string) error {
			token, _, err := st.Tenants.MakeToken(as, tenant.TokenInput{TenantID: st.Tenant.ID, Role: tenant.RoleViewer, Scope: tenant.ScopeAll})
			if err == nil {
				_, err = st.Tenants.EndToken(as, token.ID)
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := domaintest.New(t)
			st.Exec(t, `INSERT INTO members (id, tenant_id, email, role) VALUES (gen_random_uuid(), $1, $2, 'DEPLOYER')`, st.Tenant.ID, ada)
			secret, as := signedIn(t, st, "")
			var member string
			domaintest.Must(t, st.Pool.QueryRow(t.Context(), `SELECT id::text FROM members WHERE email = $1`, ada).Scan(&member))
			rung := rungBy(t, st, func() { domaintest.Must(t, take(t, st, secret, as, member)) })
			if !slices.Contains(rung, "rights") {
				t.Errorf("rung were %q alone", rung)
			}
		})
	}
}
