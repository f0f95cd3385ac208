package stripesim

import (
	"net/http"
)

// Statuses of checkout sessions, and whether they are paid.
const (
	statusOpen     = "open"
	statusComplete = "complete"
	statusExpired  = "expired"
	paymentPaid    = "paid"
	paymentUnpaid  = "unpaid"
)

// paymentAuthorized is unverified: what a session says that holds money uncaptured.
const paymentAuthorized = paymentUnpaid

// expiryCancelsIntent is unverified: whether the intent that a declined payment left
// behind is cancelled when its session expires.
const expiryCancelsIntent = true

// intentInheritsMetadata is unverified: whether the intent has its session's metadata,
// besides that of payment_intent_data.
const intentInheritsMetadata = false

type session struct {
	ID                      string            `json:"id"`
	Object                  string            `json:"object"`
	AfterExpiration         null              `json:"after_expiration"`
	AllowPromotionCodes     null              `json:"allow_promotion_codes"`
	AmountSubtotal          int64             `json:"amount_subtotal"`
	AmountTotal             int64             `json:"amount_total"`
	AutomaticTax            automaticTax      `json:"automatic_tax"`
	BillingAddress          null              `json:"billing_address_collection"`
	CancelURL               *string           `json:"cancel_url"`
	ClientReferenceID       *string           `json:"client_reference_id"`
	ClientSecret            null              `json:"client_secret"`
	Consent                 null              `json:"consent"`
	ConsentCollection       null              `json:"consent_collection"`
	Created                 int64             `json:"created"`
	Currency                string            `json:"currency"`
	CurrencyConversion      null              `json:"currency_conversion"`
	CustomFields            []null            `json:"custom_fields"`
	CustomText              customText        `json:"custom_text"`
	Customer                null              `json:"customer"`
	CustomerCreation        string            `json:"customer_creation"`
	CustomerDetails         *customerDetails  `json:"customer_details"`
	CustomerEmail           *string           `json:"customer_email"`
	ExpiresAt               int64             `json:"expires_at"`
	Invoice                 null              `json:"invoice"`
	InvoiceCreation         invoiceCreation   `json:"invoice_creation"`
	LineItems               *list             `json:"line_items,omitempty"`
	Livemode                bool              `json:"livemode"`
	Locale                  *string           `json:"locale"`
	Metadata                map[string]string `json:"metadata"`
	Mode                    string            `json:"mode"`
	PaymentIntent           ref               `json:"payment_intent"`
	PaymentLink             null              `json:"payment_link"`
	PaymentMethodCollection string            `json:"payment_method_collection"`
	MethodConfiguration     null              `json:"payment_method_configuration_details"`
	PaymentMethodOptions    struct{}          `json:"payment_method_options"`
	PaymentMethodTypes      []string          `json:"payment_method_types"`
	PaymentStatus           string            `json:"payment_status"`
	PhoneNumberCollection   disabled          `json:"phone_number_collection"`
	RecoveredFrom           null              `json:"recovered_from"`
	SetupIntent             null              `json:"setup_intent"`
	ShippingAddress         null              `json:"shipping_address_collection"`
	ShippingCost            null              `json:"shipping_cost"`
	ShippingDetails         null              `json:"shipping_details"`
	ShippingOptions         []null            `json:"shipping_options"`
	Status                  string            `json:"status"`
	SubmitType              *string           `json:"submit_type"`
	Subscription            null              `json:"subscription"`
	SuccessURL              string            `json:"success_url"`
	TotalDetails            totalDetails      `json:"total_details"`
	UIMode                  string            `json:"ui_mode"`
	URL                     *string           `json:"url"`
	// Items and Intent are never answered: the lines, which expansion shows, and what
	// the intent will be like, which is made when somebody first pays.
	Items  []sessionItem `json:"_items,omitempty"`
	Intent *intentData   `json:"_intent,omitempty"`
}

type automaticTax struct {
	Enabled   bool `json:"enabled"`
	Liability null `json:"liability"`
	Status    null `json:"status"`
}

type customText struct {
	AfterSubmit     null `json:"after_submit"`
	ShippingAddress null `json:"shipping_address"`
	Submit          null `json:"submit"`
	Terms           null `json:"terms_of_service_acceptance"`
}

type customerDetails struct {
	Address   address `json:"address"`
	Email     *string `json:"email"`
	Name      *string `json:"name"`
	Phone     *string `json:"phone"`
	TaxExempt string  `json:"tax_exempt"`
	TaxIDs    []null  `json:"tax_ids"`
}

type invoiceCreation struct {
	Enabled     bool        `json:"enabled"`
	InvoiceData invoiceData `json:"invoice_data"`
}

