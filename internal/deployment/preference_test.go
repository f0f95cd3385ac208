package deployment_test

import (
	"context"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/tenant"
)

// A person's own choice goes before the tenant's, and that before Golive's.
func TestWhoseChoiceCounts(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	yes, no := true, false
	of := func(forTenant bool, wanted *bool) outbox.PreferenceInput {
		return outbox.PreferenceInput{TenantID: st.tenant.ID, ForTenant: forTenant, Kinds: []outbox.Kind{deployment.NoticeScheduled}, Wanted: wanted}
	}
	for i, c := range []struct {
		tenant, own *bool
		want        bool
	}{
		{nil, nil, true}, {&no, nil, false}, {&no, &yes, true}, {&yes, &no, false}, {nil, &no, false}, {nil, nil, true},
	} {
		must(t, st.prefer(st.as, of(true, c.tenant)))
		must(t, st.prefer(st.as, of(false, c.own)))
		st.told(t, deployment.NotificationSettings{Email: true})
		st.deliver(t)
		if got := post.take(); (len(got) == 1) != c.want {
			t.Errorf("%d: %v", i, got)
		}
		p := st.preference(t, deployment.NoticeScheduled)
		if p.Wanted != c.want || (p.Own == nil) != (c.own == nil) || (p.Tenant == nil) != (c.tenant == nil) {
			t.Errorf("%d: %+v", i, p)
		}
	}
	if got := st.audited(t, "mail.preferences_changed"); got != 6 { // what changed nothing is not told
		t.Errorf("%d audit entries", got)
	}
}

func (st *stack) prefer(as context.Context, in outbox.PreferenceInput) error {
	_, err := st.outbox.SetPreferences(as, in)
	return err
}

func (st *stack) preference(t *testing.T, kind outbox.Kind) outbox.Preference {
	t.Helper()
	all, err := st.outbox.Preferences(st.as, st.tenant.ID)
	must(t, err)
	if len(all) != len(deployment.NoticeKinds) {
		t.Errorf("%d kinds", len(all))
	}
	for _, p := range all {
		if p.Kind == kind {
			return p
		}
	}
	t.Fatalf("no %s", kind)
	return outbox.Preference{}
}

func TestStartedIsToldToThoseWhoAsk(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	if p := st.preference(t, deployment.NoticeStarted); p.Wanted {
		t.Errorf("%+v", p)
	}
	if p := st.preference(t, deployment.NoticeFailed); !p.Wanted {
		t.Errorf("%+v", p)
	}
}

func TestPreferencesAreRefused(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	viewer := st.actor(t, "viewer@acme.example", tenant.RoleViewer)
	in := outbox.PreferenceInput{TenantID: st.tenant.ID}
	must(t, st.prefer(viewer, in))
	in.ForTenant = true
	wantCode(t, st.prefer(viewer, in), fault.Forbidden)
	stranger := st.stranger(t)
	wantCode(t, st.prefer(stranger, in), fault.NotFound)
	in.Kinds = []outbox.Kind{"GOSSIP"}
	wantCode(t, st.prefer(st.as, in), fault.InvalidInput)
	_, err := st.outbox.Preferences(stranger, st.tenant.ID)
	wantCode(t, err, fault.NotFound)
}

// A link in a mail ends all mails of the tenant to its reader but those about
// trouble, and nobody else's.
func TestUnsubscribing(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	in := deployment.NotificationSettings{Email: true, Recipients: []string{admin, "bob@acme.example"}}
	st.told(t, in)
	st.deliver(t)
	mails := post.take()
	_, ticket, _ := strings.Cut(mails[0].unsubscribe, "/unsubscribe/")
	sub, err := st.outbox.MailSubscription(t.Context(), ticket)
	must(t, err)
	if len(mails) != 2 || sub.Address != mails[0].to || sub.Tenant != "Acme" {
		t.Errorf("%v, %+v", mails, sub)
	}
	for range 2 {
		_, err = st.outbox.Unsubscribe(t.Context(), ticket)
		must(t, err)
	}
	if got := st.audited(t, "mail.preferences_changed"); got != 1 {
		t.Errorf("%d audit entries", got)
	}
	missed := st.told(t, in)
	st.deliver(t)
	if got := post.take(); len(got) != 1 || got[0].to == sub.Address {
		t.Errorf("%v", got)
	}
	st.at(t, missed.DueAt.Add(16*60*1e9))
	st.holdMissed(t, 2)
	st.deliver(t)
	for _, m := range post.take() {
		if m.to == sub.Address && m.to != admin {
			t.Errorf("%v", m)
		}
	}
	for _, bad := range []string{"", "x", ticket[1:], ticket + "A", "B" + ticket[1:]} {
		_, err := st.outbox.Unsubscribe(t.Context(), bad)
		wantCode(t, err, fault.NotFound)
	}
}
