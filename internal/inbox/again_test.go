package inbox_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/tenant"
)

// pausing has an object that is read again in hours.
func (s *stack) pausing(t *testing.T) {
	t.Helper()
	s.deliver(t, s.enable(t, catalog.Test), event("evt_1", "charge.succeeded", "charge", "ch_1"))
	s.Exec(t, `UPDATE stripe_objects SET job_id = NULL, attempts = 11, next_try_at = golive_now() + interval '5 hours'`)
	s.Exec(t, `DELETE FROM river_job`)
}

// Replaying reads an object at once that would be read again in hours.
func TestReplayEndsAPause(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.pausing(t)
	_, err := s.Inbox.Replay(s.As, inbox.ReplayInput{TenantID: s.Tenant.ID, Mode: catalog.Test, EventIDs: []string{"evt_1"}})
	must(t, err)
	if n := s.count(t, `stripe_objects WHERE attempts = 0`); n != 1 {
		t.Error("tries before count")
	}
	s.answering(inbox.Applied, nil)
	s.WorkStripe(t)
	s.becomes(t, "evt_1", inbox.StatusApplied)
}

// So does connecting a key, which may be what it paused for.
func TestConnectingEndsPauses(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.pausing(t)
	_, err := s.Connections.Connect(s.As, connection.Input{TenantID: s.Tenant.ID, Mode: catalog.Test, SecretKey: s.Stripe.Account.TestKey})
	must(t, err)
	s.answering(inbox.Applied, nil)
	s.WorkStripe(t)
	s.becomes(t, "evt_1", inbox.StatusApplied)
}

// What somebody replays is old already, so that it says nothing of how late events are.
func TestReplayedEventsAreNotLate(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	told := make(chan time.Duration, 10)
	s.Inbox.Observe.Applied = func(_ catalog.Mode, age time.Duration) { told <- age }
	s.answering(inbox.Applied, nil)
	h := s.enable(t, catalog.Test)
	s.WorkStripe(t)
	s.deliver(t, h, event("evt_1", "charge.succeeded", "charge", "ch_1"))
	domaintest.Receive(t, told, "the age of an event")
	s.answering("", &catalog.Error{Kind: catalog.KindNetwork})
	s.Exec(t, `UPDATE stripe_events SET received_at = received_at - interval '1 day'`)
	replay := inbox.ReplayInput{TenantID: s.Tenant.ID, Mode: catalog.Test, EventIDs: []string{"evt_1"}}
	_, err := s.Inbox.Replay(s.As, replay)
	must(t, err)
	all, err := inbox.Stand(t.Context(), s.Inbox.DB)
	if err != nil || all[0].Oldest != 0 {
		t.Errorf("%+v, %v", all, err)
	}
	s.answering(inbox.Applied, nil)
	_, err = s.Inbox.Replay(s.As, replay)
	must(t, err)
	s.becomes(t, "evt_1", inbox.StatusApplied)
	s.deliver(t, h, event("evt_2", "charge.succeeded", "charge", "ch_2"))
	domaintest.Receive(t, told, "the age of another event")
	if len(told) != 0 {
		t.Errorf("an age of %v, too", <-told)
	}
}

// A read that panics loses its job each time. It is not begun for ever.
func TestAnObjectThatIsLostAgainAndAgainIsGivenUp(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.deliver(t, s.enable(t, catalog.Test), event("evt_1", "charge.succeeded", "charge", "ch_1"))
	for lost := 1; lost <= 12; lost++ {
		if status := s.statusOf(t, "evt_1"); status != "RECEIVED" {
			t.Fatalf("after %d it is %s", lost, status)
		}
		s.Exec(t, `DELETE FROM river_job`)
		if n, err := s.Inbox.TakeUpLost(t.Context()); n != 1 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	if n := s.count(t, `stripe_objects WHERE dead AND attempts = 12 AND job_id IS NULL`); n != 1 || s.statusOf(t, "evt_1") != "DEAD" {
		t.Error("it is begun for ever")
	}
}

// An admin who is one no more disables and replays nothing, however long they were signed in.
func TestWithdrawnRightsCountAtOnce(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.deliver(t, s.enable(t, catalog.Test), event("evt_1", "charge.succeeded", "charge", "ch_1"))
	ada := s.Actor(t, "ada@acme.example", tenant.RoleAdmin)
	s.Exec(t, `UPDATE members SET role = 'VIEWER' WHERE email = 'ada@acme.example'`)
	s.Exec(t, `UPDATE api_tokens SET revoked_at = now() WHERE member_id IN (SELECT id FROM members WHERE email = 'ada@acme.example')`)
	_, err := s.Inbox.Disable(ada, inbox.DisableInput{TenantID: s.Tenant.ID, Mode: catalog.Test, Reason: "x"})
	domaintest.WantCode(t, err, fault.Forbidden)
	_, err = s.Inbox.Replay(ada, inbox.ReplayInput{TenantID: s.Tenant.ID, Mode: catalog.Test, EventIDs: []string{"evt_1"}})
	domaintest.WantCode(t, err, fault.Forbidden)
	_, err = s.Inbox.Enable(ada, inbox.EnableInput{TenantID: s.Tenant.ID, Mode: catalog.Test})
	domaintest.WantCode(t, err, fault.Forbidden)
}

// Stripe's sentence may have the address in it, whose end is a secret.
func TestWhatStripeRefusesHidesTheAddress(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	var path string
	s.acts(t, acting{send: func(form url.Values) error {
		path = form.Get("url")[len(s.web.URL+inbox.HookPath):]
		return &catalog.Error{Kind: catalog.KindRequest, Message: "Invalid URL: " + form.Get("url")}
	}})
	_, err := s.Inbox.Enable(s.As, inbox.EnableInput{TenantID: s.Tenant.ID, Mode: catalog.Test})
	domaintest.WantCode(t, err, fault.InvalidState)
	if text := err.Error(); len(path) != 43 || strings.Contains(text, path) || !strings.Contains(text, "Invalid URL") {
		t.Error(text)
	}
}

// Stripe lists events of 30 days. After longer, what is known is read again, and admins are told.
func TestAGapThatNoListCovers(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	s.nextRound(t)
	for i := range 105 {
		s.deliver(t, h, event(fmt.Sprintf("evt_%d", i), "charge.succeeded", "charge", fmt.Sprintf("ch_%d", i)))
	}
	s.Exec(t, `UPDATE stripe_objects SET clean_seq = dirty_seq, job_id = NULL`)
	s.Exec(t, `UPDATE payments_modules SET looked_back = golive_now() - interval '31 days'`)
	s.nextRound(t)
	if n := s.count(t, `stripe_objects WHERE dirty_seq = 2 AND clean_seq = 1 AND job_id IS NOT NULL`); n != 105 {
		t.Errorf("%d of 105 objects are read again", n)
	}
	s.troubled(t, "no longer lists")
	s.nextRound(t)
	s.troubled(t, "")
	if n := s.count(t, `stripe_objects WHERE dirty_seq = 2`); n != 105 {
		t.Error("they are read again and again")
	}
}
