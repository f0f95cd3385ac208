package stripesim

import (
	"net/http"
	"slices"
)

// failedRefundLowersCharge is unverified: whether what a failed refund did not give back
// leaves the charge's amount_refunded again.
const failedRefundLowersCharge = true

// Texts about refunds, recorded but for the last two.
const (
	textRefundOver     = "Refund amount (%d) is greater than unrefunded amount on charge (%d)"
	textRefunded       = "Charge %s has already been refunded."
	textRefundDisputed = "Charge %s has been charged back; cannot issue a refund."
	textRefundWhat     = "One of the following params should be provided for this request: payment_intent or charge."
	textRefundUnpaid   = "This PaymentIntent (%s) does not have a successful charge to refund."
)

type refund struct {
	ID                     string             `json:"id"`
	Object                 string             `json:"object"`
	Amount                 int64              `json:"amount"`
	BalanceTransaction     ref                `json:"balance_transaction"`
	Charge                 ref                `json:"charge"`
	Created                int64              `json:"created"`
	Currency               string             `json:"currency"`
	DestinationDetails     destinationDetails `json:"destination_details"`
	FailureTransaction     *ref               `json:"failure_balance_transaction,omitempty"`
	FailureReason          string             `json:"failure_reason,omitempty"`
	Metadata               map[string]string  `json:"metadata"`
	PaymentIntent          ref                `json:"payment_intent"`
	Reason                 *string            `json:"reason"`
	ReceiptNumber          null               `json:"receipt_number"`
	SourceTransferReversal null               `json:"source_transfer_reversal"`
	Status                 string             `json:"status"`
	TransferReversal       null               `json:"transfer_reversal"`
}

type destinationDetails struct {
	Card *cardDestination `json:"card,omitempty"`
	Type string           `json:"type"`
}

type cardDestination struct {
	ReferenceStatus string `json:"reference_status"`
	ReferenceType   string `json:"reference_type"`
	Type            string `json:"type"`
}

// refunder gives money back.
type refunder struct{ *op }

func refundRoutes() []*route {
	const resource = "refunds"
	reasons := oneOf("duplicate", "fraudulent", "requested_by_customer")
	return []*route{
		{
			method: "GET", template: "/v1/refunds", resource: resource, answers: targetRefundList, run: listRefunds,
			params: listParams(params{"created": createdParam(), "charge": name(0), "payment_intent": name(5000)}),
		},
		{method: "POST", template: "/v1/refunds", resource: resource, answers: targetRefund, run: createRefund, params: params{
			"amount": integer(), "charge": name(5000), "payment_intent": name(5000), "metadata": metadataParam(), "reason": reasons,
		}},
		{method: "GET", template: "/v1/refunds/{id}", resource: resource, answers: targetRefund, run: getRefund},
		{
			method: "POST", template: "/v1/refunds/{id}", resource: resource, answers: targetRefund, run: updateRefund,
			params: params{"metadata": metadataParam()},
		},
	}
}

func (o *op) renderRefund(r *refund, x expansion) any {
	v := *r
	if x.has("balance_transaction") {
		v.BalanceTransaction.object = o.expandTransaction(v.BalanceTransaction.id, x["balance_transaction"])
	}
	if x.has("failure_balance_transaction") && v.FailureTransaction != nil {
		failed := *v.FailureTransaction
		failed.object = o.expandTransaction(failed.id, x["failure_balance_transaction"])
		v.FailureTransaction = &failed
	}
	if x.has("charge") {
		v.Charge.object = o.expandCharge(v.Charge.id, x["charge"])
	}
	if x.has("payment_intent") {
		v.PaymentIntent.object = o.expandIntent(v.PaymentIntent.id, x["payment_intent"])
	}
	return v
}

func (o refunder) findRefund() (*refund, *apiError) {
	r, ok := o.refunds.get(o.pathID)
	if !ok {
		return nil, o.missing(http.StatusNotFound, nounRefund, o.pathID, "refund")
	}
	return r, nil
}

func getRefund(o *op) (any, *apiError) {
	r, err := refunder{o}.findRefund()
	if err != nil {
		return nil, err
	}
	return o.renderRefund(r, o.expand), nil
}

func listRefunds(o *op) (any, *apiError) {
	created := o.in.created()
	return listOf(o, o.refunds, o.refunds.within(o.in, "payment_intent"), nounRefund, func(r *refund) bool {
		return created(r.Created) && o.in.filter("charge", func(v string) bool { return r.Charge.id == v })
	}, o.renderRefund)
}

// updateRefund tells of other metadata as of every change to the refund of a charge.
func updateRefund(o *op) (any, *apiError) {
	old, err := refunder{o}.findRefund()
	if err != nil {
		return nil, err
	}
	metadata, err := o.in.mergeMetadata(old.Metadata)
	if err != nil {
		return nil, err
	}
	refunder{o}.changeRefund(old.ID, func(r *refund) { r.Metadata = metadata })
	r, _ := o.refunds.get(old.ID)
	return o.renderRefund(r, o.expand), nil
}

// changeRefund edits it and tells what changed. At this version of the API that is
// charge.refund.updated: refund.updated is for refunds without a charge.
func (o refunder) changeRefund(id string, change func(*refund)) {
	old, _ := o.refunds.get(id)
	r := o.refunds.edit(id, change)
	if previous := changes(*old, *r); previous != nil {
		o.emit("charge.refund.updated", *r, previous)
	}
}

