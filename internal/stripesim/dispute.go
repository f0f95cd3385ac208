package stripesim

import (
	"net/http"
	"strings"
)

// Statuses of disputes; those of inquiries, which move no money, warn.
const (
	disputeNeeds    = "needs_response"
	disputeReview   = "under_review"
	disputeWon      = "won"
	disputeLost     = "lost"
	inquiryNeeds    = "warning_needs_response"
	inquiryReview   = "warning_under_review"
	inquiryClosed   = "warning_closed"
	disputeEscalate = "escalated" // what may become of an inquiry; never a status
)

// answerWithin is how many seconds there are to answer a dispute. Networks differ.
const answerWithin = 9 * 24 * 3600

type dispute struct {
	ID                   string             `json:"id"`
	Object               string             `json:"object"`
	Amount               int64              `json:"amount"`
	BalanceTransactions  []transaction      `json:"balance_transactions"`
	Charge               ref                `json:"charge"`
	Created              int64              `json:"created"`
	Currency             string             `json:"currency"`
	Evidence             map[string]*string `json:"evidence"`
	EvidenceDetails      evidenceDetails    `json:"evidence_details"`
	IsChargeRefundable   bool               `json:"is_charge_refundable"`
	Livemode             bool               `json:"livemode"`
	Metadata             map[string]string  `json:"metadata"`
	PaymentIntent        ref                `json:"payment_intent"`
	PaymentMethodDetails disputeMethod      `json:"payment_method_details"`
	Reason               string             `json:"reason"`
	Status               string             `json:"status"`
}

type evidenceDetails struct {
	DueBy           int64 `json:"due_by"`
	HasEvidence     bool  `json:"has_evidence"`
	PastDue         bool  `json:"past_due"`
	SubmissionCount int   `json:"submission_count"`
}

type disputeMethod struct {
	Card *disputeCard `json:"card,omitempty"`
	Type string       `json:"type"`
}

type disputeCard struct {
	Brand             string `json:"brand"`
	NetworkReasonCode string `json:"network_reason_code"`
}

// court is where disputes are made, answered and decided.
type court struct{ *op }

func disputeRoutes() []*route {
	const all, one, resource = "/v1/disputes", "/v1/disputes/{id}", "disputes"
	evidence := params{}
	for _, field := range evidenceFields {
		evidence[field] = text(20000)
	}
	return []*route{
		{method: "GET", template: all, resource: resource, answers: targetDisputeList, run: listDisputes, params: listParams(params{
			"created": createdParam(), "charge": name(5000), "payment_intent": name(5000),
		})},
		{method: "GET", template: one, resource: resource, answers: targetDispute, run: getDispute},
		{method: "POST", template: one, resource: resource, answers: targetDispute, run: updateDispute, params: params{
			"evidence": object(evidence), "metadata": metadataParam(), "submit": boolean(),
		}},
		{method: "POST", template: one + "/close", resource: resource, answers: targetDispute, run: closeDispute},
	}
}

func (o *op) renderDispute(d *dispute, x expansion) any {
	v := *d
	v.EvidenceDetails.PastDue = d.answerable() && d.EvidenceDetails.DueBy <= o.created()
	v.BalanceTransactions = []transaction{}
	for _, t := range d.BalanceTransactions {
		rendered, _ := o.expandTransaction(t.ID, nil).(transaction)
		v.BalanceTransactions = append(v.BalanceTransactions, rendered)
	}
	if x.has("charge") {
		v.Charge.object = o.expandCharge(v.Charge.id, x["charge"])
	}
	if x.has("payment_intent") {
		v.PaymentIntent.object = o.expandIntent(v.PaymentIntent.id, x["payment_intent"])
	}
	return v
}

func (d *dispute) answerable() bool { return d.Status == disputeNeeds || d.Status == inquiryNeeds }

func (d *dispute) inquiry() bool { return strings.HasPrefix(d.Status, "warning_") }

func (o court) findDispute() (*dispute, *apiError) {
	d, ok := o.disputes.get(o.pathID)
	if !ok {
		return nil, o.missing(http.StatusNotFound, nounDispute, o.pathID, "dispute")
	}
	return d, nil
}

func getDispute(o *op) (any, *apiError) {
	d, err := court{o}.findDispute()
	if err != nil {
		return nil, err
	}
	return o.renderDispute(d, o.expand), nil
}

