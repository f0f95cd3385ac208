package inbox_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/alert"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

// rounds looks after what is due until nothing is.
func (s *stack) rounds(t *testing.T) {
	t.Helper()
	for n := 1; n > 0; {
		var err error
		n, err = s.Inbox.Round(t.Context())
		must(t, err)
	}
}

// pays has somebody pay something at Stripe in test, which gives a handful of events, and
// returns the intent's id.
func (s *stack) pays(t *testing.T) string {
	t.Helper()
	body := string(s.stripe(t, catalog.Test, http.MethodPost, "/v1/payment_intents",
		"amount=1000&currency=usd&payment_method=pm_card_visa&confirm=true&automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never"))
	at := strings.Index(body, `"pi_`)
	return body[at+1 : at+1+strings.IndexByte(body[at+1:], '"')]
}

// What no webhook brought is there after a round.
func TestBackfill(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.enable(t, catalog.Test)
	var mu sync.Mutex
	late := 0
	s.Inbox.Observe.Backfilled = func(catalog.Mode) { mu.Lock(); defer mu.Unlock(); late++ }
	s.rounds(t)
	s.Stripe.Sim.SetDelivery(stripesim.Delivery{Lost: 100})
	intent := s.pays(t)
	s.rounds(t)
	if n := s.count(t, `stripe_events`); n != 0 {
		t.Errorf("%d events before it is due", n)
	}
	s.Advance(t, 5*time.Minute)
	s.rounds(t)
	found := s.count(t, `stripe_events WHERE source = 'BACKFILL' AND status = 'RECEIVED' AND object_id = $1`, intent)
	if found == 0 || s.count(t, `stripe_events WHERE NOT (type = ANY($1))`, inbox.Types) != 0 || late != 0 {
		t.Errorf("%d events of the intent, %d of them late", found, late)
	}
	// Again and again they are the same, and no deliveries.
	all := s.count(t, `stripe_events`)
	for range 2 {
		s.Advance(t, 5*time.Minute)
		s.rounds(t)
	}
	if s.count(t, `stripe_events WHERE deliveries = 1`) != all || s.count(t, `stripe_events`) != all {
		t.Errorf("of %d events there are %d", all, s.count(t, `stripe_events`))
	}
}

// An account's own version is none of the endpoint's: what a list tells is believed all the same.
func TestBackfillOfAnotherVersion(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.enable(t, catalog.Test)
	s.listing(t, event("evt_1", "charge.succeeded", "charge", "ch_1", func(e map[string]any) { e["api_version"] = "2026-08-26.dahlia" }), []byte(`{"id":"evt_2","object":"thin"}`))
	s.rounds(t)
	if got := s.statusOf(t, "evt_1"); got != "RECEIVED" {
		t.Errorf("it is %q", got)
	}
}

// However long hooks were lost, all of it is found, over as many pages as there are.
func TestBackfillAfterAGap(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	s.rounds(t)
	s.Stripe.Sim.SetDelivery(stripesim.Delivery{Paused: true})
	for range 60 {
		s.pays(t)
	}
	var late int
	var mu sync.Mutex
	s.Inbox.Observe.Backfilled = func(catalog.Mode) { mu.Lock(); defer mu.Unlock(); late++ }
	s.Advance(t, 6*time.Hour)
	s.rounds(t)
	if n := s.count(t, `stripe_objects WHERE kind = 'payment_intent'`); n != 60 {
		t.Errorf("%d of 60 intents are known", n)
	}
	var newest, created time.Time
	must(t, s.Pool.QueryRow(t.Context(), `SELECT newest_event, (SELECT max(created_at) FROM stripe_events) FROM payments_modules`).Scan(&newest, &created))
	if newest.Before(created) {
		t.Errorf("it goes on from %v, and the newest is of %v", newest, created)
	}
	// Their webhooks come after all.
	body := event("evt_x", "charge.succeeded", "charge", "ch_1")
	if status := s.deliver(t, h, body); status != 200 {
		t.Error(status)
	}
}

// Once a day it looks three days back: an event that Stripe listed late is found.
func TestOnceADayItLooksFurtherBack(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.enable(t, catalog.Test)
	s.rounds(t)
	old := event("evt_1", "charge.succeeded", "charge", "ch_1", func(e map[string]any) { e["created"] = time.Now().Add(-48 * time.Hour).Unix() })
	asked := s.listing(t, old)
	var late int
	s.Inbox.Observe.Backfilled = func(catalog.Mode) { late++ }
	s.Advance(t, 5*time.Minute)
	s.rounds(t)
	if since := asked(); time.Since(since) > 20*time.Minute {
		t.Errorf("asked since %v", since)
	}
	s.Advance(t, 25*time.Hour)
	s.rounds(t)
	if since := asked(); time.Since(since) < 44*time.Hour {
		t.Errorf("a day later it asks since %v", since)
	}
	if s.statusOf(t, "evt_1") != "RECEIVED" || late != 1 {
		t.Errorf("found late: %d", late)
	}
}

// What Stripe lists so late that no round asks for it any more is found within the hour, because
// nobody has got it.
func TestEachHourItAsksForWhatNobodyGot(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.enable(t, catalog.Test)
	s.rounds(t)
	s.Stripe.Sim.SetDelivery(stripesim.Delivery{Lost: 100})
	intent := s.pays(t)
	s.Exec(t, `UPDATE payments_modules SET newest_event = now() + interval '3 hours'`)
	s.Advance(t, 5*time.Minute)
	s.rounds(t)
	if n := s.count(t, `stripe_events`); n != 0 {
		t.Errorf("%d events before the hour is over", n)
	}
	s.Advance(t, time.Hour)
	s.rounds(t)
	if s.count(t, `stripe_events WHERE source = 'BACKFILL' AND object_id = $1`, intent) == 0 {
		t.Error("what nobody got is not found")
	}
}