func createRefund(o *op) (any, *apiError) {
	c, err := refunder{o}.chargeToRefund()
	if err != nil {
		return nil, err
	}
	amount := c.refundable()
	if asked := o.in.integer("amount"); asked != nil {
		amount = *asked
	}
	if err := (refunder{o}).checkRefund(c, amount); err != nil {
		return nil, err
	}
	metadata, err := o.in.mergeMetadata(nil)
	if err != nil {
		return nil, err
	}
	r := refunder{o}.giveBack(c, amount, orNull(o.in.text("reason")), metadata)
	return o.renderRefund(r, o.expand), nil
}

func (o refunder) chargeToRefund() (*charge, *apiError) {
	id := o.in.text("charge")
	if intent := o.in.text("payment_intent"); intent != "" {
		pi, ok := o.intents.get(intent)
		if !ok {
			return nil, o.missing(http.StatusBadRequest, nounIntent, intent, "payment_intent")
		}
		if pi.LatestCharge.id == "" || !pi.is(statusSucceeded) {
			return nil, refused("payment_intent", textRefundUnpaid, intent)
		}
		id = pi.LatestCharge.id
	}
	if id == "" {
		return nil, refused("", textRefundWhat)
	}
	c, ok := o.charges.get(id)
	if !ok {
		return nil, o.missing(http.StatusBadRequest, nounCharge, id, "charge")
	}
	return c, nil
}

func (o refunder) checkRefund(c *charge, amount int64) *apiError {
	code := func(code string, e *apiError) *apiError { e.code = code; return e }
	switch {
	case c.Status != statusSucceeded || !c.Captured:
		return refused("charge", textRefundUnpaid, c.PaymentIntent.id)
	case o.disputedFully(c.ID):
		return code("charge_disputed", refused("", textRefundDisputed, c.ID))
	case c.refundable() == 0:
		return code("charge_already_refunded", refused("", textRefunded, c.ID))
	case amount < 1:
		return invalid("parameter_invalid_integer", "amount", textPositive)
	case amount > c.refundable():
		return refused("amount", textRefundOver, amount, c.refundable())
	}
	return nil
}

// disputedFully tells whether a dispute, not an inquiry, holds the money or has taken it.
// One that was won does not.
func (o refunder) disputedFully(chargeID string) bool {
	of := o.disputes.groups[chargeID]
	return of != nil && slices.ContainsFunc(*of, func(e *entry[dispute]) bool {
		return !e.value.IsChargeRefundable && e.value.Status != disputeWon
	})
}

// giveBack makes the refund.
func (o refunder) giveBack(c *charge, amount int64, reason *string, metadata map[string]string) *refund {
	m := methods[c.Method]
	r := &refund{
		ID: newID("re_3", 23), Object: "refund", Amount: amount, Charge: ref{id: c.ID}, Created: o.created(), Currency: c.Currency,
		DestinationDetails: destinationDetails{Type: c.PaymentMethodDetails.Type}, Metadata: metadata, PaymentIntent: c.PaymentIntent,
		Reason: reason, Status: statusSucceeded,
	}
	if m.typ == "card" {
		r.DestinationDetails.Card = &cardDestination{ReferenceStatus: statusPending, ReferenceType: "acquirer_reference_number", Type: "refund"}
	}
	if m.refunds != "" {
		r.Status = m.refunds
		o.plan(o.created()+refundSettles, dueRefund, r.ID)
	}
	if m.refundFails {
		o.plan(o.created()+refundSettles, dueFailure, r.ID)
	}
	typ := map[bool]string{true: "refund", false: "payment_refund"}[m.typ == "card"]
	t := ledger(o).book(transaction{Type: typ, ReportingCategory: "refund", Amount: -amount, Currency: c.Currency, Source: ref{id: r.ID}})
	r.BalanceTransaction = ref{id: t.ID}
	o.refunds.add(r.ID, r.Created, r)
	after := o.charges.edit(c.ID, func(c *charge) {
		c.AmountRefunded += amount
		c.Refunded = c.refundable() == 0
	})
	o.emit("charge.refunded", after.public(), changes(c.public(), after.public()))
	return r
}

// settleRefund ends a refund that is pending, or fails one that had succeeded.
func (o refunder) settleRefund(id, status string) bool {
	r, ok := o.refunds.get(id)
	if !ok || r.Status == status || r.Status != statusPending && (r.Status != statusSucceeded || status != statusFailed) {
		return false
	}
	if status == statusSucceeded {
		o.changeRefund(id, func(r *refund) { r.Status = status })
		return true
	}
	t := ledger(o).book(transaction{Type: "refund_failure", ReportingCategory: "refund_failure", Amount: r.Amount, Currency: r.Currency, Source: ref{id: id}})
	if failedRefundLowersCharge {
		o.charges.edit(r.Charge.id, func(c *charge) { c.AmountRefunded, c.Refunded = c.AmountRefunded-r.Amount, false })
	}
	o.changeRefund(id, func(r *refund) {
		r.Status, r.FailureTransaction = status, &ref{id: t.ID}
		if status == statusFailed {
			r.FailureReason = "expired_or_canceled_card"
		}
	})
	return true
}
