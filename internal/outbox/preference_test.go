package outbox_test

import (
	"context"
	"testing"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/notice"
	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/tenant"
)

// A person's own choice goes before the tenant's, and that before Golive's.
func TestPreferenceOfWhomCounts(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	yes, no := true, false
	of := func(forTenant bool, wanted *bool) notify.PreferenceInput {
		return notify.PreferenceInput{ForTenant: forTenant, Kinds: []outbox.Kind{notice.Scheduled}, Wanted: wanted}
	}
	for i, c := range []struct {
		tenant, own *bool
		want        bool
	}{
		{nil, nil, true}, {&no, nil, false}, {&no, &yes, true}, {&yes, &no, false}, {nil, &no, false}, {nil, nil, true},
	} {
		st.Prefer(t, of(true, c.tenant))
		st.Prefer(t, of(false, c.own))
		st.Told(t, notify.Settings{Email: true})
		st.Deliver(t)
		if got := post.Take(); (len(got) == 1) != c.want {
			t.Errorf("%d: %v", i, got)
		}
		p := st.preference(t, notice.Scheduled)
		if p.Wanted != c.want || (p.Own == nil) != (c.own == nil) || (p.Tenant == nil) != (c.tenant == nil) {
			t.Errorf("%d: %+v", i, p)
		}
	}
	if got := st.audited(t, "mail.preferences_changed"); got != 6 { // what changed nothing is not told
		t.Errorf("%d audit entries", got)
	}
}

func TestPreferenceWithoutAChoice(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	if p := st.preference(t, notice.Started); p.Wanted {
		t.Errorf("%+v", p)
	}
	if p := st.preference(t, notice.Failed); !p.Wanted {
		t.Errorf("%+v", p)
	}
}

func TestPreferenceIsRefused(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	viewer := st.Actor(t, "viewer@acme.example", tenant.RoleViewer)
	in := notify.PreferenceInput{TenantID: st.Tenant.ID}
	prefer := func(as context.Context) error {
		_, err := st.Choices.SetPreferences(as, in)
		return err
	}
	must(t, prefer(viewer))
	in.ForTenant = true
	wantCode(t, prefer(viewer), fault.Forbidden)
	stranger := st.Stranger(t)
	wantCode(t, prefer(stranger), fault.NotFound)
	in.Kinds = []outbox.Kind{"GOSSIP"}
	wantCode(t, prefer(st.As), fault.InvalidInput)
	_, err := st.Choices.Preferences(stranger, st.Tenant.ID)
	wantCode(t, err, fault.NotFound)
}
