package payout_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/payout"
	"github.com/golive-hq/golive/internal/stripesim"
)

// Every cent of a payout is explained, whatever it is made of.
func TestAPayoutIsExplainedToTheUnit(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	first, second := st.paid(t, 3, available, "a"), st.paid(t, 1, available, "b")
	_, err := st.Stripe.Sim.Refund(*second.Payments[0].ChargeID, 1000)
	must(t, err)
	st.ring(t, inbox.Charge, *second.Payments[0].ChargeID)
	_, err = st.Stripe.Sim.Adjust(st.Stripe.Account.ID, stripesim.Test, "usd", -25, "stripe_fee")
	must(t, err)
	id := st.paidOut(t)
	st.ring(t, inbox.Payout, id)
	// 55.50 and 18.50 less 2.9 % and 0.30 each, less the refund and Stripe's fee.
	const amount = 5550 - 191 + 1850 - 84 - 1000 - 25
	p := st.listed(t)
	if p.StripePayoutID != id || p.Amount != amount || p.Residual != amount || p.ReconciledAt != nil || p.Status != "in_transit" {
		t.Errorf("on its way it is %+v", p)
	}
	must(t, st.Stripe.Sim.Settle(id, true))
	st.ring(t, inbox.Payout, id)
	p = st.listed(t)
	if p.Status != "paid" || p.Residual != 0 || p.ReconciledAt == nil || p.Fees != 191+84 || p.Transactions != 4 || p.ReadTo != nil {
		t.Errorf("arrived it is %+v", p)
	}
	lines, err := st.Payouts.LinesOf(st.As, p)
	must(t, err)
	want := []ledger.PayoutLine{
		{Category: "charge", Currency: "usd", Count: 2, Gross: 7400, Fee: 275, Net: 7125},
		{Category: "refund", Currency: "usd", Count: 1, Gross: -1000, Net: -1000},
		{Category: "stripe_fee", Currency: "usd", Count: 1, Gross: -25, Net: -25},
	}
	if fmt.Sprint(lines) != fmt.Sprint(want) {
		t.Errorf("lines\n got %+v\nwant %+v", lines, want)
	}
	if ledger.Residual(p.Amount, p.Currency, lines) != 0 {
		t.Error("its lines don't come to it")
	}
	page, err := st.Payouts.Transactions(st.As, p, 10, "")
	must(t, err)
	whose := map[string]int{}
	for _, x := range page.Transactions {
		if x.OrderID != nil {
			whose[*x.OrderID]++
		}
		if x.Gross-x.Fee != x.Net {
			t.Errorf("%+v", x)
		}
	}
	if len(page.Transactions) != 4 || page.HasNext || whose[first.ID] != 1 || whose[second.ID] != 2 {
		t.Errorf("its transactions are %+v of %v", page, whose)
	}
	if *first.Payments[0].Fee != 191 || *first.Payments[0].FeeCurrency != "usd" {
		t.Errorf("the fee of a payment is %v", first.Payments[0].Fee)
	}
	// It comes back: nothing of what explained it changes.
	must(t, st.Stripe.Sim.Settle(id, false))
	st.ring(t, inbox.Payout, id)
	if p = st.listed(t); p.Status != "failed" || p.Residual != 0 || p.ReconciledAt == nil {
		t.Errorf("failed it is %+v", p)
	}
}

// What nothing explains is named, told once, and closed once it is explained.
func TestWhatIsNotExplainedIsTold(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	o := st.paid(t, 1, available, "a")
	st.paid(t, 2, available, "b")
	id := st.paidOut(t)
	must(t, st.Stripe.Sim.Settle(id, true))
	state, err := st.Stripe.Sim.Dump(st.Stripe.Account.ID, stripesim.Test)
	must(t, err)
	var hidden string
	for _, raw := range state.BalanceTransactions {
		var x struct{ ID, Source string }
		must(t, json.Unmarshal(raw, &x))
		if x.Source == *o.Payments[0].ChargeID {
			hidden = x.ID
		}
	}
	hides, err := st.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Hide, IDs: []string{hidden}, Times: -1, Match: stripesim.Match{Path: "balance_transactions"}})
	must(t, err)
	for range 2 {
		st.ring(t, inbox.Payout, id)
	}
	const says = "Of the payout %s over 53.29 USD, 17.66 USD is not explained by its transactions: charge 35.63 USD."
	if p := st.listed(t); p.Residual != 1766 || p.ReconciledAt != nil || p.Fees != 137 {
		t.Errorf("it is %+v", p)
	}
	told, err := payout.Mismatches(t.Context(), st.Pool, st.Tenant.ID)
	must(t, err)
	if len(told) != 1 || told[0].Says != fmt.Sprintf(says, id) {
		t.Errorf("told %+v", told)
	}
	st.Deliver(t)
	if got := post.Take(); len(got) != 1 || !strings.HasPrefix(got[0].Subject, "Needs you: Stripe and Golive disagree") {
		t.Errorf("mails %+v", got)
	}
	// However long ago it was, it is read again.
	st.Advance(t, 20*24*time.Hour)
	st.compare(t)
	if !st.touched(t, inbox.Payout, id) {
		t.Error("nobody reads it again")
	}
	st.Stripe.Sim.RemoveFault(hides)
	st.ring(t, inbox.Payout, id)
	if p := st.listed(t); p.Residual != 0 || p.ReconciledAt == nil {
		t.Errorf("then it is %+v", p)
	}
	if told, err = payout.Mismatches(t.Context(), st.Pool, st.Tenant.ID); err != nil || len(told) != 0 {
		t.Errorf("told %+v, %v", told, err)
	}
}

