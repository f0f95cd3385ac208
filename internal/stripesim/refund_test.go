package stripesim_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/stripesim"
)

const refunds, disputes = "/v1/refunds", "/v1/disputes"

func TestRefundInParts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.paid("pm_card_visa")
	part := b.ok("POST", refunds, "payment_intent="+id+"&amount=1500&reason=duplicate&metadata[r]=1&expand[]=balance_transaction", key("r"))
	part.wants(t, "status", "succeeded", "amount", "1500", "reason", "duplicate", "metadata", "map[r:1]", "payment_intent", id,
		"balance_transaction.amount", "-1500", "balance_transaction.fee", "0", "balance_transaction.type", "refund")
	charge := part.get("charge")
	b.ok("GET", "/v1/charges/"+charge, "").wants(t, "amount_refunded", "1500", "refunded", "false")
	b.refused(400, "POST", refunds, "payment_intent="+id+"&amount=501", "param", "amount", "code", "", "message", "greater than unrefunded amount")
	b.ok("POST", refunds, "charge="+charge).wants(t, "amount", "500")
	b.ok("GET", "/v1/charges/"+charge, "").wants(t, "amount_refunded", "2000", "refunded", "true")
	b.refused(400, "POST", refunds, "charge="+charge, "code", "charge_already_refunded")
	b.ok("GET", refunds+"?payment_intent="+id, "").wants(t, "data.0.amount", "500", "data.1.id", part.get("id"), "data.2", "<none>")
	b.ok("POST", refunds, "payment_intent="+id+"&amount=1500&reason=duplicate&metadata[r]=1&expand[]=balance_transaction", key("r")).wants(t, "id", part.get("id"))
	b.ok("POST", refunds+"/"+part.get("id"), "metadata[r]=2").wants(t, "metadata", "map[r:2]")
	b.ok("GET", refunds+"/"+part.get("id"), "").wants(t, "metadata", "map[r:2]")
	b.sees(paidEvents + " charge.updated charge.refunded charge.refunded charge.refund.updated")
	b.ok("GET", "/v1/events?type=charge.refunded", "").wants(t, "data.0.data.object.refunded", "true", "data.1.data.previous_attributes", "map[amount_refunded:0]")
}

func TestRefundIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.refused(400, "POST", refunds, "amount=5", "message", "payment_intent or charge")
	b.refused(400, "POST", refunds, "payment_intent=pi_none", "code", "resource_missing", "param", "payment_intent")
	b.refused(400, "POST", refunds, "payment_intent="+b.intent(""), "message", "successful charge")
	b.refused(400, "POST", refunds, "payment_intent="+b.paid("pm_card_visa")+"&amount=0", "param", "amount")
	b.refused(404, "GET", refunds+"/re_none", "", "code", "resource_missing")
}

func TestRefundIsPending(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.paid("pm_card_pendingRefund")
	r := b.ok("POST", refunds, "payment_intent="+id+"&amount=100")
	r.wants(t, "status", "pending")
	b.did(b.Sim.Settle(r.get("id"), true))
	b.ok("GET", refunds+"/"+r.get("id"), "").wants(t, "status", "succeeded")
	if err := b.Sim.Settle(r.get("id"), true); err == nil {
		t.Error("it was settled twice")
	}
	b.sees(paidEvents + " charge.updated charge.refunded charge.refund.updated")
	other := b.ok("POST", refunds, "payment_intent="+id+"&amount=200").get("id")
	b.Sim.Advance(61e9)
	b.ok("GET", refunds+"/"+other, "").wants(t, "status", "succeeded")
}

func TestRefundFailsThoughItHadSucceeded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.paid("pm_card_refundFail")
	r := b.ok("POST", refunds, "payment_intent="+id)
	r.wants(t, "status", "succeeded")
	b.Sim.Advance(61e9)
	failed := b.ok("GET", refunds+"/"+r.get("id")+"?expand[]=failure_balance_transaction", "")
	failed.wants(t, "status", "failed", "failure_reason", "expired_or_canceled_card", "failure_balance_transaction.amount", "2000",
		"failure_balance_transaction.type", "refund_failure")
	b.ok("GET", "/v1/charges/"+r.get("charge"), "").wants(t, "amount_refunded", "0", "refunded", "false")
	b.sees(paidEvents + " charge.updated charge.refunded charge.refund.updated")
	b.ok("GET", "/v1/balance_transactions?type=refund_failure", "").wants(t, "data.0.source", r.get("id"), "data.1", "<none>")
}

