package inbox_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/stripesim"
)

// acting is an account where a test does something before it is asked.
type acting struct {
	inbox.Stripe
	endpoints func()
	send      func(form url.Values) error
	events    func(after string) (page [][]byte, more bool, err error)
}

func (a acting) Endpoints(ctx context.Context) ([]inbox.Endpoint, error) {
	if a.endpoints != nil {
		a.endpoints()
	}
	return a.Stripe.Endpoints(ctx)
}

func (a acting) Send(ctx context.Context, w catalog.Write) (catalog.Written, error) {
	if a.send != nil {
		form, err := url.ParseQuery(w.Body)
		return catalog.Written{}, errors.Join(err, a.send(form))
	}
	return a.Stripe.Send(ctx, w)
}

func (a acting) Events(ctx context.Context, since time.Time, after string) (page [][]byte, more bool, err error) {
	if a.events != nil {
		return a.events(after)
	}
	return a.Stripe.Events(ctx, since, after)
}

// acts puts something before the account.
func (s *stack) acts(t *testing.T, a acting) {
	t.Helper()
	open := s.Inbox.Open
	s.Inbox.Open = func(mode catalog.Mode, accountID, key string) inbox.Stripe {
		a := a
		a.Stripe = open(mode, accountID, key)
		return a
	}
	t.Cleanup(func() { s.Inbox.Open = open })
}

// nextRound makes rounds once it is time for them.
func (s *stack) nextRound(t *testing.T) {
	t.Helper()
	s.Advance(t, 5*time.Minute)
	s.rounds(t)
}

// troubled holds the module's problem in test to what is expected, "" for none.
func (s *stack) troubled(t *testing.T, want string) {
	t.Helper()
	m, err := s.Inbox.Module(s.As, s.Tenant.ID, catalog.Test)
	must(t, err)
	if got := deref(m.Problem); want == "" && got != "" || !strings.Contains(got, want) {
		t.Errorf("the problem is %q, want %q", got, want)
	}
}

// oldEvent is of a time when its webhook should have come long ago.
func oldEvent(id string) []byte {
	return event(id, "charge.succeeded", "charge", "ch_1", func(e map[string]any) { e["created"] = time.Now().Add(-8 * time.Minute).Unix() })
}

// With another account nothing is looked after until payments are enabled for it, and what was
// wrong with the first one's endpoint is forgotten. Others are looked after all the while.
func TestAnotherAccountStopsNoRounds(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.enable(t, catalog.Test)
	s.enable(t, catalog.Live)
	s.Exec(t, `UPDATE payments_modules SET account_id = 'acct_before', problem = 'x' WHERE NOT livemode`)
	_, err := s.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Error503, Times: -1, Match: stripesim.Match{Path: "/v1/webhook_endpoints"}})
	must(t, err)
	_, err = s.Inbox.Enable(s.As, inbox.EnableInput{TenantID: s.Tenant.ID, Mode: catalog.Test})
	domaintest.WantCode(t, err, fault.StripeUnavailable)
	s.Stripe.Sim.ClearFaults()
	s.nextRound(t)
	if n := s.count(t, `payments_modules WHERE livemode AND next_round_at > golive_now() OR NOT livemode AND next_round_at IS NULL AND problem IS NULL`); n != 2 {
		t.Errorf("%d of 2 are as they should be", n)
	}
}

// The endpoint is gone, and making another one fails: events are found by asking, and admins told.
func TestARepairThatFailsIsLookedAfter(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	s.rounds(t)
	s.stripe(t, catalog.Test, http.MethodDelete, "/v1/webhook_endpoints/"+h.ID, "")
	_, err := s.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Error503, Times: -1, Match: stripesim.Match{Method: http.MethodPost, Path: "/v1/webhook_endpoints$"}})
	must(t, err)
	_, err = s.Inbox.Enable(s.As, inbox.EnableInput{TenantID: s.Tenant.ID, Mode: catalog.Test})
	domaintest.WantCode(t, err, fault.StripeUnavailable)
	intent := s.pays(t)
	s.nextRound(t)
	if n := s.count(t, `stripe_events WHERE source = 'BACKFILL' AND object_id = $1`, intent); n == 0 {
		t.Error("what happened meanwhile is not known")
	}
	s.troubled(t, "no webhook endpoint at Stripe")
	domaintest.Until(t, "admins are told", func() bool { return s.count(t, `mails WHERE kind = 'PAYMENTS_TROUBLE'`) > 0 })
	s.Stripe.Sim.ClearFaults()
	s.enable(t, catalog.Test)
	s.nextRound(t)
	s.troubled(t, "")
}

// Whoever disables payments while another admin enables them has the last word.
func TestDisablingEndsAnEnabling(t *testing.T) {
	t.Parallel()
	for _, enabled := range []bool{true, false} {
		s := newStack(t)
		if enabled {
			s.enable(t, catalog.Test)
		}
		var once sync.Once
		s.acts(t, acting{endpoints: func() {
			once.Do(func() {
				_, err := s.Inbox.Disable(s.As, inbox.DisableInput{TenantID: s.Tenant.ID, Mode: catalog.Test, Reason: "a leak"})
				must(t, err)
			})
		}})
		_, err := s.Inbox.Enable(s.As, inbox.EnableInput{TenantID: s.Tenant.ID, Mode: catalog.Test})
		domaintest.WantCode(t, err, fault.InvalidState)
		if n := s.count(t, `payments_modules WHERE NOT enabled AND turn_until > clock_timestamp()`); n != 1 {
			t.Error("it is enabled, or anyone else may be at it already")
		}
		if n := s.count(t, `audit_log WHERE action = 'payments.disabled' AND reason = 'a leak'`); n != 1 {
			t.Errorf("%d entries", n)
		}
	}
}

