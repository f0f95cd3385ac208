package stripesim

import "net/http"

// releaseCountsAsRefund is unverified: whether what a hold gives back, by a partial
// capture or at its end, counts into amount_refunded. There is no Refund of it.
const releaseCountsAsRefund = true

type charge struct {
	ID                   string            `json:"id"`
	Object               string            `json:"object"`
	Amount               int64             `json:"amount"`
	AmountCaptured       int64             `json:"amount_captured"`
	AmountRefunded       int64             `json:"amount_refunded"`
	Application          null              `json:"application"`
	ApplicationFee       null              `json:"application_fee"`
	ApplicationFeeAmount null              `json:"application_fee_amount"`
	BalanceTransaction   ref               `json:"balance_transaction"`
	BillingDetails       billingDetails    `json:"billing_details"`
	CalculatedDescriptor string            `json:"calculated_statement_descriptor"`
	Captured             bool              `json:"captured"`
	Created              int64             `json:"created"`
	Currency             string            `json:"currency"`
	Customer             null              `json:"customer"`
	Description          *string           `json:"description"`
	Disputed             bool              `json:"disputed"`
	FailureTransaction   ref               `json:"failure_balance_transaction"`
	FailureCode          *string           `json:"failure_code"`
	FailureMessage       *string           `json:"failure_message"`
	FraudDetails         struct{}          `json:"fraud_details"`
	Invoice              null              `json:"invoice"`
	Livemode             bool              `json:"livemode"`
	Metadata             map[string]string `json:"metadata"`
	OnBehalfOf           null              `json:"on_behalf_of"`
	Outcome              outcome           `json:"outcome"`
	Paid                 bool              `json:"paid"`
	PaymentIntent        ref               `json:"payment_intent"`
	PaymentMethod        *string           `json:"payment_method"`
	PaymentMethodDetails methodDetails     `json:"payment_method_details"`
	ReceiptEmail         *string           `json:"receipt_email"`
	ReceiptNumber        null              `json:"receipt_number"`
	ReceiptURL           null              `json:"receipt_url"`
	Refunded             bool              `json:"refunded"`
	Review               null              `json:"review"`
	Shipping             null              `json:"shipping"`
	SourceTransfer       null              `json:"source_transfer"`
	StatementDescriptor  *string           `json:"statement_descriptor"`
	DescriptorSuffix     *string           `json:"statement_descriptor_suffix"`
	Status               string            `json:"status"`
	TransferData         null              `json:"transfer_data"`
	TransferGroup        null              `json:"transfer_group"`
	// Method is the name of how the payment method behaves; never answered.
	Method string `json:"_method,omitempty"`
}

type billingDetails struct {
	Address address `json:"address"`
	Email   *string `json:"email"`
	Name    *string `json:"name"`
	Phone   *string `json:"phone"`
}

type address struct {
	City       *string `json:"city"`
	Country    *string `json:"country"`
	Line1      *string `json:"line1"`
	Line2      *string `json:"line2"`
	PostalCode *string `json:"postal_code"`
	State      *string `json:"state"`
}

type outcome struct {
	NetworkStatus string  `json:"network_status"`
	Reason        *string `json:"reason"`
	RiskLevel     string  `json:"risk_level,omitempty"`
	SellerMessage string  `json:"seller_message"`
	Type          string  `json:"type"`
}

type methodDetails struct {
	Card      *cardDetails  `json:"card,omitempty"`
	SEPADebit *debitDetails `json:"sepa_debit,omitempty"`
	Type      string        `json:"type"`
}

type cardDetails struct {
	AmountAuthorized *int64  `json:"amount_authorized"`
	Brand            string  `json:"brand"`
	CaptureBefore    int64   `json:"capture_before,omitempty"`
	Checks           null    `json:"checks"`
	Country          string  `json:"country"`
	ExpMonth         int     `json:"exp_month"`
	ExpYear          int     `json:"exp_year"`
	Fingerprint      string  `json:"fingerprint"`
	Funding          string  `json:"funding"`
	Installments     null    `json:"installments"`
	Last4            string  `json:"last4"`
	Mandate          *string `json:"mandate"`
	Network          string  `json:"network"`
	ThreeDSecure     null    `json:"three_d_secure"`
	Wallet           null    `json:"wallet"`
}

type debitDetails struct {
	BankCode    string  `json:"bank_code"`
	BranchCode  *string `json:"branch_code"`
	Country     string  `json:"country"`
	Fingerprint string  `json:"fingerprint"`
	Last4       string  `json:"last4"`
	Mandate     *string `json:"mandate"`
}

func chargeRoutes() []*route {
	return []*route{
		{
			method: "GET", template: "/v1/charges", resource: "charges", answers: targetChargeList, run: listCharges,
			params: listParams(params{"created": createdParam(), "payment_intent": name(5000)}),
		},
		{method: "GET", template: "/v1/charges/{id}", resource: "charges", answers: targetCharge, run: getCharge},
	}
}

func (c charge) public() charge {
	c.Method = ""
	return c
}

