package identity_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// An admin who is lowered while an invitation waits for the tenant invites nobody, and
// withdraws nothing.
func TestInvitationsOfThoseWhoAreNoAdminsAnyMore(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(st *domaintest.Stack, id string) error{
		"inviting": func(st *domaintest.Stack, _ string) error {
			_, err := st.Identity.Invite(st.As, st.Tenant.ID, "eve@example.com", tenant.RoleAdmin)
			return err
		},
		"withdrawing": func(st *domaintest.Stack, id string) error {
			_, err := st.Identity.Withdraw(st.As, id)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := domaintest.New(t)
			waiting, err := st.Identity.Invite(st.As, st.Tenant.ID, ada, tenant.RoleViewer)
			domaintest.Must(t, err)
			done := make(chan error, 1)
			domaintest.Must(t, postgres.InTx(t.Context(), st.Pool, func(tx pgx.Tx) error {
				domaintest.Must(t, tenant.Lock(t.Context(), tx, st.Tenant.ID))
				go func() { done <- do(st, waiting.ID) }()
				st.Until(t, "it to wait for the lock", `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`)
				_, err := tx.Exec(t.Context(), `UPDATE members SET role = 'VIEWER'`)
				return err
			}))
			if err := domaintest.Receive(t, done, "the answer"); fault.CodeOf(err) != fault.Forbidden {
				t.Errorf("%v", err)
			}
		})
	}
}
