package outbox_test

import (
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/notify"
)

// A link in a mail ends all mails of the tenant to its reader but those about
// trouble, and nobody else's.
func TestUnsubscribe(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	in := notify.Settings{Email: true, Recipients: []string{admin, "bob@acme.example"}}
	st.Told(t, in)
	st.Deliver(t)
	mails := post.Take()
	_, ticket, _ := strings.Cut(mails[0].Unsubscribe, "/unsubscribe/")
	sub, err := st.Choices.Subscription(t.Context(), ticket)
	must(t, err)
	if len(mails) != 2 || sub.Address != mails[0].To || sub.Tenant != "Acme" {
		t.Errorf("%v, %+v", mails, sub)
	}
	for range 2 {
		_, err = st.Choices.Unsubscribe(t.Context(), ticket)
		must(t, err)
	}
	if got := st.audited(t, "mail.preferences_changed"); got != 1 {
		t.Errorf("%d audit entries", got)
	}
	missed := st.Told(t, in)
	st.Deliver(t)
	if got := post.Take(); len(got) != 1 || got[0].To == sub.Address {
		t.Errorf("%v", got)
	}
	st.At(t, missed.DueAt.Add(16*60*1e9))
	st.SweepMissed(t, 2)
	st.Deliver(t)
	for _, m := range post.Take() {
		if m.To == sub.Address && m.To != admin {
			t.Errorf("%v", m)
		}
	}
	for _, bad := range []string{"", "x", ticket[1:], ticket + "A", "B" + ticket[1:]} {
		_, err := st.Choices.Unsubscribe(t.Context(), bad)
		wantCode(t, err, fault.NotFound)
	}
}