func (o *op) renderCharge(c *charge, x expansion) any {
	v := c.public()
	if x.has("balance_transaction") {
		v.BalanceTransaction.object = o.expandTransaction(v.BalanceTransaction.id, x["balance_transaction"])
	}
	if x.has("failure_balance_transaction") {
		v.FailureTransaction.object = o.expandTransaction(v.FailureTransaction.id, x["failure_balance_transaction"])
	}
	if x.has("payment_intent") {
		v.PaymentIntent.object = o.expandIntent(v.PaymentIntent.id, x["payment_intent"])
	}
	return v
}

func (o *op) expandCharge(id string, x expansion) any {
	if c, ok := o.charges.get(id); ok {
		return o.renderCharge(c, x)
	}
	return nil
}

func getCharge(o *op) (any, *apiError) {
	c, ok := o.charges.get(o.pathID)
	if !ok {
		return nil, o.missing(http.StatusNotFound, nounCharge, o.pathID, "id")
	}
	return o.renderCharge(c, o.expand), nil
}

func listCharges(o *op) (any, *apiError) {
	created := o.in.created()
	return listOf(o, o.charges, o.charges.within(o.in, "payment_intent"), nounCharge,
		func(c *charge) bool { return created(c.Created) }, o.renderCharge)
}

// newCharge is one that has been approved, and of which nothing is captured yet.
func (o till) newCharge(pi *paymentIntent, m method) *charge {
	descriptor := "HARBOUR AND PINE"
	if pi.StatementDescriptor != nil {
		descriptor = *pi.StatementDescriptor
	}
	return &charge{
		ID: newID("ch_3", 23), Object: "charge", Amount: pi.Amount, CalculatedDescriptor: descriptor, Created: o.created(),
		Currency: pi.Currency, Description: pi.Description, Livemode: pi.Livemode, Metadata: pi.Metadata, Method: m.name,
		Outcome: outcome{NetworkStatus: "approved_by_network", RiskLevel: "normal", SellerMessage: "Payment complete.", Type: "authorized"},
		Paid:    true, PaymentIntent: ref{id: pi.ID}, PaymentMethod: pi.PaymentMethod, PaymentMethodDetails: m.details(pi.Amount),
		ReceiptEmail: pi.ReceiptEmail, StatementDescriptor: pi.StatementDescriptor, DescriptorSuffix: pi.StatementDescriptorSufix,
		Status: statusSucceeded,
	}
}

func (m method) details(amount int64) methodDetails {
	if m.typ == "sepa_debit" {
		return methodDetails{Type: m.typ, SEPADebit: &debitDetails{BankCode: "19043", Country: "AT", Fingerprint: "simDebit" + m.last4, Last4: m.last4}}
	}
	return methodDetails{Type: "card", Card: &cardDetails{
		AmountAuthorized: &amount, Brand: m.brand, Country: "US", ExpMonth: 12, ExpYear: 2034, Fingerprint: "simCard" + m.last4,
		Funding: "credit", Last4: m.last4, Network: m.brand,
	}}
}

// addCharge makes it the intent's latest.
func (o till) addCharge(c *charge, event string) {
	o.charges.add(c.ID, c.Created, c)
	o.intents.edit(c.PaymentIntent.id, func(pi *paymentIntent) { pi.LatestCharge = ref{id: c.ID} })
	o.emit(event, c.public(), nil)
}

// take captures the amount, and lets go of what is left.
func (c *charge) take(amount int64) {
	c.Captured, c.Paid, c.Status, c.AmountCaptured = true, true, statusSucceeded, amount
	if releaseCountsAsRefund {
		c.AmountRefunded = c.Amount - amount
	}
}

func (c *charge) hold(until int64) {
	card := *c.PaymentMethodDetails.Card
	card.CaptureBefore = until
	c.PaymentMethodDetails.Card = &card
}

// release gives all of a hold back.
func (c *charge) release() {
	if releaseCountsAsRefund {
		c.AmountRefunded, c.Refunded = c.Amount, true
	}
}

func (c *charge) fail(m method) {
	c.Status, c.Paid, c.FailureCode, c.FailureMessage = statusFailed, false, orNull(m.code), orNull(m.message)
	c.Outcome = outcome{
		NetworkStatus: "declined_by_network", Reason: orNull(m.declineCode), RiskLevel: "normal",
		SellerMessage: "The bank did not return any further details with this decline.", Type: "issuer_declined",
	}
	if m.blocked {
		reason := "highest_risk_level"
		c.Outcome = outcome{
			NetworkStatus: "not_sent_to_network", Reason: &reason, RiskLevel: "highest",
			SellerMessage: "Stripe blocked this payment as too risky.", Type: "blocked",
		}
	}
}

// refundable is what refunds may still give back.
func (c *charge) refundable() int64 {
	left := c.Amount - c.AmountRefunded
	if !releaseCountsAsRefund {
		left = c.AmountCaptured - c.AmountRefunded
	}
	return left
}
