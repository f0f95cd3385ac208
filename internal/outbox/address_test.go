package outbox_test

import (
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/tenant"
)

// A mail goes to the mailbox that was named, and once, however often it was named.
func TestAddressesStayThoseOfTheirMailboxes(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{
		"Ada@Acme.Example":           "ada@acme.example",
		"info@bücher.example":        "info@xn--bcher-kva.example",
		"info@xn--bcher-kva.example": "info@xn--bcher-kva.example",
		"ops@İ.example":              "ops@xn--i-9bb.example", // as domains are looked up
	} {
		st := newStack(t)
		post := st.WithMail(t)
		d := st.Told(t, notify.Settings{Email: true, Recipients: []string{to, strings.ToUpper(to[:1]) + to[1:]}})
		st.Deliver(t)
		if got := post.Take(); len(got) != 1 || got[0].To != want || len(d.Notifications.Recipients) != 1 {
			t.Errorf("%s: %v of %v", to, got, d.Notifications.Recipients)
		}
	}
}

// A letter of another script is that letter, also for whoever would get the mail of its
// small form. This server has no SMTPUTF8: it is told, and others are served.
func TestAddressIsNotThatOfItsSmallForm(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	d := st.Told(t, notify.Settings{Email: true, Recipients: []string{"İ@acme.example", "\u212a@acme.example", bob}})
	st.Deliver(t)
	if got := post.Take(); len(got) != 1 || got[0].To != bob {
		t.Errorf("%v", got)
	}
	events, err := st.Events(st.As, d.ID, 0, 100)
	must(t, err)
	var told string
	for _, e := range events {
		told += e.Message + "\n"
	}
	if !strings.Contains(told, "İ@acme.example") || !strings.Contains(told, "\u212a@acme.example") || strings.Contains(told, "127.0.0.1") {
		t.Errorf("told %q", told)
	}
}

// A person's choices are those of the mailbox, in whichever spelling they are made.
func TestAddressesOfChoices(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	no := false
	as := st.Actor(t, "info@BÜCHER.example", tenant.RoleViewer)
	_, err := st.Choices.SetPreferences(as, notify.PreferenceInput{TenantID: st.Tenant.ID, Wanted: &no})
	must(t, err)
	st.Told(t, notify.Settings{Email: true, Recipients: []string{"info@bücher.example", bob}})
	st.Deliver(t)
	if got := post.Take(); domaintest.Subjects(got) != "Scheduled" || got[0].To != bob {
		t.Errorf("%v", got)
	}
}
