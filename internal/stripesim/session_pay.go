package stripesim

import (
	"maps"
	"slices"
)

func expireSession(o *op) (any, *apiError) {
	s, err := desk{o}.findSession()
	if err != nil {
		return nil, err
	}
	if s.Status != statusOpen {
		return nil, refused("", textSessionNotOpen, s.Status)
	}
	desk{o}.expireSession(s.ID)
	s, _ = o.sessions.get(s.ID)
	return desk{o}.renderSession(s, o.expand), nil
}

// expireSession ends it if it is open still.
func (o desk) expireSession(id string) {
	s, ok := o.sessions.get(id)
	if !ok || s.Status != statusOpen {
		return
	}
	s = o.sessions.edit(id, func(s *session) { s.Status, s.URL = statusExpired, nil })
	o.emit("checkout.session.expired", s.public(), nil)
	pi, ok := o.intents.get(s.PaymentIntent.id)
	if ok && expiryCancelsIntent && pi.is(cancelable...) {
		reason := reasonAutomatic
		till(o).cancel(pi.ID, &reason)
	}
}

// intentOf is the session's intent, made when it is first needed.
func (o desk) intentOf(s *session) string {
	if s.PaymentIntent.id != "" {
		return s.PaymentIntent.id
	}
	pi := till(o).blankIntent(s.AmountTotal, s.Currency)
	d := s.Intent
	pi.CaptureMethod, pi.Description, pi.Metadata, pi.ReceiptEmail = d.CaptureMethod, d.Description, d.Metadata, d.ReceiptEmail
	if intentInheritsMetadata {
		pi.Metadata = maps.Clone(s.Metadata)
		maps.Copy(pi.Metadata, d.Metadata)
	}
	pi.StatementDescriptor, pi.StatementDescriptorSufix = d.Descriptor, d.Suffix
	pi.PaymentMethodTypes = s.PaymentMethodTypes
	o.sessionOf[pi.ID] = s.ID
	o.sessions.edit(s.ID, func(s *session) { s.PaymentIntent = ref{id: pi.ID} })
	till(o).addIntent(pi)
	return pi.ID
}

// completeSession is what a payment does to the session that it is of, if any.
func (o desk) completeSession(intentID string) {
	id, owned := o.sessionOf[intentID]
	if !owned {
		return
	}
	pi, _ := o.intents.get(intentID)
	s := o.sessions.edit(id, func(s *session) {
		s.Status, s.URL = statusComplete, nil
		switch {
		case pi.is(statusSucceeded):
			s.PaymentStatus = paymentPaid
		case pi.is(statusNeedsCapture):
			s.PaymentStatus = paymentAuthorized
		}
		if s.CustomerDetails == nil {
			email, name := payerEmail, payerName
			s.CustomerDetails = &customerDetails{Email: &email, Name: &name, TaxExempt: "none", TaxIDs: []null{}}
		}
	})
	o.emit("checkout.session.completed", s.public(), nil)
}

// The simulator's own customer.
const (
	payerName  = "Robin Harbour"
	payerEmail = "robin@example.com"
)

// paySession notes that what was held is captured; there is no event of it.
func (o desk) paySession(intentID string) {
	if id, owned := o.sessionOf[intentID]; owned {
		o.sessions.edit(id, func(s *session) { s.PaymentStatus = paymentPaid })
	}
}

// settleSession is what the end of a debit does to its session, if any.
func (o desk) settleSession(intentID string, succeeded bool) {
	id, owned := o.sessionOf[intentID]
	if !owned {
		return
	}
	event := "checkout.session.async_payment_failed"
	if succeeded {
		event = "checkout.session.async_payment_succeeded"
		o.paySession(intentID)
	}
	s, _ := o.sessions.get(id)
	o.emit(event, s.public(), nil)
}

// takes tells whether it can be paid by a type of payment method.
func (s *session) takes(typ string) bool { return slices.Contains(s.PaymentMethodTypes, typ) }
