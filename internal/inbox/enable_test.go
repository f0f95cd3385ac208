package inbox_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/stripesim"
)

func TestEnableMakesAnEndpointOnce(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	for _, mode := range []catalog.Mode{catalog.Test, catalog.Live} {
		h := s.enable(t, mode)
		if len(pathOf(h)) != 43 || !strings.HasPrefix(h.URL, s.web.URL+"/hooks/stripe/") || h.APIVersion != "2023-10-16" || h.Status != "enabled" ||
			!slices.Equal(h.EnabledEvents, inbox.Types) || len(h.EnabledEvents) != 33 || h.Metadata["golive"] != s.Tenant.ID+"/payments/"+string(mode) {
			t.Errorf("made %+v", h)
		}
		again := s.enable(t, mode)
		if again.ID != h.ID || again.Secret != h.Secret {
			t.Errorf("made %+v again", again)
		}
	}
	if n := s.count(t, `audit_log WHERE action = 'payments.enabled'`); n != 2 {
		t.Errorf("%d entries in the audit log", n)
	}
	var found bool
	for _, mode := range []catalog.Mode{catalog.Test, catalog.Live} {
		h := s.hook(t, mode)
		must(t, s.Pool.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM payments_modules m WHERE m::text LIKE '%' || $1 || '%' OR m::text LIKE '%' || $2 || '%')
			OR EXISTS (SELECT FROM audit_log a WHERE a::text LIKE '%' || $1 || '%' OR a::text LIKE '%' || $2 || '%')
			OR EXISTS (SELECT FROM webhook_secrets w WHERE encode(sealed, 'escape') LIKE '%' || $2 || '%')`, pathOf(h), h.Secret).Scan(&found))
		if found || strings.Contains(s.logs.String(), pathOf(h)) || strings.Contains(s.logs.String(), h.Secret) {
			t.Error("the path or the secret can be read")
		}
	}
}

// Between the call and the note of what it made, the process dies: nobody has the secret.
func TestAnEndpointThatNobodyNotedIsMadeAgain(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Live)
	s.Exec(t, `DELETE FROM webhook_secrets`)
	s.Exec(t, `UPDATE payments_modules SET endpoint_id = NULL`)
	again := s.enable(t, catalog.Live)
	if again.ID == h.ID || again.Secret == h.Secret || again.URL == h.URL {
		t.Errorf("%s is still there", h.ID)
	}
}

// Somebody else's endpoints are left alone, also where they lead to the same place.
func TestStrangeEndpointsAreLeftAlone(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.stripe(t, catalog.Test, http.MethodPost, "/v1/webhook_endpoints", "url=https://shop.example/hook&enabled_events[]=*")
	s.stripe(t, catalog.Test, http.MethodPost, "/v1/webhook_endpoints", "url=https://shop.example/hook&enabled_events[]=*&metadata[golive]=another/payments/TEST")
	_, err := s.Inbox.Enable(s.As, inbox.EnableInput{TenantID: s.Tenant.ID, Mode: catalog.Test})
	must(t, err)
	if all := s.hooks(t, catalog.Test); len(all) != 3 {
		t.Errorf("the account has %+v", all)
	}
}

func TestEnableMendsWhatSomebodyChanged(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	s.stripe(t, catalog.Test, http.MethodPost, "/v1/webhook_endpoints/"+h.ID, "disabled=true&enabled_events[]=charge.failed&url=https://elsewhere.example/hooks/stripe/"+pathOf(h))
	now := s.enable(t, catalog.Test)
	if now.ID != h.ID || now.URL != h.URL || now.Status != "enabled" || !slices.Equal(now.EnabledEvents, inbox.Types) {
		t.Errorf("it is %+v", now)
	}
}

// The version of an endpoint can't be changed. One of another version gives way to one at the
// same address, where for a day both secrets are good.
func TestAnEndpointOfAnotherVersionGivesWay(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	old := s.enable(t, catalog.Test)
	s.ofAnotherVersion(t, old)
	now := s.enable(t, catalog.Test)
	if now.ID == old.ID || now.URL != old.URL || now.APIVersion != "2023-10-16" {
		t.Errorf("it is %+v", now)
	}
	for id, h := range map[string]hook{"evt_old": old, "evt_new": now} {
		if status := s.deliver(t, h, event(id, "charge.succeeded", "charge", "ch_1")); status != 200 {
			t.Errorf("%s: %d", id, status)
		}
	}
	s.Exec(t, `UPDATE webhook_secrets SET until = until - interval '25 hours'`)
	domaintest.Until(t, "the old secret is good no more", func() bool {
		return s.deliver(t, old, event("evt_late", "charge.succeeded", "charge", "ch_1")) == 400
	})
	for range 4 {
		s.ofAnotherVersion(t, now)
		now = s.enable(t, catalog.Test)
	}
	if n := s.count(t, `webhook_secrets`); n != 3 || s.deliver(t, now, event("evt_newest", "charge.succeeded", "charge", "ch_1")) != 200 {
		t.Errorf("%d secrets", n)
	}
}

func TestEnableRefuses(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	in := inbox.EnableInput{TenantID: s.Tenant.ID, Mode: catalog.Live}
	refused := func(want fault.Code, says string) {
		t.Helper()
		_, err := s.Inbox.Enable(s.As, in)
		domaintest.WantCode(t, err, want)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
		if n := s.count(t, `payments_modules WHERE enabled`); n != 0 {
			t.Errorf("%d are enabled", n)
		}
	}
	public := s.Inbox.PublicURL
	s.Inbox.PublicURL = "http://golive.example"
	refused(fault.InvalidState, "GOLIVE_PUBLIC_URL")
	refused(fault.InvalidState, "stripe listen --forward-to")
	s.Inbox.PublicURL, s.Inbox.StripeBase = public, "https://api.stripe.com"
	refused(fault.InvalidState, "GOLIVE_PUBLIC_URL")
	s.Inbox.StripeBase = s.Stripe.URL
	// Something else listens there, and takes whatever comes, or refuses it.
	s.Inbox.PublicURL = "http://127.0.0.1:1"
	refused(fault.InvalidState, "can't reach its own webhook endpoint")
	for status, says := range map[int]string{200: "a forged event with 200", 404: "a signed event with 404"} {
		s.Inbox.PublicURL = somebody(t, status)
		refused(fault.InvalidState, says)
	}
	s.Inbox.PublicURL = public
	for _, origin := range []string{"shop.example", "http://shop.example", "https://shop.example/path", "https://u:p@shop.example", "https://*.example", "ftp://x", "https://", "https://shop.example:"} {
		in.Origins = []string{"https://fine.example", origin}
		_, err := s.Inbox.Enable(s.As, in)
		if f := fault.As(err); f == nil || f.Code != fault.InvalidInput || !slices.Equal(f.Field, []string{"input", "origins", "1"}) {
			t.Errorf("%s: %v", origin, err)
		}
	}
	in.Origins = nil
	s.Exec(t, `UPDATE payments_modules SET turn = gen_random_uuid(), turn_until = now() + interval '1 hour'`)
	refused(fault.InvalidState, "Someone else")
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	m, err := s.Inbox.Enable(s.As, inbox.EnableInput{TenantID: s.Tenant.ID, Mode: catalog.Test, Origins: []string{
		"https://Shop.example:443/", "https://shop.example", "https://pay.example:8443", "http://localhost:3000", "http://127.0.0.1:80",
	}})
	must(t, err)
	want := []string{"https://shop.example", "https://pay.example:8443", "http://localhost:3000", "http://127.0.0.1"}
	if !slices.Equal(m.Origins, want) {
		t.Errorf("%q", m.Origins)
	}
	m, err = s.Inbox.Enable(s.As, inbox.EnableInput{TenantID: s.Tenant.ID, Mode: catalog.Test})
	if err != nil || !slices.Equal(m.Origins, want) {
		t.Errorf("left out they become %q, %v", m.Origins, err)
	}
	m, err = s.Inbox.Enable(s.As, inbox.EnableInput{TenantID: s.Tenant.ID, Mode: catalog.Test, Origins: []string{}})
	if err != nil || len(m.Origins) != 0 {
		t.Errorf("emptied they are %q, %v", m.Origins, err)
	}
}

// Whoever asks after the end of disabling is refused; what came in is still taken.
func TestDisable(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	ask := func(want fault.Code) {
		t.Helper()
		err := postgres.InTx(s.As, s.Inbox.DB, func(tx postgresTx) error { return inbox.Enabled(s.As, tx, s.Tenant.ID, catalog.Test) })
		domaintest.WantCode(t, err, want)
	}
	ask("")
	_, err := s.Inbox.Disable(s.As, inbox.DisableInput{TenantID: s.Tenant.ID, Mode: catalog.Test, Reason: " "})
	domaintest.WantCode(t, err, fault.InvalidInput)
	ask("")
	for range 2 {
		m, err := s.Inbox.Disable(s.As, inbox.DisableInput{TenantID: s.Tenant.ID, Mode: catalog.Test, Reason: "a leak"})
		if err != nil || m.Enabled || m.EndpointID == nil {
			t.Errorf("%+v, %v", m, err)
		}
	}
	ask(fault.PaymentsDisabled)
	if status := s.deliver(t, h, event("evt_after", "charge.succeeded", "charge", "ch_1")); status != 200 {
		t.Errorf("%d", status)
	}
	if n := s.count(t, `audit_log WHERE action = 'payments.disabled' AND reason = 'a leak'`); n != 1 {
		t.Errorf("%d entries", n)
	}
	s.enable(t, catalog.Test)
	ask("")
	s.Exec(t, `UPDATE stripe_connections SET account_id = 'acct_other'`)
	ask(fault.InvalidState)
}

func TestWhoMayEnable(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	for _, as := range s.below(t) {
		_, err := s.Inbox.Enable(as, inbox.EnableInput{TenantID: s.Tenant.ID, Mode: catalog.Test})
		domaintest.WantCode(t, err, fault.Forbidden)
		_, err = s.Inbox.Disable(as, inbox.DisableInput{TenantID: s.Tenant.ID, Mode: catalog.Test, Reason: "x"})
		domaintest.WantCode(t, err, fault.Forbidden)
	}
	_, err := s.Inbox.Module(s.Stranger(t), s.Tenant.ID, catalog.Test)
	domaintest.WantCode(t, err, fault.NotFound)
}

// Stripe makes the endpoint, and its answer is lost with the secret in it.
func TestAnEndpointWhoseAnswerWasLostIsMadeAgain(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	for _, kind := range []string{stripesim.ResetAfter, stripesim.Truncated, stripesim.After500} {
		_, err := s.Stripe.Sim.AddFault(stripesim.Fault{Kind: kind, Match: stripesim.Match{Method: http.MethodPost, Path: "/v1/webhook_endpoints$"}})
		must(t, err)
		_, err = s.Inbox.Enable(s.As, inbox.EnableInput{TenantID: s.Tenant.ID, Mode: catalog.Live})
		domaintest.WantCode(t, err, fault.StripeUnavailable)
		if len(s.hooks(t, catalog.Live)) != 1 || s.count(t, `payments_modules WHERE enabled OR endpoint_id IS NOT NULL`) != 0 {
			t.Errorf("%s leaves something else", kind)
		}
	}
	h := s.enable(t, catalog.Live)
	if status := s.deliver(t, h, event("evt_1", "charge.succeeded", "charge", "ch_1", func(e map[string]any) { e["livemode"] = true })); status != 200 {
		t.Errorf("%d", status)
	}
}

// Many who enable it at a time make one endpoint.
func TestEnablingAtATime(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.Exec(t, `DELETE FROM quotas`)
	var all sync.WaitGroup
	var won atomic.Int32
	for range 10 {
		all.Go(func() {
			_, err := s.Inbox.Enable(s.As, inbox.EnableInput{TenantID: s.Tenant.ID, Mode: catalog.Test})
			if err == nil {
				won.Add(1)
			} else {
				domaintest.WantCode(t, err, fault.InvalidState)
			}
		})
	}
	domaintest.Wait(t, &all, "ten who enable payments")
	s.hook(t, catalog.Test)
	if won.Load() == 0 {
		t.Error("nobody could")
	}
}
