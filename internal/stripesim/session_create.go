package stripesim

import (
	"math/big"
	"net/http"
	"net/url"
	"strconv"
)

// What Stripe documents of sessions, in seconds and lines.
const (
	shortestSession = 30 * 60
	longestSession  = 24 * 3600
	maxLines        = 100
)

// Texts about sessions. Those of passive and recurring prices are recorded, the others
// unverified.
const (
	textSessionMode     = "The simulator has checkout sessions of mode payment only."
	textNoLines         = "You must provide `line_items` when `mode` is `payment`."
	textPricePassive    = "The price specified is inactive. This field only accepts active prices."
	textProductPassive  = "The product of the price specified (%s) is inactive. This field only accepts prices of active products."
	textPriceRecurring  = "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices."
	textLineCurrency    = "The price specified only supports `%s`. This doesn't match the expected currency: `%s`."
	textLineCustom      = "The price specified has no fixed amount, which the simulator does not sell."
	textQuantity        = "Quantity is required. Add `quantity` to `%s`"
	textExpiresSoon     = "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
	textExpiresLate     = "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."
	textSessionTotal    = "The Checkout Session's total amount due must add up to at least %d %s in the smallest unit"
	textSessionNotOpen  = "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of `%s`."
	textSuccessRequired = "You must provide `success_url` when `ui_mode` is `hosted`."
)

func sessionCreateParams() params {
	return params{
		"mode": oneOf("payment", "setup", "subscription").must(), "success_url": name(5000), "cancel_url": name(5000),
		"client_reference_id": name(200), "customer_email": name(0), "expires_at": integer(), "locale": name(0),
		"metadata": metadataParam(), "payment_method_types": array(name(5000), 0), "submit_type": oneOf("auto", "book", "donate", "pay"),
		"ui_mode": oneOf("hosted"), "customer_creation": oneOf("always", "if_required"), "currency": name(0),
		"line_items": array(object(params{"price": name(5000).must(), "quantity": integer()}), maxLines),
		"payment_intent_data": object(params{
			"capture_method": oneOf("automatic", "automatic_async", "manual"), "description": name(1000), "metadata": metadataParam(),
			"receipt_email": name(0), "statement_descriptor": name(22), "statement_descriptor_suffix": name(22),
		}),
	}
}

func createSession(o *op) (any, *apiError) {
	s, err := desk{o}.newSession()
	if err != nil {
		return nil, err
	}
	if err := (desk{o}).addLines(s); err != nil {
		return nil, err
	}
	o.sessions.add(s.ID, s.Created, s)
	o.plan(s.ExpiresAt, dueSession, s.ID)
	return desk{o}.renderSession(s, o.expand), nil
}

func (o desk) newSession() (s *session, err *apiError) {
	in := o.in
	s = &session{
		ID: newID("cs_"+string(o.mode)+"_a1", 56), Object: "checkout.session", Created: o.created(), CustomFields: []null{},
		CustomerCreation: in.textOr("customer_creation", "if_required"), CustomerEmail: orNull(in.text("customer_email")),
		CancelURL: orNull(in.text("cancel_url")), ClientReferenceID: orNull(in.text("client_reference_id")),
		ExpiresAt: o.created() + longestSession, InvoiceCreation: invoiceCreation{InvoiceData: invoiceData{Metadata: map[string]string{}}},
		Livemode: o.mode == Live, Locale: orNull(in.text("locale")), Mode: "payment", PaymentMethodCollection: "if_required",
		PaymentMethodTypes: methodTypes(), PaymentStatus: paymentUnpaid, ShippingOptions: []null{}, Status: statusOpen,
		SubmitType: orNull(in.text("submit_type")), SuccessURL: in.text("success_url"), UIMode: "hosted",
	}
	page := o.base + pagePath + s.ID
	s.URL = &page
	if s.CustomerEmail != nil {
		s.CustomerDetails = &customerDetails{Email: s.CustomerEmail, TaxExempt: "none", TaxIDs: []null{}}
	}
	if in.has("payment_method_types") {
		s.PaymentMethodTypes = in.texts("payment_method_types")
	}
	if s.Metadata, err = in.mergeMetadata(nil); err != nil {
		return nil, err
	}
	if s.Intent, err = in.object("payment_intent_data").readIntentData(); err != nil {
		return nil, err
	}
	return s, o.checkSession(s)
}

func (in input) readIntentData() (d *intentData, err *apiError) {
	d = &intentData{
		CaptureMethod: in.textOr("capture_method", "automatic"), Description: orNull(in.text("description")),
		ReceiptEmail: orNull(in.text("receipt_email")), Descriptor: orNull(in.text("statement_descriptor")),
		Suffix: orNull(in.text("statement_descriptor_suffix")),
	}
	d.Metadata, err = in.mergeMetadata(nil)
	return d, err
}

