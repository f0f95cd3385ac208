package stripesim

import (
	"net/http"
	"slices"
)

// Statuses of payment intents and, in part, of what else has one.
const (
	statusNeedsMethod  = "requires_payment_method"
	statusNeedsConfirm = "requires_confirmation"
	statusNeedsAction  = "requires_action"
	statusNeedsCapture = "requires_capture"
	statusProcessing   = "processing"
	statusSucceeded    = "succeeded"
	statusCanceled     = "canceled"
	statusPending      = "pending"
	statusFailed       = "failed"
)

// null is a field that the simulator never fills.
type null struct{}

// MarshalJSON answers null.
func (null) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

type paymentIntent struct {
	ID                       string            `json:"id"`
	Object                   string            `json:"object"`
	Amount                   int64             `json:"amount"`
	AmountCapturable         int64             `json:"amount_capturable"`
	AmountDetails            amountDetails     `json:"amount_details"`
	AmountReceived           int64             `json:"amount_received"`
	Application              null              `json:"application"`
	ApplicationFeeAmount     null              `json:"application_fee_amount"`
	AutomaticPaymentMethods  *automaticMethods `json:"automatic_payment_methods"`
	CanceledAt               *int64            `json:"canceled_at"`
	CancellationReason       *string           `json:"cancellation_reason"`
	CaptureMethod            string            `json:"capture_method"`
	ClientSecret             string            `json:"client_secret"`
	ConfirmationMethod       string            `json:"confirmation_method"`
	Created                  int64             `json:"created"`
	Currency                 string            `json:"currency"`
	Customer                 null              `json:"customer"`
	Description              *string           `json:"description"`
	Invoice                  null              `json:"invoice"`
	LastPaymentError         *paymentError     `json:"last_payment_error"`
	LatestCharge             ref               `json:"latest_charge"`
	Livemode                 bool              `json:"livemode"`
	Metadata                 map[string]string `json:"metadata"`
	NextAction               *nextAction       `json:"next_action"`
	OnBehalfOf               null              `json:"on_behalf_of"`
	PaymentMethod            *string           `json:"payment_method"`
	MethodConfiguration      null              `json:"payment_method_configuration_details"`
	PaymentMethodOptions     struct{}          `json:"payment_method_options"`
	PaymentMethodTypes       []string          `json:"payment_method_types"`
	Processing               null              `json:"processing"`
	ReceiptEmail             *string           `json:"receipt_email"`
	Review                   null              `json:"review"`
	SetupFutureUsage         null              `json:"setup_future_usage"`
	Shipping                 null              `json:"shipping"`
	StatementDescriptor      *string           `json:"statement_descriptor"`
	StatementDescriptorSufix *string           `json:"statement_descriptor_suffix"`
	Status                   string            `json:"status"`
	TransferData             null              `json:"transfer_data"`
	TransferGroup            null              `json:"transfer_group"`
	// ReturnURL is where the payer goes after authentication; never answered.
	ReturnURL string `json:"_return_url,omitempty"`
	// Method is the name of how the payer's payment method behaves; never answered.
	Method string `json:"_method,omitempty"`
}

type amountDetails struct {
	Tip struct{} `json:"tip"`
}

type automaticMethods struct {
	AllowRedirects string `json:"allow_redirects"`
	Enabled        bool   `json:"enabled"`
}

type paymentError struct {
	Charge      string `json:"charge,omitempty"`
	Code        string `json:"code,omitempty"`
	DeclineCode string `json:"decline_code,omitempty"`
	DocURL      string `json:"doc_url,omitempty"`
	Message     string `json:"message"`
	Type        string `json:"type"`
}

type nextAction struct {
	RedirectToURL *redirect `json:"redirect_to_url,omitempty"`
	Type          string    `json:"type"`
	UseStripeSDK  *struct{} `json:"use_stripe_sdk,omitempty"`
}

type redirect struct {
	ReturnURL string `json:"return_url"`
	URL       string `json:"url"`
}

func intentRoutes() []*route {
	const all, one = "/v1/payment_intents", "/v1/payment_intents/{id}"
	const resource = "payment_intents"
	return []*route{
		{method: "GET", template: all, resource: resource, answers: targetIntentList, run: listIntents, params: listParams(params{"created": createdParam()})},
		{method: "POST", template: all, resource: resource, answers: targetIntent, run: createIntent, params: intentCreateParams()},
		{method: "GET", template: one, resource: resource, answers: targetIntent, run: getIntent, params: params{"client_secret": name(5000)}},
		{method: "POST", template: one, resource: resource, answers: targetIntent, run: updateIntent, params: intentUpdateParams()},
		{method: "POST", template: one + "/confirm", resource: resource, answers: targetIntent, run: confirmIntent, params: intentConfirmParams()},
		{method: "POST", template: one + "/capture", resource: resource, answers: targetIntent, run: captureIntent, params: params{
			"amount_to_capture": integer(), "metadata": metadataParam(), "final_capture": boolean(),
			"statement_descriptor": name(22), "statement_descriptor_suffix": name(22),
		}},
		{method: "POST", template: one + "/cancel", resource: resource, answers: targetIntent, run: cancelIntent, params: params{
			"cancellation_reason": oneOf("abandoned", "duplicate", "fraudulent", "requested_by_customer"),
		}},
	}
}

// public leaves out what Stripe does not tell.
func (pi paymentIntent) public() paymentIntent {
	pi.Method, pi.ReturnURL = "", ""
	return pi
}

func (o *op) renderIntent(pi *paymentIntent, x expansion) any {
	v := pi.public()
	if x.has("latest_charge") {
		v.LatestCharge.object = o.expandCharge(v.LatestCharge.id, x["latest_charge"])
	}
	return v
}

// expandIntent is nil, and the id stays, where there is none.
func (o *op) expandIntent(id string, x expansion) any {
	if pi, ok := o.intents.get(id); ok {
		return o.renderIntent(pi, x)
	}
	return nil
}

func (o till) findIntent() (*paymentIntent, *apiError) {
	pi, ok := o.intents.get(o.pathID)
	if !ok {
		return nil, o.missing(http.StatusNotFound, nounIntent, o.pathID, "intent")
	}
	return pi, nil
}

func getIntent(o *op) (any, *apiError) {
	pi, err := till{o}.findIntent()
	if err != nil {
		return nil, err
	}
	if o.in.has("client_secret") && o.in.text("client_secret") != pi.ClientSecret {
		return nil, refused("client_secret", textClientSecret)
	}
	return o.renderIntent(pi, o.expand), nil
}

func listIntents(o *op) (any, *apiError) {
	created := o.in.created()
	return listOf(o, o.intents, o.intents.all, nounIntent,
		func(pi *paymentIntent) bool { return created(pi.Created) }, o.renderIntent)
}

// answerIntent is the intent as it is now.
func (o till) answerIntent(id string) (any, *apiError) {
	pi, _ := o.intents.get(id)
	return o.renderIntent(pi, o.expand), nil
}

// unexpected is the refusal of what the intent's status does not allow.
func unexpected(pi *paymentIntent, format string, args ...any) *apiError {
	e := refused("", format, args...)
	e.code, e.intent = "payment_intent_unexpected_state", pi
	return e
}

// methodTypes are those that automatic payment methods offer.
func methodTypes() []string { return []string{"card", "sepa_debit"} }

func (pi *paymentIntent) is(statuses ...string) bool { return slices.Contains(statuses, pi.Status) }
