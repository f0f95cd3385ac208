package order_test

import (
	"slices"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/ledger"
)

// ends are how orders end whose scenario has been played, and why people are asked to look.
var ends = map[string]struct {
	status    ledger.OrderStatus
	attention []ledger.Attention
}{
	"success":                   {ledger.Paid, nil},
	"declined, then paid":       {ledger.Paid, nil},
	"3-D Secure":                {ledger.Paid, nil},
	"3-D Secure fails":          {ledger.AwaitingPayment, nil},
	"delayed, succeeds":         {ledger.Paid, nil},
	"delayed, fails":            {ledger.AwaitingPayment, nil},
	"expires":                   {ledger.AwaitingPayment, nil},
	"cancelled":                 {ledger.AwaitingPayment, nil},
	"captured":                  {ledger.Paid, nil},
	"hold runs out":             {ledger.Expired, nil},
	"captured in part":          {ledger.Paid, nil},
	"refunded twice":            {ledger.Paid, nil},
	"refund pends and fails":    {ledger.Paid, []ledger.Attention{ledger.RefundHasFailed}},
	"refund succeeds and fails": {ledger.Paid, []ledger.Attention{ledger.RefundHasFailed}},
	"dispute, won":              {ledger.Paid, nil},
	"dispute, lost":             {ledger.Paid, nil},
	"inquiry, escalates":        {ledger.Paid, nil},
	"paid out, and back":        {ledger.Paid, nil},
}

// plays has all scenarios happen one after the other, with a pause after each.
func (st *hooked) plays(t *testing.T, pause time.Duration) map[string]*played {
	t.Helper()
	all := map[string]*played{}
	for _, s := range scenarios {
		p := st.begin(t, s)
		for _, act := range s.acts {
			act(t, p)
		}
		all[s.name] = p
		st.Advance(t, pause)
	}
	return all
}

// isRight holds all that was played to how it ends, and to Stripe.
func (st *hooked) isRight(t *testing.T, all map[string]*played) {
	t.Helper()
	st.quiet(t)
	for name, p := range all {
		if p.order == nil {
			continue
		}
		want, known := ends[name]
		if now := st.look(t, p.order); !known || now.Status != want.status || !slices.Equal(now.Attention, want.attention) && len(now.Attention)+len(want.attention) > 0 {
			t.Errorf("%s ends %s with %v, want %v", name, now.Status, now.Attention, want)
		}
	}
	st.agrees(t)
}

// Nothing that Stripe sends comes for six hours, in which customers pay, refund and dispute, and no
// worker is there: six minutes after it is, all is right. So it is while workers are there and
// hooks are still lost.
func TestHooksLostForSixHours(t *testing.T) {
	t.Parallel()
	st := newHooked(t)
	st.rounds(t, 5*time.Minute)
	st.away.Store(true)
	began := st.Clock(t)
	before := st.plays(t, 6*time.Hour/time.Duration(len(scenarios)-1))
	must(t, st.Stripe.Sim.Delivered(t.Context()))
	if n := st.one(t, `SELECT count(*) FROM stripe_events`); n != 0 || st.Clock(t).Sub(began) < 6*time.Hour {
		t.Fatalf("%d events came in %v", n, st.Clock(t).Sub(began))
	}
	st.WorkStripe(t)
	st.rounds(t, 6*time.Minute)
	st.isRight(t, before)
	meanwhile := st.plays(t, 0)
	st.rounds(t, 6*time.Minute)
	st.isRight(t, meanwhile)
	if n := st.one(t, `SELECT count(*) FROM stripe_events WHERE source = 'WEBHOOK'`); n != 0 {
		t.Errorf("%d events came by themselves", n)
	}
}
