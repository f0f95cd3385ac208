package stripesim

import (
	"slices"
	"strings"
)

// Texts about payment intents. Those of statuses and of the return URL are recorded, the
// others unverified.
const (
	textCancel    = "You cannot cancel this PaymentIntent because it has a status of %s. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, requires_action, processing."
	textCapture   = "This PaymentIntent could not be captured because it has a status of %s. Only a PaymentIntent with one of the following statuses may be captured: requires_capture."
	textConfirmed = "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed."
	textConfirm   = "You cannot confirm this PaymentIntent because it has a status of %s."
	textUpdate    = "This PaymentIntent's %s could not be updated because it has a status of %s. You may only update the %[1]s of a PaymentIntent with one of the following statuses: requires_payment_method, requires_confirmation, requires_action."
	textReturnURL = "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents."
	textNoMethod  = "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken."
	textMethods   = "You may only specify one of these parameters: automatic_payment_methods, payment_method_types."
	textType      = "The PaymentMethod provided (%s) is not allowed for this PaymentIntent. Please attach a PaymentMethod of one of the following types: %s."
	textTypes     = "The payment method type \"%s\" is invalid."
	textOver      = "The amount to capture (%d) is greater than the amount that may be captured (%d)."
	textManyParts = "This PaymentIntent does not support multicapture: `final_capture` must be true."
	textEmail     = "Invalid email address: %s"
	textConfirms  = "You can only set `%s` if `confirm` is true."
	// textClientSecret is unverified.
	textClientSecret = "The client_secret provided does not match the client_secret associated with the PaymentIntent."
	// textSessionOwns is unverified: what Checkout made, Checkout ends.
	textSessionOwns = "You cannot %s this PaymentIntent because it was created by a Checkout Session. Expire the Checkout Session instead."
)

func intentParams() params {
	return params{
		"amount": integer(), "currency": name(0), "capture_method": oneOf("automatic", "automatic_async", "manual"),
		"description": name(1000), "metadata": metadataParam(), "payment_method": name(5000), "payment_method_data": methodDataParam(),
		"payment_method_types": array(name(5000), 0), "receipt_email": name(0),
		"statement_descriptor": name(22), "statement_descriptor_suffix": name(22),
	}
}

func intentCreateParams() params {
	ps := intentParams()
	ps["amount"], ps["currency"] = integer().must(), name(0).must()
	ps["automatic_payment_methods"] = object(params{"allow_redirects": oneOf("always", "never"), "enabled": boolean().must()})
	ps["confirm"], ps["confirmation_method"] = boolean(), oneOf("automatic", "manual")
	ps["return_url"], ps["error_on_requires_action"], ps["off_session"] = name(0), boolean(), boolean()
	return ps
}

func intentUpdateParams() params {
	ps := intentParams()
	ps["receipt_email"] = text(0)
	return ps
}

func intentConfirmParams() params {
	return params{
		"capture_method": oneOf("automatic", "automatic_async", "manual"), "error_on_requires_action": boolean(),
		"off_session": boolean(), "payment_method": name(5000), "payment_method_data": methodDataParam(),
		"receipt_email": text(0), "return_url": name(0),
	}
}

func createIntent(o *op) (any, *apiError) {
	pi, err := till{o}.newIntent()
	if err != nil {
		return nil, err
	}
	if err := (till{o}).choose(pi); err != nil {
		return nil, err
	}
	for _, param := range []string{"return_url", "error_on_requires_action", "off_session"} {
		if o.in.has(param) && !o.in.flag("confirm") {
			return nil, invalid("", param, textConfirms, param)
		}
	}
	if o.in.flag("confirm") {
		if err := (till{o}).checkConfirm(pi); err != nil {
			return nil, err
		}
	}
	till{o}.addIntent(pi)
	if o.in.flag("confirm") {
		if err := (till{o}).confirm(pi.ID); err != nil {
			return nil, err
		}
	}
	return till{o}.answerIntent(pi.ID)
}

func (o till) addIntent(pi *paymentIntent) {
	o.intents.add(pi.ID, pi.Created, pi)
	o.emit("payment_intent.created", pi.public(), nil)
}

// blankIntent is an intent of which nothing is known but what everyone shares.
func (o till) blankIntent(amount int64, currency string) *paymentIntent {
	id := newID("pi_3", 23)
	return &paymentIntent{
		ID: id, Object: "payment_intent", Amount: amount, CaptureMethod: "automatic", ClientSecret: newID(id+"_secret_", 25),
		ConfirmationMethod: "automatic", Created: o.created(), Currency: currency, Livemode: o.mode == Live,
		Metadata: map[string]string{}, PaymentMethodTypes: methodTypes(), Status: statusNeedsMethod,
	}
}