// TestDashboardRefundsWithoutStamp: it names no request and carries no metadata.
func TestDashboardRefundsWithoutStamp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.session("", b.live())
	b.did(b.Sim.Pay(id, "pm_card_visa"))
	refund, err := b.Sim.Refund(id, 700)
	b.did(err)
	b.ok("GET", refunds+"/"+refund, "", b.live()).wants(t, "amount", "700", "metadata", "map[]", "status", "succeeded")
	b.ok("GET", "/v1/events?type=charge.refunded", "", b.live()).wants(t, "data.0.request.id", "<nil>", "data.0.livemode", "true")
	if _, err := b.Sim.Refund(id, 1301); err == nil {
		t.Error("more was refunded than was left")
	}
	if _, err := b.Sim.Refund(id, 0); err != nil {
		t.Error(err)
	}
}

func (b bench) disputed(method string) (charge string, dispute reply) {
	b.t.Helper()
	id := b.paid(method)
	dispute = b.ok("GET", disputes+"?payment_intent="+id, "")
	return dispute.get("data.0.charge"), dispute
}

func TestDisputeIsWonOrLost(t *testing.T) {
	t.Parallel()
	for evidence, status := range map[string]string{"winning_evidence": "won", "losing_evidence": "lost"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			charge, d := b.disputed("pm_card_createDispute")
			id := disputes + "/" + d.get("data.0.id")
			d.wants(t, "data.0.status", "needs_response", "data.0.reason", "fraudulent", "data.0.amount", "2000",
				"data.0.balance_transactions.0.amount", "-2000", "data.0.balance_transactions.0.fee", "1500",
				"data.0.balance_transactions.0.net", "-3500", "data.0.balance_transactions.0.reporting_category", "dispute",
				"data.0.evidence_details.submission_count", "0", "data.0.is_charge_refundable", "false")
			b.ok("GET", "/v1/charges/"+charge, "").wants(t, "disputed", "true")
			b.refused(400, "POST", refunds, "charge="+charge, "code", "charge_disputed")
			b.ok("POST", id, "submit=false&evidence[product_description]=A plan&metadata[k]=v").wants(t, "status", "needs_response",
				"evidence.product_description", "A plan", "evidence_details.has_evidence", "true", "metadata", "map[k:v]")
			b.ok("POST", id, "evidence[uncategorized_text]="+evidence).wants(t, "status", status, "evidence_details.submission_count", "1")
			b.refused(400, "POST", id, "evidence[uncategorized_text]=more", "message", "closed")
			made := paidEvents + " charge.updated charge.dispute.created charge.dispute.funds_withdrawn charge.dispute.updated" +
				" charge.dispute.updated charge.dispute.closed"
			if status == "won" {
				b.sees(made + " charge.dispute.funds_reinstated")
				b.ok("GET", id, "").wants(t, "balance_transactions.1.amount", "2000", "balance_transactions.1.reporting_category", "dispute_reversal")
			} else {
				b.sees(made)
			}
		})
	}
}

func TestDisputeWaitsForTheBank(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, d := b.disputed("pm_card_createDisputeProductNotReceived")
	id := d.get("data.0.id")
	b.ok("POST", disputes+"/"+id, "submit=true&evidence[uncategorized_text]=It was delivered").wants(t, "status", "under_review")
	b.refused(400, "POST", disputes+"/"+id, "evidence[uncategorized_text]=more", "message", "already been submitted")
	b.did(b.Sim.Decide(id, "won"))
	b.ok("GET", disputes+"/"+id, "").wants(t, "status", "won", "reason", "product_not_received")
	if err := b.Sim.Decide(id, "lost"); err == nil {
		t.Error("it was decided twice")
	}
}

