package tenant_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// admin is somebody who acts by an admin's token of theirs, with the member's id.
func (b bundle) admin(t *testing.T, email string) (as context.Context, id string) {
	t.Helper()
	actor, err := b.Authenticate(t.Context(), b.token(t, "acme", email, tenant.RoleAdmin))
	if err != nil {
		t.Fatal(err)
	}
	return tenant.WithActor(t.Context(), actor), scalar[string](t, b.DB, `SELECT id::text FROM members WHERE email = $1`, email)
}

// Who waits for the tenant's lock while an admin takes their role away may do no more than
// those who come later.
func TestRolesThatAreLostWhileWaitingCountNoMore(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(b bundle, as context.Context, self, other string) error{
		"raising oneself": func(b bundle, as context.Context, self, _ string) error {
			_, err := b.SetMemberRole(as, self, tenant.RoleAdmin)
			return err
		},
		"removing somebody": func(b bundle, as context.Context, _, other string) error {
			_, err := b.RemoveMember(as, other)
			return err
		},
		"a service token": func(b bundle, as context.Context, _, _ string) error {
			_, _, err := b.MakeToken(as, tenant.TokenInput{TenantID: b.acme.ID, Role: tenant.RoleAdmin, Scope: tenant.ScopeAll, Service: true, Name: "ci"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			ann, other := b.admin(t, "ann@acme.test")
			as, self := b.admin(t, "bob@acme.test")
			done := make(chan error, 1)
			err := postgres.InTx(ann, b.DB, func(tx pgx.Tx) error {
				if err := tenant.Lock(ann, tx, b.acme.ID); err != nil {
					return err
				}
				go func() { done <- do(b, as, self, other) }()
				for !scalar[bool](t, b.DB, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`) {
					if len(done) > 0 {
						t.Fatalf("it does not wait: %v", <-done)
					}
				}
				_, err := tx.Exec(ann, `UPDATE members SET role = 'VIEWER' WHERE id = $1`, self)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			wantCode(t, <-done, fault.Forbidden)
		})
	}
}
