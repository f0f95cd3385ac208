package stripesim

// holdLasts is how many seconds an uncaptured charge of a card holds: 7 days. Cards
// have shorter ones too, of a kind of payment that is not simulated.
const holdLasts = 7 * 24 * 3600

// reasonAutomatic is unverified: why Stripe itself has cancelled an intent.
const reasonAutomatic = "automatic"

// Codes of failures that no method carries.
const (
	codeAuthentication    = "payment_intent_authentication_failure"
	messageAuthentication = "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again."
)

// till takes money: what intents and their charges go through.
type till struct{ *op }

// attempt charges the intent by a method: paid, held, declined, asked about or under way.
func (o till) attempt(id string, m method) {
	o.intents.edit(id, func(pi *paymentIntent) {
		if pi.PaymentMethod == nil || pi.Method != m.name {
			pi.attach(m)
		}
		pi.LastPaymentError, pi.NextAction = nil, nil
	})
	switch {
	case m.asks:
		o.ask(id)
	case m.code != "":
		o.decline(id, m)
	case m.typ == "sepa_debit":
		o.begin(id, m)
	default:
		o.succeed(id, m)
	}
}

// ask waits for the payer to authenticate, see Authenticate.
func (o till) ask(id string) {
	pi := o.intents.edit(id, func(pi *paymentIntent) {
		pi.Status = statusNeedsAction
		pi.NextAction = &nextAction{Type: "use_stripe_sdk", UseStripeSDK: &struct{}{}}
		if u := o.returnURL(); u != "" {
			pi.NextAction = &nextAction{Type: "redirect_to_url", RedirectToURL: &redirect{ReturnURL: u, URL: o.base + pagePath + pi.ID}}
			pi.ReturnURL = u
		}
	})
	o.emit("payment_intent.requires_action", pi.public(), nil)
}

func (o till) returnURL() string {
	if o.in.n == nil {
		return ""
	}
	return o.in.text("return_url")
}

func (o till) decline(id string, m method) {
	pi, _ := o.intents.get(id)
	c := o.newCharge(pi, m)
	c.fail(m)
	o.addCharge(c, "charge.failed")
	o.failIntent(id, paymentError{Charge: c.ID, Code: m.code, DeclineCode: m.declineCode, DocURL: docURL(m.code), Message: m.message, Type: typeCard})
}

func (o till) failIntent(id string, why paymentError) {
	pi := o.intents.edit(id, func(pi *paymentIntent) {
		pi.Status, pi.LastPaymentError, pi.NextAction, pi.PaymentMethod, pi.Method = statusNeedsMethod, &why, nil, nil, ""
	})
	o.emit("payment_intent.payment_failed", pi.public(), nil)
}

// begin starts a debit, which succeeds or fails days later.
func (o till) begin(id string, m method) {
	pi := o.intents.edit(id, func(pi *paymentIntent) { pi.Status = statusProcessing })
	o.emit("payment_intent.processing", pi.public(), nil)
	c := o.newCharge(pi, m)
	c.Status, c.Paid = statusPending, false
	o.addCharge(c, "charge.pending")
	if m.settles != "" {
		o.plan(o.created()+debitSettles, dueDebit, id)
	}
	desk(o).completeSession(id)
}

func (o till) succeed(id string, m method) {
	pi, _ := o.intents.get(id)
	c := o.newCharge(pi, m)
	if pi.CaptureMethod == "manual" {
		o.hold(pi, c)
		return
	}
	c.take(c.Amount)
	o.addCharge(c, "charge.succeeded")
	pi = o.intents.edit(id, (*paymentIntent).receive)
	o.emit("payment_intent.succeeded", pi.public(), nil)
	desk(o).completeSession(id)
	ledger(o).bookLater(c.ID)
	if m.disputed != "" {
		o.plan(o.created(), dueDispute, c.ID)
	}
}

// receive is all of the amount.
func (pi *paymentIntent) receive() { pi.Status, pi.AmountReceived = statusSucceeded, pi.Amount }

func (o till) hold(pi *paymentIntent, c *charge) {
	until := o.created() + holdLasts
	c.hold(until)
	o.addCharge(c, "charge.succeeded")
	pi = o.intents.edit(pi.ID, func(pi *paymentIntent) { pi.Status, pi.AmountCapturable = statusNeedsCapture, pi.Amount })
	o.emit("payment_intent.amount_capturable_updated", pi.public(), nil)
	o.plan(until, dueHold, pi.ID)
	desk(o).completeSession(pi.ID)
}

// capture takes the amount of what is held and lets the rest go.
func (o till) capture(id string, amount int64) {
	pi := o.intents.edit(id, func(pi *paymentIntent) {
		pi.Status, pi.AmountReceived, pi.AmountCapturable = statusSucceeded, amount, 0
	})
	old, _ := o.charges.get(pi.LatestCharge.id)
	c := o.charges.edit(old.ID, func(c *charge) { c.take(amount) })
	o.emit("charge.captured", c.public(), changes(old.public(), c.public()))
	o.emit("payment_intent.succeeded", pi.public(), nil)
	desk(o).paySession(id)
	ledger(o).bookLater(c.ID)
	if m := methods[c.Method]; m.disputed != "" {
		o.plan(o.created(), dueDispute, c.ID)
	}
}

// expireHold ends a hold that nobody captured in time.
func (o till) expireHold(id string) {
	pi, ok := o.intents.get(id)
	if !ok || !pi.is(statusNeedsCapture) {
		return
	}
	reason := reasonAutomatic
	o.cancel(id, &reason)
	c, _ := o.charges.get(pi.LatestCharge.id)
	o.emit("charge.expired", c.public(), nil)
}

// settle ends a debit that is under way.
func (o till) settle(id string, succeed bool) {
	pi, _ := o.intents.get(id)
	old, _ := o.charges.get(pi.LatestCharge.id)
	if !succeed {
		o.failDebit(id, old)
		return
	}
	c := o.charges.edit(old.ID, func(c *charge) { c.take(c.Amount) })
	o.emit("charge.succeeded", c.public(), nil)
	pi = o.intents.edit(id, (*paymentIntent).receive)
	o.emit("payment_intent.succeeded", pi.public(), nil)
	desk(o).settleSession(id, true)
	ledger(o).bookLater(c.ID)
}

func (o till) failDebit(id string, old *charge) {
	failure := method{code: "debit_not_authorized", message: messageDebit}
	c := o.charges.edit(old.ID, func(c *charge) { c.fail(failure) })
	o.emit("charge.failed", c.public(), nil)
	o.failIntent(id, paymentError{Charge: c.ID, Code: failure.code, DocURL: docURL(failure.code), Message: failure.message, Type: typeCard})
	desk(o).settleSession(id, false)
}