// A round that doesn't get to the end of a list goes on there the next time, as long as Stripe
// knows the event that it goes on after.
func TestARoundGoesOnWithAList(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.enable(t, catalog.Test)
	var asked []string
	fails := map[string]error{"evt_2": &catalog.Error{Kind: catalog.KindNetwork}}
	s.acts(t, acting{events: func(after string) ([][]byte, bool, error) {
		asked = append(asked, after)
		switch err := fails[after]; {
		case err != nil:
			return nil, false, err
		case after == "":
			return [][]byte{oldEvent("evt_1"), oldEvent("evt_2")}, true, nil
		}
		return [][]byte{oldEvent("evt_3")}, false, nil
	}})
	expect := func(want string) {
		t.Helper()
		asked = nil
		s.nextRound(t)
		if got := strings.Join(asked, ","); got != want {
			t.Errorf("asked for what follows %q, want %q", got, want)
		}
	}
	expect(",evt_2")
	fails = nil
	expect("evt_2")
	expect(",evt_2")
	fails = map[string]error{"evt_2": &catalog.Error{Kind: catalog.KindNetwork}}
	expect(",evt_2")
	fails = map[string]error{"evt_2": &catalog.Error{Kind: catalog.KindRequest, Message: "No such event"}}
	expect("evt_2,,evt_2")
	s.troubled(t, "Stripe refused to list events: No such event")
}

// A stand-in for Stripe that gives the same page again and again is not asked for ever, and
// one that lists what is no event is not believed to list none.
func TestListsThatCannotBe(t *testing.T) {
	t.Parallel()
	for says, page := range map[string][]byte{"doesn't end": oldEvent("evt_1"), "can be read": []byte(`{"id":"evt_1","object":"thin"}`)} {
		s := newStack(t)
		s.enable(t, catalog.Test)
		s.acts(t, acting{events: func(string) ([][]byte, bool, error) { return [][]byte{page}, true, nil }})
		s.nextRound(t)
		if n := s.count(t, `payments_modules WHERE next_round_at <= golive_now() + interval '30 seconds'`); n != 1 || !strings.Contains(s.logs.String(), says) {
			t.Errorf("%q is not in the log, or it is not asked again soon", says)
		}
	}
}

// A list may have events of the other mode or of another account, where something else answers
// for Stripe.
func TestListedEventsOfOthersAreNotStored(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.enable(t, catalog.Test)
	s.acts(t, acting{events: func(string) ([][]byte, bool, error) {
		return [][]byte{
			event("evt_live", "charge.succeeded", "charge", "ch_1", func(e map[string]any) { e["livemode"] = true }),
			event("evt_other", "charge.succeeded", "charge", "ch_1", func(e map[string]any) { e["account"] = "acct_other" }), oldEvent("evt_ours"),
		}, false, nil
	}})
	s.nextRound(t)
	if n := s.count(t, `stripe_events`); n != 1 || s.statusOf(t, "evt_ours") != "RECEIVED" {
		t.Errorf("%d are stored", n)
	}
}

// A key that may read endpoints and no events is one problem, told once.
func TestAKeyWithoutEventsIsToldOnce(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.enable(t, catalog.Test)
	s.acts(t, acting{events: func(string) ([][]byte, bool, error) {
		return nil, false, &catalog.Error{Kind: catalog.KindPermission, Status: 403, Message: "rak_event_read"}
	}})
	for range 3 {
		s.nextRound(t)
		s.troubled(t, "rak_event_read")
	}
	if n := strings.Count(s.logs.String(), "Stripe's events don't come as they should"); n != 1 {
		t.Errorf("told %d times", n)
	}
}

func TestAnEndpointThatLeadsElsewhereIsNoticed(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	for _, elsewhere := range []string{"https://elsewhere.example/hooks/stripe/" + pathOf(h), s.web.URL + inbox.HookPath + strings.Repeat("A", 43)} {
		s.stripe(t, catalog.Test, http.MethodPost, "/v1/webhook_endpoints/"+h.ID, "url="+elsewhere)
		s.nextRound(t)
		s.troubled(t, "another address")
	}
	s.enable(t, catalog.Test)
	s.nextRound(t)
	s.troubled(t, "")
}

// Someone rolls the secret in Stripe's Dashboard: nothing that comes is taken any more, which
// tells after two rounds. Enabling payments again makes an endpoint whose secret is known.
func TestASecretThatSomeoneRolledIsNoticed(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	s.deliver(t, h, event("evt_0", "charge.succeeded", "charge", "ch_1"))
	var listed [][]byte
	s.acts(t, acting{events: func(string) ([][]byte, bool, error) { return listed, false, nil }})
	listed = [][]byte{oldEvent("evt_1"), oldEvent("evt_2"), oldEvent("evt_3")}
	s.nextRound(t)
	s.troubled(t, "") // Golive may have been away
	s.Exec(t, `UPDATE stripe_events SET received_at = received_at - interval '5 minutes', created_at = created_at - interval '5 minutes'`)
	listed = [][]byte{oldEvent("evt_4")}
	s.nextRound(t)
	s.troubled(t, "rolled in the Stripe Dashboard")
	now := s.enable(t, catalog.Test)
	if now.ID == h.ID || now.URL != h.URL || now.Secret == h.Secret {
		t.Errorf("it is %+v", now)
	}
	s.nextRound(t)
	s.troubled(t, "")
	// One delivery tells that they come.
	if status := s.deliver(t, now, event("evt_5", "charge.succeeded", "charge", "ch_1")); status != 200 {
		t.Error(status)
	}
}
