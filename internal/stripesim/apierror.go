package stripesim

import (
	"fmt"
	"net/http"
	"strings"
)

// Stripe's error types.
const (
	typeAPI         = "api_error"
	typeCard        = "card_error"
	typeIdempotency = "idempotency_error"
	typeInvalid     = "invalid_request_error"
)

// apiError is an error answer of Stripe.
type apiError struct {
	status  int
	typ     string
	code    string
	message string
	param   string
	// declineCode, charge and intent are of a payment that failed.
	declineCode string
	charge      string
	intent      *paymentIntent
	// reason goes into Stripe-Rate-Limited-Reason.
	reason string
	// unstored marks an answer given before the endpoint began to execute;
	// Stripe does not keep those under the idempotency key.
	unstored bool
}

type errorBody struct {
	Error errorDetail `json:"error"`
}

type errorDetail struct {
	Charge        string `json:"charge,omitempty"`
	Code          string `json:"code,omitempty"`
	DeclineCode   string `json:"decline_code,omitempty"`
	DocURL        string `json:"doc_url,omitempty"`
	Message       string `json:"message"`
	Param         string `json:"param,omitempty"`
	PaymentIntent any    `json:"payment_intent,omitempty"`
	RequestLogURL string `json:"request_log_url,omitempty"`
	Type          string `json:"type"`
}

func (e *apiError) body(c *call) errorBody {
	d := errorDetail{Charge: e.charge, Code: e.code, DeclineCode: e.declineCode, DocURL: docURL(e.code), Message: e.message, Param: e.param, Type: e.typ}
	if e.intent != nil {
		d.PaymentIntent = e.intent.public()
	}
	if c.account != nil {
		prefix := "test/"
		if c.mode == Live {
			prefix = ""
		}
		d.RequestLogURL = fmt.Sprintf("https://dashboard.stripe.com/%slogs/%s?t=%d", prefix, c.id, c.now.Unix())
	}
	return errorBody{d}
}

func docURL(code string) string {
	if code == "" {
		return ""
	}
	return "https://stripe.com/docs/error-codes/" + strings.ReplaceAll(code, "_", "-")
}

// refused is an error of an endpoint that began to execute: kept under the key.
func refused(param, format string, args ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, typ: typeInvalid, param: param, message: fmt.Sprintf(format, args...)}
}

// invalid is a parameter that fails validation: not kept under the key.
func invalid(code, param, format string, args ...any) *apiError {
	e := refused(param, format, args...)
	e.code, e.unstored = code, true
	return e
}

func missingParam(param string) *apiError {
	return invalid("parameter_missing", param, "Missing required param: %s.", param)
}

func unknownParam(param string) *apiError {
	return invalid("parameter_unknown", param, "Received unknown parameter: %s", param)
}

func emptyParam(param string) *apiError {
	return invalid("parameter_invalid_empty", param,
		"You passed an empty string for '%[1]s'. We assume empty values are an attempt to unset a parameter; however '%[1]s' cannot be unset. You should remove '%[1]s' from your request or supply a non-empty value.", param)
}

// exclusiveParams is unverified in its text; the code is documented.
func exclusiveParams(params ...string) *apiError {
	return invalid("parameters_exclusive", params[len(params)-1],
		"You may only specify one of these parameters: %s.", strings.Join(params, ", "))
}

// noSuch is a missing reference inside a request, 400; retrieving a missing
// object by its path answers 404 instead.
func noSuch(status int, noun, id, param, hint string) *apiError {
	return &apiError{
		status: status, typ: typeInvalid, code: "resource_missing", param: param,
		message: fmt.Sprintf("No such %s: '%s'%s", noun, id, hint),
	}
}