func (o till) newIntent() (*paymentIntent, *apiError) {
	currency, err := readCurrency("currency", o.in.text("currency"))
	if err != nil {
		return nil, err
	}
	pi := o.blankIntent(*o.in.integer("amount"), currency)
	pi.ConfirmationMethod = o.in.textOr("confirmation_method", pi.ConfirmationMethod)
	pi.AutomaticPaymentMethods = &automaticMethods{AllowRedirects: "always", Enabled: true}
	automatic := o.in.object("automatic_payment_methods")
	switch {
	case automatic.flag("enabled") && o.in.has("payment_method_types"):
		return nil, invalid("parameters_exclusive", "payment_method_types", textMethods)
	case o.in.has("payment_method_types"):
		pi.AutomaticPaymentMethods = nil
	case o.in.has("automatic_payment_methods") && !automatic.flag("enabled"):
		pi.AutomaticPaymentMethods, pi.PaymentMethodTypes = nil, []string{"card"}
	case automatic.has("allow_redirects"):
		pi.AutomaticPaymentMethods.AllowRedirects = automatic.text("allow_redirects")
	}
	return pi, o.applyIntent(pi)
}

// applyIntent sets what both creation and update may set.
func (o till) applyIntent(pi *paymentIntent) (err *apiError) {
	if o.in.has("currency") {
		if pi.Currency, err = readCurrency("currency", o.in.text("currency")); err != nil {
			return err
		}
	}
	if o.in.has("amount") {
		pi.Amount = *o.in.integer("amount")
	}
	if err := checkAmount("amount", pi.Currency, pi.Amount); err != nil {
		return err
	}
	if pi.Metadata, err = o.in.mergeMetadata(pi.Metadata); err != nil {
		return err
	}
	if err := checkEmail("receipt_email", o.in.text("receipt_email")); err != nil {
		return err
	}
	pi.CaptureMethod = o.in.textOr("capture_method", pi.CaptureMethod)
	o.in.setText("description", &pi.Description)
	o.in.setText("receipt_email", &pi.ReceiptEmail)
	o.in.setText("statement_descriptor", &pi.StatementDescriptor)
	o.in.setText("statement_descriptor_suffix", &pi.StatementDescriptorSufix)
	if o.in.has("payment_method_types") {
		pi.PaymentMethodTypes = o.in.texts("payment_method_types")
		for _, typ := range pi.PaymentMethodTypes {
			if !slices.Contains(methodTypes(), typ) {
				return invalid("", "payment_method_types", textTypes, typ)
			}
		}
	}
	return nil
}

// checkEmail lets the empty one through, which clears.
func checkEmail(param, address string) *apiError {
	if name, host, ok := strings.Cut(address, "@"); address != "" && (!ok || name == "" || !strings.Contains(host, ".")) {
		return invalid("email_invalid", param, textEmail, address)
	}
	return nil
}

// choose sets the payment method of the request, if there is one.
func (o till) choose(pi *paymentIntent) *apiError {
	if !o.in.has("payment_method") && !o.in.has("payment_method_data") {
		return nil
	}
	m, err := o.readMethod()
	if err != nil {
		return err
	}
	if !slices.Contains(pi.PaymentMethodTypes, m.typ) {
		return refused("payment_method", textType, m.typ, strings.Join(pi.PaymentMethodTypes, ", "))
	}
	pi.attach(m)
	if pi.is(statusNeedsMethod) {
		pi.Status = statusNeedsConfirm
	}
	return nil
}

func (pi *paymentIntent) attach(m method) {
	id := newID("pm_1", 23)
	pi.PaymentMethod, pi.Method = &id, m.name
}

func updateIntent(o *op) (any, *apiError) {
	old, err := till{o}.findIntent()
	if err != nil {
		return nil, err
	}
	for _, param := range []string{"amount", "currency", "payment_method"} {
		if o.in.has(param) && !old.is(statusNeedsMethod, statusNeedsConfirm, statusNeedsAction) {
			return nil, unexpected(old, textUpdate, param, old.Status)
		}
	}
	pi := *old
	if err := (till{o}).applyIntent(&pi); err != nil {
		return nil, err
	}
	if err := (till{o}).choose(&pi); err != nil {
		return nil, err
	}
	o.intents.replace(pi.ID, &pi)
	return till{o}.answerIntent(pi.ID)
}