type invoiceData struct {
	AccountTaxIDs    null              `json:"account_tax_ids"`
	CustomFields     null              `json:"custom_fields"`
	Description      null              `json:"description"`
	Footer           null              `json:"footer"`
	Issuer           null              `json:"issuer"`
	Metadata         map[string]string `json:"metadata"`
	RenderingOptions null              `json:"rendering_options"`
}

type disabled struct {
	Enabled bool `json:"enabled"`
}

type totalDetails struct {
	AmountDiscount int64 `json:"amount_discount"`
	AmountShipping int64 `json:"amount_shipping"`
	AmountTax      int64 `json:"amount_tax"`
}

// sessionItem is one line.
type sessionItem struct {
	ID             string `json:"id"`
	Object         string `json:"object"`
	AmountDiscount int64  `json:"amount_discount"`
	AmountSubtotal int64  `json:"amount_subtotal"`
	AmountTax      int64  `json:"amount_tax"`
	AmountTotal    int64  `json:"amount_total"`
	Currency       string `json:"currency"`
	Description    string `json:"description"`
	Price          ref    `json:"price"`
	Quantity       int64  `json:"quantity"`
}

type intentData struct {
	CaptureMethod string            `json:"capture_method"`
	Description   *string           `json:"description"`
	Metadata      map[string]string `json:"metadata"`
	ReceiptEmail  *string           `json:"receipt_email"`
	Descriptor    *string           `json:"statement_descriptor"`
	Suffix        *string           `json:"statement_descriptor_suffix"`
}

// desk is where sessions are opened, paid and closed.
type desk struct{ *op }

func sessionRoutes() []*route {
	const all, one, resource = "/v1/checkout/sessions", "/v1/checkout/sessions/{id}", "checkout_sessions"
	return []*route{
		{method: "GET", template: all, resource: resource, answers: targetSessionList, run: listSessions, params: listParams(params{
			"created": createdParam(), "payment_intent": name(5000), "status": oneOf(statusComplete, statusExpired, statusOpen),
		})},
		{method: "POST", template: all, resource: resource, answers: targetSession, run: createSession, params: sessionCreateParams()},
		{method: "GET", template: one, resource: resource, answers: targetSession, run: getSession},
		{method: "POST", template: one + "/expire", resource: resource, answers: targetSession, run: expireSession},
		{method: "GET", template: one + "/line_items", resource: resource, answers: targetItemList, run: listItems, params: listParams(nil)},
	}
}

// public is what events show.
func (s session) public() session {
	s.Items, s.Intent = nil, nil
	return s
}

func (o desk) renderSession(s *session, x expansion) any {
	v := s.public()
	if x.has("payment_intent") {
		v.PaymentIntent.object = o.expandIntent(v.PaymentIntent.id, x["payment_intent"])
	}
	if x.has("line_items") {
		data := make([]any, 0, len(s.Items))
		for _, item := range s.Items {
			data = append(data, o.renderItem(&item, x["line_items"]["data"]))
		}
		v.LineItems = &list{Object: "list", Data: data, URL: "/v1/checkout/sessions/" + s.ID + "/line_items"}
	}
	return v
}

// renderItem shows its price as it is now, which Stripe keeps as it was: prices hardly
// change.
func (o desk) renderItem(item *sessionItem, x expansion) any {
	v := *item
	if p, ok := o.prices.get(v.Price.id); ok {
		v.Price.object = o.renderPrice(p, x["price"])
	}
	return v
}

func (o desk) findSession() (*session, *apiError) {
	s, ok := o.sessions.get(o.pathID)
	if !ok {
		return nil, o.missing(http.StatusNotFound, nounSession, o.pathID, "session")
	}
	return s, nil
}

func getSession(o *op) (any, *apiError) {
	s, err := desk{o}.findSession()
	if err != nil {
		return nil, err
	}
	return desk{o}.renderSession(s, o.expand), nil
}

func listSessions(o *op) (any, *apiError) {
	created := o.in.created()
	source := o.sessions.all
	if o.in.has("payment_intent") {
		source = o.sessions.subset([]string{o.sessionOf[o.in.text("payment_intent")]})
	}
	return listOf(o, o.sessions, source, nounSession, func(s *session) bool {
		return created(s.Created) && o.in.filter("status", func(v string) bool { return s.Status == v })
	}, desk{o}.renderSession)
}

// listItems are in the order in which they were given.
func listItems(o *op) (any, *apiError) {
	s, err := desk{o}.findSession()
	if err != nil {
		return nil, err
	}
	items := newCollection[sessionItem]()
	for i := range s.Items {
		items.add(s.Items[i].ID, int64(-i), &s.Items[i])
	}
	page, err := listOf(o, items, items.all, "item", func(*sessionItem) bool { return true }, desk{o}.renderItem)
	if l, ok := page.(list); ok {
		l.URL = "/v1/checkout/sessions/" + s.ID + "/line_items"
		page = l
	}
	return page, err
}
