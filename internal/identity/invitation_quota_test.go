package identity_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/tenant"
)

// A tenant writes 50 invitations a day to strangers, and what is refused writes none.
func TestInvitationsOfATenantAreLimited(t *testing.T) {
	t.Parallel()
	st := domaintest.New(t)
	invite := func(n int) error {
		_, err := st.Identity.Invite(st.As, st.Tenant.ID, fmt.Sprintf("stranger-%d@example.com", n), tenant.RoleViewer)
		return err
	}
	for n := range 50 {
		domaintest.Must(t, invite(n))
	}
	for range 2 {
		e := fault.As(invite(50))
		if e == nil || e.Code != fault.RateLimited || e.RetryAfter <= 0 || e.RetryAfter > 29*time.Minute {
			t.Fatalf("%+v", e)
		}
	}
	if got := st.Notices(t)["INVITED WAITING"]; got != 50 {
		t.Errorf("%d were written", got)
	}
	st.Exec(t, `UPDATE quotas SET full_at = full_at - interval '29 min'`)
	domaintest.Must(t, invite(50))
}
