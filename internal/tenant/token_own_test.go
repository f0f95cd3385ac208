package tenant_test

import (
	"fmt"
	"testing"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/tenant"
)

// Nobody fills the database with tokens; those that no longer work leave room for others.
func TestTokensAreLimited(t *testing.T) {
	t.Parallel()
	b := setup(t)
	as, _ := b.admin(t, "ann@acme.test") // by the first of its tokens
	for service, made := range map[bool]int{false: 49, true: 50} {
		create := func(i int) (tenant.Token, error) {
			token, _, err := b.MakeToken(as, tenant.TokenInput{
				TenantID: b.acme.ID, Role: tenant.RoleViewer, Scope: tenant.ScopeAll, Service: service, Name: fmt.Sprint("token ", i),
			})
			return token, err
		}
		var last tenant.Token
		for i := range made {
			var err error
			if last, err = create(i); err != nil {
				t.Fatal(err)
			}
		}
		_, err := create(made)
		wantCode(t, err, fault.LimitReached)
		if _, err := b.EndToken(as, last.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := create(made); err != nil {
			t.Errorf("one was revoked, and yet: %v", err)
		}
	}
}