func listDisputes(o *op) (any, *apiError) {
	created := o.in.created()
	return listOf(o, o.disputes, o.disputes.within(o.in, "charge"), nounDispute, func(d *dispute) bool {
		return created(d.Created) && o.in.filter("payment_intent", func(v string) bool { return d.PaymentIntent.id == v })
	}, o.renderDispute)
}

// dispute makes one about a charge; an inquiry leaves the money where it is.
func (o court) dispute(c *charge, with Dispute) *dispute {
	due := o.created() + answerWithin
	if with.DueBy != nil {
		due = *with.DueBy
	}
	d := &dispute{
		ID: newID("dp_1", 23), Object: "dispute", Amount: with.Amount, Charge: ref{id: c.ID}, Created: o.created(), Currency: c.Currency,
		Evidence: map[string]*string{}, EvidenceDetails: evidenceDetails{DueBy: due}, IsChargeRefundable: with.Inquiry, Livemode: c.Livemode,
		Metadata: map[string]string{}, PaymentIntent: c.PaymentIntent, PaymentMethodDetails: disputeMethod{Type: "card"},
		Reason: with.Reason, Status: disputeNeeds,
	}
	if card := c.PaymentMethodDetails.Card; card != nil {
		d.PaymentMethodDetails.Card = &disputeCard{Brand: card.Brand, NetworkReasonCode: "10.4"}
	}
	for _, field := range evidenceFields {
		d.Evidence[field] = nil
	}
	if with.Inquiry {
		d.Status = inquiryNeeds
	}
	o.disputes.add(d.ID, d.Created, d)
	o.charges.edit(c.ID, func(c *charge) { c.Disputed = true })
	o.emit("charge.dispute.created", o.renderDispute(d, nil), nil)
	if !with.Inquiry {
		o.withdraw(d.ID)
	}
	if due > o.created() {
		o.plan(due, dueAnswer, d.ID)
	}
	return d
}

// withdraw takes the money and a fee.
func (o court) withdraw(id string) {
	d, _ := o.disputes.get(id)
	t := ledger(o).book(transaction{
		Type: "adjustment", ReportingCategory: "dispute", Amount: -d.Amount, Fee: disputeFee, Currency: d.Currency, Source: ref{id: id},
	})
	o.moveMoney(id, t, "charge.dispute.funds_withdrawn")
}

// reinstate gives the money back.
func (o court) reinstate(id string) {
	d, _ := o.disputes.get(id)
	t := ledger(o).book(transaction{
		Type: "adjustment", ReportingCategory: "dispute_reversal", Amount: d.Amount, Fee: -disputeFeeReturned, Currency: d.Currency, Source: ref{id: id},
	})
	o.moveMoney(id, t, "charge.dispute.funds_reinstated")
}

func (o court) moveMoney(id string, t *transaction, event string) {
	old, _ := o.disputes.get(id)
	d := o.disputes.edit(id, func(d *dispute) {
		d.BalanceTransactions = append(append([]transaction{}, d.BalanceTransactions...), *t)
	})
	o.emit(event, o.renderDispute(d, nil), changes(o.renderDispute(old, nil), o.renderDispute(d, nil)))
}

// changeDispute edits it and tells what changed.
func (o court) changeDispute(id, event string, change func(*dispute)) {
	old, _ := o.disputes.get(id)
	d := o.disputes.edit(id, change)
	if previous := changes(*old, *d); previous != nil {
		o.emit(event, o.renderDispute(d, nil), previous)
	}
}

// end closes a dispute; what is won comes back.
func (o court) end(id, status string) {
	o.changeDispute(id, "charge.dispute.closed", func(d *dispute) { d.Status = status })
	if status == disputeWon {
		o.reinstate(id)
	}
}

// disputeByMethod disputes a charge as its card does.
func (o court) disputeByMethod(chargeID string) {
	if c, ok := o.charges.get(chargeID); ok {
		m := methods[c.Method]
		o.dispute(c, Dispute{Amount: c.AmountCaptured, Reason: m.disputed, Inquiry: m.inquiry})
	}
}

// answerTooLate loses what was not answered in time; an inquiry just ends.
func (o court) answerTooLate(id string) {
	switch d, _ := o.disputes.get(id); d.Status {
	case disputeNeeds:
		o.end(id, disputeLost)
	case inquiryNeeds:
		o.end(id, inquiryClosed)
	}
}