// A read that was cut off goes on where it was, and 10,000 transactions are no matter.
func TestAPayoutOfTenThousandTransactions(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	const count = 10_000
	now := time.Now().Unix()
	state := stripesim.State{}
	sum := int64(0)
	for i := range count {
		amount, fee := int64(1000+i%700), int64(59+i%7)
		sum += amount - fee
		state.BalanceTransactions = append(state.BalanceTransactions, []byte(fmt.Sprintf(`{"id": "txn_%05d", "object": "balance_transaction", "type": "charge",
			"reporting_category": "charge", "amount": %d, "fee": %d, "net": %d, "currency": "usd", "created": %d, "available_on": %d, "_payout": "po_big",
			"source": "ch_%05d", "fee_details": []}`, i, amount, fee, amount-fee, now-int64(i), now, i)))
	}
	state.Payouts = append(state.Payouts, []byte(fmt.Sprintf(`{"id": "po_big", "object": "payout", "type": "bank_account", "metadata": {}, "amount": %d, "currency": "usd", "status": "paid", "automatic": true,
		"reconciliation_status": "completed", "created": %d, "arrival_date": %d}`, sum, now, now)))
	must(t, st.Stripe.Sim.Add(st.Stripe.Account.ID, stripesim.Test, state))
	_, err := st.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Refused, Match: stripesim.Match{Path: "balance_transactions", Nth: 41}})
	must(t, err)
	if _, err := st.Inbox.Refresh(t.Context(), st.object(inbox.Payout, "po_big"), nil); err == nil {
		t.Fatal("it was read in spite of the fault")
	}
	if n := st.one(t, `SELECT count(*) FROM balance_transactions`); n != 4000 || st.listed(t).ReconciledAt != nil {
		t.Fatalf("%d were kept", n)
	}
	begun := time.Now()
	st.ring(t, inbox.Payout, "po_big")
	t.Logf("the other 6,000 took %v", time.Since(begun))
	if p := st.listed(t); p.Residual != 0 || p.Transactions != count || p.ReconciledAt == nil {
		t.Errorf("it is %+v", p)
	}
	gets, err := st.Stripe.Sim.Requests(stripesim.RequestFilter{Method: "GET", Path: "/v1/balance_transactions", Mode: stripesim.Test})
	must(t, err)
	if len(gets) != 101 {
		t.Errorf("it took %d calls", len(gets))
	}
}

// A manual payout can't be explained, and nobody is troubled by that.
func TestAManualPayoutStaysUnexplained(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	now := time.Now().Add(-9 * 24 * time.Hour).Unix()
	must(t, st.Stripe.Sim.Add(st.Stripe.Account.ID, stripesim.Test, stripesim.State{PaymentState: stripesim.PaymentState{Payouts: []json.RawMessage{
		[]byte(fmt.Sprintf(`{"id": "po_hand", "object": "payout", "type": "bank_account", "metadata": {}, "amount": 700, "currency": "usd", "status": "paid", "automatic": false,
			"reconciliation_status": "not_applicable", "created": %d, "arrival_date": 0}`, now)),
	}}}))
	st.ring(t, inbox.Payout, "po_hand")
	if p := st.listed(t); p.Residual != 700 || p.ReconciledAt != nil || p.ArrivalDate != nil || p.Automatic {
		t.Errorf("it is %+v", p)
	}
	standing, err := payout.Stand(t.Context(), st.Pool)
	must(t, err)
	if standing[0].Unreconciled != 0 || standing[0].Mismatches != 0 {
		t.Errorf("it counts as %+v", standing)
	}
}

// An older read than the newest changes nothing.
func TestAnOlderReadOfAPayoutIsNotApplied(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.paid(t, 1, available, "a")
	id := st.paidOut(t)
	_, err := st.Inbox.Refresh(t.Context(), st.object(inbox.Payout, id), stale)
	must(t, err)
	if n := st.one(t, `SELECT count(*) FROM payouts`); n != 0 {
		t.Errorf("%d payouts", n)
	}
	if verdict, err := st.Inbox.Refresh(t.Context(), st.object(inbox.Payout, "po_unknown"), nil); err != nil || verdict != inbox.Foreign {
		t.Errorf("%s, %v", verdict, err)
	}
}

// Nobody sees another tenant's.
func TestPayoutsAreApart(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.paid(t, 1, available, "a")
	st.ring(t, inbox.Payout, st.paidOut(t))
	p := st.listed(t)
	other := st.Stranger(t)
	if _, err := st.Payouts.Get(other, p.ID); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a stranger got %v", err)
	}
	if _, err := st.Payouts.List(other, payout.Filter{TenantID: st.Tenant.ID, Mode: p.Mode, First: 10}); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a stranger got %v", err)
	}
	if got, err := st.Payouts.Get(st.As, p.ID); err != nil || got.StripePayoutID != p.StripePayoutID {
		t.Errorf("%+v, %v", got, err)
	}
}
