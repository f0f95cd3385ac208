package stripesim

// cancelable are the statuses that an intent may be cancelled in. Stripe's own sentence
// names processing too, and its documents say "in rare cases": here it never is.
var cancelable = []string{statusNeedsMethod, statusNeedsCapture, statusNeedsConfirm, statusNeedsAction}

func confirmIntent(o *op) (any, *apiError) {
	old, err := till{o}.findIntent()
	if err != nil {
		return nil, err
	}
	if err := (till{o}).ownedBySession(old, "confirm"); err != nil {
		return nil, err
	}
	switch {
	case old.is(statusSucceeded):
		return nil, unexpected(old, textConfirmed)
	case !old.is(statusNeedsMethod, statusNeedsConfirm, statusNeedsAction):
		return nil, unexpected(old, textConfirm, old.Status)
	}
	pi := *old
	if err := (till{o}).choose(&pi); err != nil {
		return nil, err
	}
	pi.CaptureMethod = o.in.textOr("capture_method", pi.CaptureMethod)
	o.in.setText("receipt_email", &pi.ReceiptEmail)
	if err := (till{o}).checkConfirm(&pi); err != nil {
		return nil, err
	}
	o.intents.replace(pi.ID, &pi)
	if err := (till{o}).confirm(pi.ID); err != nil {
		return nil, err
	}
	return till{o}.answerIntent(pi.ID)
}

func (o till) ownedBySession(pi *paymentIntent, verb string) *apiError {
	if _, owned := o.sessionOf[pi.ID]; owned {
		return unexpected(pi, textSessionOwns, verb)
	}
	return nil
}

// checkConfirm refuses a confirmation that lacks something.
func (o till) checkConfirm(pi *paymentIntent) *apiError {
	if pi.PaymentMethod == nil {
		return unexpected(pi, textNoMethod)
	}
	if a := pi.AutomaticPaymentMethods; a != nil && a.AllowRedirects == "always" && !o.in.has("return_url") {
		return refused("", textReturnURL)
	}
	return nil
}

// confirm has the method charged; a decline is the request's error.
func (o till) confirm(id string) *apiError {
	pi, _ := o.intents.get(id)
	m := methods[pi.Method]
	if m.asks && o.in.flag("error_on_requires_action") {
		m = declining(m.name, m.last4, "authentication_required", "authentication_required",
			"Your card was declined. This transaction requires authentication.")
		m.typ, m.brand = "card", "visa"
	}
	o.attempt(id, m)
	pi, _ = o.intents.get(id)
	failed := pi.LastPaymentError
	if failed == nil {
		return nil
	}
	return &apiError{
		status: 402, typ: typeCard, code: failed.Code, declineCode: failed.DeclineCode, message: failed.Message,
		charge: failed.Charge, intent: pi,
	}
}

func captureIntent(o *op) (any, *apiError) {
	pi, err := till{o}.findIntent()
	if err != nil {
		return nil, err
	}
	if !pi.is(statusNeedsCapture) {
		return nil, unexpected(pi, textCapture, pi.Status)
	}
	amount := pi.AmountCapturable
	if asked := o.in.integer("amount_to_capture"); asked != nil {
		amount = *asked
	}
	switch {
	case amount < 1:
		return nil, invalid("parameter_invalid_integer", "amount_to_capture", textPositive)
	case amount > pi.AmountCapturable:
		e := refused("amount_to_capture", textOver, amount, pi.AmountCapturable)
		e.code = "amount_too_large"
		return nil, e
	case o.in.has("final_capture") && !o.in.flag("final_capture"):
		return nil, refused("final_capture", textManyParts)
	}
	metadata, err := o.in.mergeMetadata(pi.Metadata)
	if err != nil {
		return nil, err
	}
	o.intents.edit(pi.ID, func(pi *paymentIntent) { pi.Metadata = metadata })
	till{o}.capture(pi.ID, amount)
	return till{o}.answerIntent(pi.ID)
}

func cancelIntent(o *op) (any, *apiError) {
	pi, err := till{o}.findIntent()
	if err != nil {
		return nil, err
	}
	if !pi.is(cancelable...) {
		return nil, unexpected(pi, textCancel, pi.Status)
	}
	if !pi.is(statusNeedsCapture) { // a hold is the merchant's to give back
		if err := (till{o}).ownedBySession(pi, "cancel"); err != nil {
			return nil, err
		}
	}
	till{o}.cancel(pi.ID, orNull(o.in.text("cancellation_reason")))
	return till{o}.answerIntent(pi.ID)
}

// cancel gives back what is held, too.
func (o till) cancel(id string, reason *string) {
	at := o.created()
	pi := o.intents.edit(id, func(pi *paymentIntent) {
		if pi.is(statusNeedsCapture) {
			o.charges.edit(pi.LatestCharge.id, (*charge).release)
		}
		pi.Status, pi.CanceledAt, pi.CancellationReason = statusCanceled, &at, reason
		pi.AmountCapturable, pi.NextAction = 0, nil
	})
	o.emit("payment_intent.canceled", pi.public(), nil)
}
