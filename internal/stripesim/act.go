package stripesim

import (
	"fmt"
	"slices"
)

// World is around Stripe: payers, banks and people at the Dashboard, who do what the API
// has no request for. Each act is one instant, takes the id of an object of any account
// and mode, and refuses what can't happen. Its events name no request.
type World struct{ sim *Sim }

// Pay pays a checkout session that is open, or a payment intent that is not one's,
// by one of Methods; empty is Card. A decline is no error: the objects tell of it. In live
// mode the method is a real customer's that behaves alike, never a test card.
func (w *World) Pay(id, method string) error {
	if method == "" {
		method = Card
	}
	m, known := methods[method]
	if !known {
		return fmt.Errorf("stripesim: nobody pays by %q, know %q", method, Methods())
	}
	return w.act(id, func(o *op) error { return till{o}.pay(id, m) })
}

func (o till) pay(id string, m method) error {
	if cs, ok := o.sessions.get(id); ok {
		if cs.Status != statusOpen {
			return fmt.Errorf("stripesim: session %s is %s", id, cs.Status)
		}
		if !cs.takes(m.typ) { // or there would be an intent that nobody pays
			return fmt.Errorf("stripesim: session %s does not take %s", id, m.typ)
		}
		id = desk(o).intentOf(cs)
	}
	pi, ok := o.intents.get(id)
	if !ok || !pi.is(statusNeedsMethod, statusNeedsConfirm, statusNeedsAction) {
		return fmt.Errorf("stripesim: %s is not waiting for a payment", id)
	}
	if !slices.Contains(pi.PaymentMethodTypes, m.typ) {
		return fmt.Errorf("stripesim: %s does not take %s", id, m.typ)
	}
	o.attempt(id, m)
	return nil
}

// Authenticate ends the 3-D Secure of a session or intent that asks for it.
func (w *World) Authenticate(id string, succeed bool) error {
	return w.act(id, func(o *op) error {
		pi, err := till{o}.intentFor(id, statusNeedsAction)
		if err != nil {
			return err
		}
		if !succeed {
			till{o}.failIntent(pi.ID, paymentError{Code: codeAuthentication, DocURL: docURL(codeAuthentication), Message: messageAuthentication, Type: typeInvalid})
			return nil
		}
		o.intents.edit(pi.ID, func(pi *paymentIntent) { pi.NextAction = nil })
		till{o}.succeed(pi.ID, methods[pi.Method])
		return nil
	})
}

// intentFor is the intent of that id, or of the session of that id, if it has the status.
func (o till) intentFor(id, status string) (*paymentIntent, error) {
	if cs, ok := o.sessions.get(id); ok {
		id = cs.PaymentIntent.id
	}
	pi, ok := o.intents.get(id)
	if !ok || pi.Status != status {
		return nil, fmt.Errorf("stripesim: the payment of %s is not in status %s", id, status)
	}
	return pi, nil
}

// Settle ends what is under way: the debit of a session or intent, a refund, a payout. A
// refund that has succeeded, and a payout that was paid, can still fail.
func (w *World) Settle(id string, succeed bool) error {
	return w.act(id, func(o *op) error {
		if o.refunds.holds(id) {
			return refunder{o}.settleRefundBy(id, succeed)
		}
		if p, ok := o.payouts.get(id); ok {
			return ledger{o}.settlePayout(p, succeed)
		}
		pi, err := till{o}.intentFor(id, statusProcessing)
		if err == nil {
			till{o}.settle(pi.ID, succeed)
		}
		return err
	})
}

func (o refunder) settleRefundBy(id string, succeed bool) error {
	if !o.settleRefund(id, map[bool]string{true: statusSucceeded, false: statusFailed}[succeed]) {
		return fmt.Errorf("stripesim: refund %s has ended", id)
	}
	return nil
}

func (o ledger) settlePayout(p *payout, succeed bool) error {
	switch {
	case p.Status == statusFailed || succeed && p.Status == payoutPaid:
		return fmt.Errorf("stripesim: payout %s is %s", p.ID, p.Status)
	case succeed:
		o.arrive(p.ID)
	default:
		o.bounce(p.ID)
	}
	return nil
}

// Refund refunds a charge, or the charge of an intent or session, as a person does at the
// Dashboard: without metadata. Amount 0 is all that is left. It returns the refund's id.
func (w *World) Refund(id string, amount int64) (refundID string, err error) {
	err = w.act(id, func(o *op) error {
		c, err := refunder{o}.chargeFor(id)
		if err != nil {
			return err
		}
		if amount == 0 {
			amount = c.refundable()
		}
		if refusal := (refunder{o}).checkRefund(c, amount); refusal != nil {
			return fmt.Errorf("stripesim: %s", refusal.message)
		}
		reason := "requested_by_customer"
		refundID = refunder{o}.giveBack(c, amount, &reason, map[string]string{}).ID
		return nil
	})
	return refundID, err
}

func (o refunder) chargeFor(id string) (*charge, error) {
	if cs, ok := o.sessions.get(id); ok {
		id = cs.PaymentIntent.id
	}
	if pi, ok := o.intents.get(id); ok {
		id = pi.LatestCharge.id
	}
	c, ok := o.charges.get(id)
	if !ok {
		return nil, fmt.Errorf("stripesim: %s has no charge", id)
	}
	return c, nil
}

