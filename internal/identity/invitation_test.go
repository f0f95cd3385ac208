package identity_test

import (
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/tenant"
)

// An invitation is mailed in the words of one, once, and not at all where it was withdrawn
// before anybody could send it.
func TestInvitationIsMailed(t *testing.T) {
	t.Parallel()
	st := domaintest.New(t)
	post := st.WithMail(t)
	_, err := st.Identity.Invite(st.As, st.Tenant.ID, "Ada@example.com", tenant.RoleDeployer)
	domaintest.Must(t, err)
	withdrawn, err := st.Identity.Invite(st.As, st.Tenant.ID, "eve@example.com", tenant.RoleViewer)
	domaintest.Must(t, err)
	_, err = st.Identity.Withdraw(st.As, withdrawn.ID)
	domaintest.Must(t, err)
	st.Deliver(t)
	got := post.Take()
	if len(got) != 1 || got[0].To != "ada@example.com" || !strings.Contains(got[0].Data, "https://golive.example/login") || got[0].Unsubscribe != "" {
		t.Fatalf("%v", got)
	}
	if !strings.Contains(got[0].Data, domaintest.Admin) || !strings.Contains(got[0].Data, "deployer") {
		t.Errorf("it does not say who invites, and to what: %s", got[0].Data)
	}
	st.Deliver(t)
	if again := post.Take(); len(again) > 0 {
		t.Errorf("%v", again)
	}
}

// An address that takes no mail is told in the tenant's log.
func TestInvitationThatIsRefusedIsTold(t *testing.T) {
	t.Parallel()
	st := domaintest.New(t)
	st.WithMail(t).Answer("gone@example.com", 550)
	_, err := st.Identity.Invite(st.As, st.Tenant.ID, "gone@example.com", tenant.RoleViewer)
	domaintest.Must(t, err)
	st.Deliver(t)
	page, err := st.Tenants.AuditLog(st.As, audit.Filter{TenantID: st.Tenant.ID}, 1, "")
	domaintest.Must(t, err)
	if e := page.Entries[0]; e.Action != "mail.refused" || e.Actor != "golive" {
		t.Errorf("%+v", e)
	}
}
