package letter_test

import (
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/tenant"
)

// What a tenant's people write, here or in Stripe, reaches members alone: others get the
// same mails, calendars included, without it.
func TestOwnWordsAreForMembers(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	why := "See evil.example"
	in := st.In(t, simple, time.Hour)
	in.Notifications, in.Reason = notify.Settings{Email: true, Recipients: []string{admin, bob}}, &why
	d := st.Schedule(t, in)
	st.wantWords(t, post, "Scheduled", why)
	st.Miss(t, d)
	st.wantWords(t, post, "Needs you", st.Look(t, d.ID).ProgressMessage[:20])
	in.When = st.In(t, simple, time.Hour).When
	second := st.Schedule(t, in)
	st.Deliver(t)
	post.Take()
	_, err := st.Cancel(st.As, deployment.CancelInput{DeploymentID: second.ID, Reason: &why})
	must(t, err)
	st.wantWords(t, post, "Cancelled", why)
}

// A service token's name is words, too.
func TestServicesAreNamedToMembers(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	_, secret, err := st.Tenants.MakeToken(st.As, tenant.TokenInput{TenantID: st.Tenant.ID, Name: "Call evil.example", Role: tenant.RoleDeployer, Scope: tenant.ScopeAll, Service: true})
	must(t, err)
	actor, err := st.Tenants.Authenticate(t.Context(), secret)
	must(t, err)
	st.As = tenant.WithActor(t.Context(), actor)
	in := st.In(t, simple, time.Hour)
	in.Notifications = notify.Settings{Email: true, Recipients: []string{admin, bob}}
	st.Schedule(t, in)
	st.wantWords(t, post, "Scheduled", "Call evil.example")
}

// wantWords sends what is due: one mail to a member, which has the words, and the same one
// to somebody outside, which has not.
func (st *stack) wantWords(t *testing.T, post *postman, subject, words string) {
	t.Helper()
	st.Deliver(t)
	got := map[string]arrived{}
	for _, m := range post.Take() {
		got[m.To] = m
	}
	if len(got) != 2 {
		t.Fatalf("%v", got)
	}
	for to, m := range got {
		text := strings.Join(strings.Fields(strings.ReplaceAll(m.Data, "=\r\n", "")), " ")
		calendar := ""
		if strings.Contains(m.Data, "text/calendar") {
			calendar = strings.ReplaceAll(calendarOf(t, m)["DESCRIPTION"], `\n`, " ")
		}
		if !strings.HasPrefix(m.Subject, subject) || strings.Contains(text, words) != (to == admin) || strings.Contains(calendar, words) && to != admin {
			t.Errorf("%v says\n%s\n%s", m, m.Data, calendar)
		}
	}
}