func (o desk) checkSession(s *session) *apiError {
	if at := o.in.integer("expires_at"); at != nil {
		s.ExpiresAt = *at
	}
	switch {
	case o.in.text("mode") != "payment":
		return refused("mode", textSessionMode)
	case s.SuccessURL == "":
		return invalid("parameter_missing", "success_url", textSuccessRequired)
	case s.ExpiresAt < o.created()+shortestSession:
		return refused("expires_at", textExpiresSoon)
	case s.ExpiresAt > o.created()+longestSession:
		return refused("expires_at", textExpiresLate)
	}
	if err := checkEmail("customer_email", o.in.text("customer_email")); err != nil {
		return err
	}
	for _, param := range []string{"success_url", "cancel_url"} {
		if u, err := url.Parse(o.in.text(param)); o.in.has(param) && (err != nil || u.Scheme == "" || u.Host == "") {
			return invalid("url_invalid", param, textURL)
		}
	}
	return nil
}

// addLines reads the lines and sums them.
func (o desk) addLines(s *session) *apiError {
	lines := o.in.list("line_items")
	if len(lines) == 0 {
		return invalid("parameter_missing", "line_items", textNoLines)
	}
	for i, line := range lines {
		path := join("line_items", strconv.Itoa(i))
		item, err := o.readLine(line, path)
		if err != nil {
			return err
		}
		if s.Currency == "" {
			s.Currency = o.in.textOr("currency", item.Currency)
		}
		if item.Currency != s.Currency {
			return refused(join(path, "price"), textLineCurrency, item.Currency, s.Currency)
		}
		s.Items = append(s.Items, *item)
		s.AmountTotal += item.AmountTotal
	}
	s.AmountSubtotal = s.AmountTotal
	if s.AmountTotal < minimumOf(s.Currency) {
		e := refused("", textSessionTotal, minimumOf(s.Currency), s.Currency)
		e.code = "amount_too_small"
		return e
	}
	return checkAmount("line_items", s.Currency, s.AmountTotal)
}

func (o desk) readLine(line input, path string) (*sessionItem, *apiError) {
	id := line.text("price")
	p, ok := o.prices.get(id)
	if !ok {
		return nil, o.missing(http.StatusBadRequest, nounPrice, id, join(path, "price"))
	}
	of, _ := o.products.get(p.Product.id)
	quantity := line.integer("quantity")
	unit, currency := p.unitIn(o.in.text("currency"))
	switch {
	case !p.Active:
		return nil, refused(join(path, "price"), textPricePassive)
	case !of.Active:
		return nil, refused(join(path, "price"), textProductPassive, of.ID)
	case p.Recurring != nil:
		return nil, refused(join(path, "price"), textPriceRecurring)
	case unit == nil:
		return nil, refused(join(path, "price"), textLineCustom)
	case quantity == nil:
		return nil, invalid("parameter_missing", join(path, "quantity"), textQuantity, path)
	case *quantity < 1 || *quantity > 999_999:
		return nil, invalid("parameter_invalid_integer", join(path, "quantity"), textPositive)
	}
	amount, fits := lineAmount(*unit, *quantity, p.TransformQuantity)
	if !fits {
		return nil, checkAmount(join(path, "price"), currency, maxAmount+1)
	}
	return &sessionItem{
		ID: newID("li_1", 23), Object: "item", AmountSubtotal: amount, AmountTotal: amount, Currency: currency,
		Description: of.Name, Price: ref{id: id}, Quantity: *quantity,
	}, nil
}

// unitIn is what a unit costs in a currency that the price has, else in its own.
func (p *price) unitIn(currency string) (unit *string, in string) {
	if option, has := p.CurrencyOptions[currency]; has && currency != p.Currency {
		return option.UnitAmountDecimal, currency
	}
	return p.UnitAmountDecimal, p.Currency
}

// lineAmount is rounded once, half up.
func lineAmount(unit string, quantity int64, transform *transformQuantity) (amount int64, fits bool) {
	units := quantity
	if transform != nil {
		units = quantity / transform.DivideBy
		if transform.Round == "up" && quantity%transform.DivideBy != 0 {
			units++
		}
	}
	exact, _ := new(big.Rat).SetString(unit)
	exact.Mul(exact, new(big.Rat).SetInt64(units))
	exact.Add(exact, big.NewRat(1, 2))
	whole := new(big.Int).Div(exact.Num(), exact.Denom())
	return whole.Int64(), whole.IsInt64() && whole.Int64() <= maxAmount
}