// listing has Stripe list these events, in one page each, and tells since when it was asked.
func (s *stack) listing(t *testing.T, events ...[]byte) (asked func() time.Time) {
	t.Helper()
	open := s.Inbox.Open
	l := &listed{events: events}
	s.Inbox.Open = func(mode catalog.Mode, accountID, key string) inbox.Stripe {
		return listing{open(mode, accountID, key), l}
	}
	return func() time.Time { return l.since }
}

type listed struct {
	events [][]byte
	since  time.Time
}

type listing struct {
	inbox.Stripe
	*listed
}

func (l listing) Events(_ context.Context, since time.Time, after string) (page [][]byte, more bool, err error) {
	l.since = since
	for i, e := range l.events {
		if after == "" || i > 0 && strings.Contains(string(l.events[i-1]), fmt.Sprintf(`"id":%q`, after)) {
			return [][]byte{e}, i+1 < len(l.events), nil
		}
	}
	return nil, false, nil
}

// Somebody disables the endpoint at Stripe: within five minutes it is noticed, and each admin
// told once.
func TestADisabledEndpointIsNoticed(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	s.Actor(t, "ada@acme.example", tenant.RoleAdmin)
	all, err := tenant.Admins(s.As, s.Pool, s.Tenant.ID)
	admins := len(all)
	if err != nil || admins < 2 {
		t.Fatalf("%q, %v", all, err)
	}
	s.rounds(t)
	problem := func(want string) {
		t.Helper()
		m, err := s.Inbox.Module(s.As, s.Tenant.ID, catalog.Test)
		must(t, err)
		if got := deref(m.Problem); !m.Enabled || want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("the problem is %q, want %q", got, want)
		}
		if problems, err := inbox.Problems(s.As, s.Inbox.DB, s.Tenant.ID); err != nil || (len(problems) > 0) != (want != "") {
			t.Errorf("%v, %v", problems, err)
		}
	}
	told := func(want int) {
		t.Helper()
		if n := s.count(t, `mails WHERE kind = 'PAYMENTS_TROUBLE'`); n != want {
			t.Errorf("%d mails, want %d", n, want)
		}
	}
	problem("")
	s.stripe(t, catalog.Test, http.MethodPost, "/v1/webhook_endpoints/"+h.ID, "disabled=true")
	for range 3 {
		s.Advance(t, 5*time.Minute)
		s.rounds(t)
		problem("disabled at Stripe")
		told(admins)
	}
	notice := outbox.Notice{TenantID: s.Tenant.ID, Kind: alert.PaymentsTrouble}
	if composed, err := s.Letters.ComposeAlert(s.As, notice); err != nil || len(composed.Live) != 1 || !strings.HasPrefix(composed.Mail.Detail, "Test mode: The webhook endpoint is disabled") {
		t.Errorf("the mail is %+v, %v", composed, err)
	}
	// Somebody mends it at Stripe, which is no news to mail.
	s.stripe(t, catalog.Test, http.MethodPost, "/v1/webhook_endpoints/"+h.ID, "disabled=false")
	s.Advance(t, 5*time.Minute)
	s.rounds(t)
	problem("")
	told(admins)
	s.enable(t, catalog.Test)
	problem("")
	if composed, err := s.Letters.ComposeAlert(s.As, notice); err != nil || len(composed.Moot) != 1 {
		t.Errorf("once it is repaired the mail is %+v, %v", composed, err)
	}
	s.rounds(t)
	problem("")
	s.stripe(t, catalog.Test, http.MethodDelete, "/v1/webhook_endpoints/"+h.ID, "")
	s.Advance(t, 5*time.Minute)
	s.rounds(t)
	problem("deleted at Stripe")
	told(2 * admins)
	s.enable(t, catalog.Test)
	problem("")
}

// While Stripe is down nothing is concluded, and it is asked again soon.
func TestARoundWithoutStripe(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.enable(t, catalog.Test)
	_, err := s.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Error503, Times: -1, Match: stripesim.Match{Path: "/v1/webhook_endpoints/"}})
	must(t, err)
	s.rounds(t)
	if n := s.count(t, `payments_modules WHERE problem IS NULL AND next_round_at BETWEEN golive_now() AND golive_now() + interval '30 seconds'`); n != 1 {
		t.Error("it is not asked again soon, or blamed")
	}
	s.Stripe.Sim.ClearFaults()
	must(t, s.Stripe.Sim.SetKey(s.Stripe.Account.ID, stripesim.KeyConfig{Key: s.Stripe.Account.TestKey, Mode: stripesim.Test, Expired: true}))
	s.Advance(t, time.Minute)
	s.rounds(t)
	if m, err := s.Inbox.Module(s.As, s.Tenant.ID, catalog.Test); err != nil || !strings.Contains(deref(m.Problem), "revoked or expired") {
		t.Errorf("%v, %v", deref(m.Problem), err)
	}
	domaintest.Until(t, "admins are told", func() bool { return s.count(t, `mails WHERE kind = 'PAYMENTS_TROUBLE'`) > 0 })
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