// Expire ends a session that is open, or the hold of a session or intent, before its time.
func (w *World) Expire(id string) error {
	return w.act(id, func(o *op) error {
		if cs, ok := o.sessions.get(id); ok && cs.Status == statusOpen {
			desk{o}.expireSession(id)
			return nil
		}
		pi, err := till{o}.intentFor(id, statusNeedsCapture)
		if err == nil {
			till{o}.expireHold(pi.ID)
		}
		return err
	})
}

// Disable disables a webhook endpoint, as Stripe does with one that fails for days.
func (w *World) Disable(id string) error {
	return w.act(id, func(o *op) error {
		if !o.webhooks.holds(id) {
			return fmt.Errorf("stripesim: there is no endpoint %s", id)
		}
		o.webhooks.edit(id, func(w *webhook) { w.Status = "disabled" })
		return nil
	})
}

// Dispute is what a payer's bank asks; zero fields are a fraudulent payment, all of it.
type Dispute struct {
	Amount int64 `json:"amount"`
	// Reason such as product_not_received.
	Reason string `json:"reason"`
	// Inquiry moves no money until it escalates.
	Inquiry bool `json:"inquiry"`
	// DueBy is when answers end, in Unix seconds; 0 lets nobody answer, nil is nine days.
	DueBy *int64 `json:"due_by"`
}

// Dispute disputes a charge, or the charge of an intent or session, and returns the
// dispute's id.
func (w *World) Dispute(id string, d Dispute) (disputeID string, err error) {
	err = w.act(id, func(o *op) error {
		c, err := refunder{o}.chargeFor(id)
		switch {
		case err != nil:
			return err
		case !c.Captured:
			return fmt.Errorf("stripesim: charge %s holds no money to dispute", c.ID)
		case c.Disputed:
			return fmt.Errorf("stripesim: charge %s is disputed already", c.ID)
		}
		if d.Amount == 0 {
			d.Amount = c.AmountCaptured
		}
		if d.Reason == "" {
			d.Reason = "fraudulent"
		}
		disputeID = court{o}.dispute(c, d).ID
		return nil
	})
	return disputeID, err
}

// Decide ends a dispute as the bank does: won, lost, warning_closed for an inquiry; or
// makes a dispute of an inquiry: escalated.
func (w *World) Decide(id, outcome string) error {
	return w.act(id, func(o *op) error {
		d, ok := o.disputes.get(id)
		if !ok {
			return fmt.Errorf("stripesim: there is no dispute %s", id)
		}
		open := d.answerable() || d.Status == disputeReview || d.Status == inquiryReview
		switch {
		case open && d.inquiry() && outcome == disputeEscalate:
			court{o}.changeDispute(id, "charge.dispute.updated", func(d *dispute) { d.Status, d.IsChargeRefundable = disputeNeeds, false })
			court{o}.withdraw(id)
		case open && d.inquiry() == (outcome == inquiryClosed) && (outcome == inquiryClosed || outcome == disputeWon || outcome == disputeLost):
			court{o}.end(id, outcome)
		default:
			return fmt.Errorf("stripesim: dispute %s is %s and can't become %s", id, d.Status, outcome)
		}
		return nil
	})
}

// Payout pays out all that is available, and returns one payout's id for each currency
// that has more than nothing. Settle has it arrive or fail.
func (w *World) Payout(accountID string, mode Mode) (ids []string, err error) {
	err = w.actIn(accountID, mode, func(o *op) { ids = ledger{o}.payOut() })
	return ids, err
}

// Adjust books an amount on the balance that is no payment's: a fee of Stripe's, say.
// The type is Stripe's of a balance transaction, and its reporting category too.
func (w *World) Adjust(accountID string, mode Mode, currency string, amount int64, typ string) (id string, err error) {
	err = w.actIn(accountID, mode, func(o *op) {
		id = ledger{o}.book(transaction{Type: typ, ReportingCategory: typ, Amount: amount, Currency: currency}).ID
	})
	return id, err
}

// actIn runs an act on an account's mode.
func (w *World) actIn(accountID string, mode Mode, do func(*op)) error {
	a, err := w.sim.account(accountID)
	if err != nil {
		return err
	}
	w.alone(a, mode, func(o *op) {
		o.tick()
		do(o)
		o.tick()
	})
	w.sim.alarm.wake()
	w.sim.saver.settled()
	return nil
}

// act runs one where the object is.
func (w *World) act(id string, do func(*op) error) (err error) {
	a, mode, found := w.whose(id)
	if !found {
		return fmt.Errorf("stripesim: there is no %s", id)
	}
	if wrong := w.actIn(a.id, mode, func(o *op) { err = do(o) }); wrong != nil {
		return wrong
	}
	return err
}

// whose finds the object with the id, of those that acts are about.
func (w *World) whose(id string) (*account, Mode, bool) {
	for _, a := range w.allAccounts() {
		for _, mode := range []Mode{Test, Live} {
			if a.has(mode, id) {
				return a, mode, true
			}
		}
	}
	return nil, Test, false
}

func (a *account) has(mode Mode, id string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, noun := range []string{nounIntent, nounCharge, nounSession, nounRefund, nounDispute, nounPayout, nounWebhook} {
		if a.store(mode).has(noun, id) {
			return true
		}
	}
	return false
}
