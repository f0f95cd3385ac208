package payout_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/stripesim"
)

const month = 31 * 24 * time.Hour

// A mismatch that is put right goes, however old it is, and stays until then.
func TestAMismatchOfLongAgoGoes(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.unheard(t, 1, available, "a")
	refunded := st.paid(t, 1, available, "b")
	_, err := st.Stripe.Sim.Refund(*refunded.Payments[0].ChargeID, 500)
	must(t, err)
	st.compare(t)
	st.Advance(t, 11*time.Minute)
	st.compare(t)
	st.Advance(t, month)
	st.compare(t)
	if got := st.open(t); len(got) != 2 {
		t.Fatalf("a month later told %v", got)
	}
	intents, err := st.Stripe.Sim.Requests(stripesim.RequestFilter{Method: "GET", Path: "/v1/payment_intents/", Mode: stripesim.Test})
	must(t, err)
	if len(intents) == 0 {
		t.Error("it wasn't asked for by its id")
	}
	st.ring(t, inbox.Session, *o.Payments[0].SessionID)
	st.ring(t, inbox.Charge, *refunded.Payments[0].ChargeID)
	st.compare(t)
	if got := st.open(t); len(got) != 0 {
		t.Errorf("put right, told %v", got)
	}
	for _, o := range []string{o.ID, refunded.ID} {
		if n := st.one(t, `SELECT count(*) FROM payments WHERE order_id = $1 AND unreconciled`, o); n != 0 {
			t.Error("the order still shows it")
		}
	}
}

// A hold that is taken, a refund that fails and a dispute that is won, all long after they were
// made and without news, are read again because they move the balance.
func TestWhatMovesTheBalanceLateIsRead(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.authorized(t)
	refunded := st.paid(t, 1, available, "b")
	refund, err := st.Stripe.Sim.Refund(*refunded.Payments[0].ChargeID, 500)
	must(t, err)
	st.ring(t, inbox.Charge, *refunded.Payments[0].ChargeID)
	disputed := st.paid(t, 1, available, "c")
	dispute, err := st.Stripe.Sim.Dispute(*disputed.Payments[0].ChargeID, stripesim.Dispute{})
	must(t, err)
	st.ring(t, inbox.Charge, *disputed.Payments[0].ChargeID)
	st.compare(t)
	st.Exec(t, `UPDATE stripe_objects SET clean_seq = dirty_seq`) // the dispute came with a movement
	st.compare(t)
	if n := st.one(t, `SELECT count(*) FROM stripe_objects WHERE dirty_seq > clean_seq`); n != 0 {
		t.Errorf("%d are read without need", n)
	}
	st.Advance(t, 6*24*time.Hour)
	st.take(t, o)
	must(t, st.Stripe.Sim.Settle(refund, false))
	must(t, st.Stripe.Sim.Decide(dispute, "won"))
	st.compare(t)
	for kind, id := range map[inbox.Kind]string{inbox.Charge: *o.Payments[0].ChargeID, inbox.Refund: refund, inbox.Dispute: dispute} {
		if !st.touched(t, kind, id) {
			t.Errorf("the %s is not read", kind)
		}
		st.ring(t, kind, id)
	}
	if now := st.look(t, o); now.Captured != 1850 || now.Status != ledger.Paid {
		t.Errorf("the hold is %+v", now.Order)
	}
	if now := st.look(t, refunded); !slices.Contains(now.Attention, ledger.RefundHasFailed) {
		t.Errorf("the refund is %+v", now.Order)
	}
	if now := st.look(t, disputed); now.Disputed != 0 {
		t.Errorf("the dispute is %+v", now.Order)
	}
}

// A dispute that is lost moves nothing, and is compared all the same.
func TestADisputeLostLateIsAMismatch(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.paid(t, 1, available, "a")
	dispute, err := st.Stripe.Sim.Dispute(*o.Payments[0].ChargeID, stripesim.Dispute{})
	must(t, err)
	st.ring(t, inbox.Charge, *o.Payments[0].ChargeID)
	st.Advance(t, 2*month)
	must(t, st.Stripe.Sim.Decide(dispute, "lost"))
	st.compare(t)
	st.Advance(t, 11*time.Minute)
	st.compare(t)
	if got := st.open(t); len(got) != 1 || !strings.Contains(got[0], "(lost) at Stripe") {
		t.Errorf("told %v", got)
	}
	st.ring(t, inbox.Dispute, dispute)
	st.compare(t)
	if got := st.open(t); len(got) != 0 {
		t.Errorf("put right, told %v", got)
	}
}
