package identity_test

import (
	"testing"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/identity"
)

// Strangers who claim a member's address write little into the tenant's log, and nothing
// there in the member's name.
func TestRefusedSignInsAreNotedSparingly(t *testing.T) {
	t.Parallel()
	st := domaintest.New(t)
	for range 65 {
		domaintest.Must(t, st.Identity.Failed(t.Context(), &identity.RefusedError{Reason: "unverified_email", Email: domaintest.Admin}))
	}
	page, err := audit.List(t.Context(), st.Pool, audit.Filter{TenantID: st.Tenant.ID}, 100, "")
	domaintest.Must(t, err)
	noted := 0
	for _, e := range page.Entries {
		if e.Action != "sign_in.failed" {
			continue
		}
		if noted++; e.Actor != "golive" || e.Subject != domaintest.Admin {
			t.Errorf("%+v", e)
		}
	}
	if noted != 60 {
		t.Errorf("the log has %d", noted)
	}
}