func TestDisputeIsGivenUpOrMissed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, d := b.disputed("pm_card_createDispute")
	b.ok("POST", disputes+"/"+d.get("data.0.id")+"/close", "").wants(t, "status", "lost")
	b.refused(400, "POST", disputes+"/"+d.get("data.0.id")+"/close", "", "message", "closed")
	paid := b.paid("pm_card_visa")
	zero := int64(0)
	unanswerable, err := b.Sim.Dispute(paid, disputeDueBy(&zero))
	b.did(err)
	b.refused(400, "POST", disputes+"/"+unanswerable, "evidence[uncategorized_text]=x", "message", "passed")
	missed, err := b.Sim.Dispute(b.paid("pm_card_visa"), disputeDueBy(nil))
	b.did(err)
	b.Sim.Advance(9*24*3600e9 + 1e9)
	b.ok("GET", disputes+"/"+missed, "").wants(t, "status", "lost")
	b.ok("GET", disputes+"/"+unanswerable, "").wants(t, "status", "needs_response", "evidence_details.past_due", "true", "evidence_details.due_by", "0")
}

func TestInquiryMovesNoMoney(t *testing.T) {
	t.Parallel()
	b := setup(t)
	charge, d := b.disputed("pm_card_createDisputeInquiry")
	id := d.get("data.0.id")
	d.wants(t, "data.0.status", "warning_needs_response", "data.0.balance_transactions", "[]", "data.0.is_charge_refundable", "true")
	b.ok("POST", refunds, "amount=100&charge="+charge)
	if err := b.Sim.Decide(id, "won"); err == nil {
		t.Error("an inquiry was won")
	}
	b.did(b.Sim.Decide(id, "escalated"))
	b.ok("GET", disputes+"/"+id, "").wants(t, "status", "needs_response", "balance_transactions.0.fee", "1500")
	b.sees(paidEvents + " charge.updated charge.dispute.created charge.refunded charge.dispute.updated charge.dispute.funds_withdrawn")
	_, quiet := b.disputed("pm_card_createDisputeInquiry")
	b.Sim.Advance(10 * 24 * 3600e9)
	b.ok("GET", disputes+"/"+quiet.get("data.0.id"), "").wants(t, "status", "warning_closed")
}

// TestPayoutIsExplained: what its transactions come to is what arrives.
func TestPayoutIsExplained(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mode := stripesim.Test
	id := b.paid("pm_card_bypassPending")
	b.paid("pm_card_visa") // pending for two days
	b.ok("POST", refunds, "amount=500&payment_intent="+id)
	_, err := b.Sim.Adjust(b.Account.ID, mode, "usd", -10, "stripe_fee")
	b.did(err)
	ids, err := b.Sim.Payout(b.Account.ID, mode)
	b.did(err)
	if len(ids) != 1 {
		t.Fatalf("payouts are %v", ids)
	}
	p := b.ok("GET", "/v1/payouts/"+ids[0], "")
	p.wants(t, "status", "in_transit", "automatic", "true", "amount", fmt.Sprint(1912-500-10), "reconciliation_status", "in_progress")
	sum := 0.0
	list := b.ok("GET", "/v1/balance_transactions?limit=100&payout="+ids[0], "")
	for _, each := range list.body["data"].([]any) {
		if tx := each.(map[string]any); tx["type"] != "payout" {
			sum += tx["net"].(float64)
		}
	}
	if sum != 1402 {
		t.Errorf("the transactions come to %v: %s", sum, list.text)
	}
	b.did(b.Sim.Settle(ids[0], true))
	b.ok("GET", "/v1/payouts?status=paid", "").wants(t, "data.0.id", ids[0], "data.0.reconciliation_status", "completed")
	b.did(b.Sim.Settle(ids[0], false))
	if got := b.happened(); !strings.HasSuffix(got, " payout.created payout.paid payout.reconciliation_completed payout.failed") {
		t.Errorf("events are %s", got)
	}
	failed := b.ok("GET", "/v1/payouts/"+ids[0]+"?expand[]=failure_balance_transaction", "")
	failed.wants(t, "status", "failed", "failure_code", "account_closed", "failure_balance_transaction.type", "payout_failure",
		"failure_balance_transaction.amount", "1402")
	b.Sim.Advance(3 * 24 * 3600e9)
	again, err := b.Sim.Payout(b.Account.ID, mode)
	b.did(err)
	b.ok("GET", "/v1/payouts/"+again[0], "").wants(t, "amount", fmt.Sprint(1402+1912))
	if none, err := b.Sim.Payout(b.Account.ID, mode); err != nil || len(none) != 0 {
		t.Errorf("%v %v", none, err)
	}
	b.refused(400, "GET", "/v1/balance_transactions?payout=po_none", "", "code", "resource_missing")
}

func disputeDueBy(at *int64) stripesim.Dispute { return stripesim.Dispute{DueBy: at} }
