package catalog

import (
	"fmt"
	"time"
)

// ErrorKind says whose fault a failed call was, and so what to do about it.
// Its values are those of the contract's ErrorCategory.
type ErrorKind string

// The kinds. The first two are terminal: trying again changes nothing.
const (
	KindPermission  ErrorKind = "PERMISSION"         // 401, 403 in Stripe's own words
	KindRequest     ErrorKind = "STRIPE_REQUEST"     // 400, 404 and other 4xx in Stripe's own words
	KindConflict    ErrorKind = "CONFLICT"           // 409 (key in use), lock_timeout
	KindRateLimit   ErrorKind = "STRIPE_RATE_LIMIT"  // 429
	KindUnavailable ErrorKind = "STRIPE_UNAVAILABLE" // 5xx, an answer that cannot be read, of whatever status but 429
	KindNetwork     ErrorKind = "NETWORK"            // no answer: the effect is unknown
)

// Error is a call to Stripe that failed, as Stripe told it.
type Error struct {
	Kind ErrorKind
	// Status is the HTTP status, 0 where there was no answer.
	Status int
	// Code, Param and RequestID are Stripe's own, "" where it gave none.
	Code, Param, RequestID string
	// Message is Stripe's sentence; keys and addresses in it are masked.
	Message string
	// LimitReason is why Stripe answered 429 (global-rate, endpoint-rate, ...), ""
	// where it gave no reason.
	LimitReason string
	// StoredFailure tells that Stripe keeps this 5xx under the idempotency key:
	// the same key would give the same answer again.
	StoredFailure bool
	// Unsound tells that Stripe did answer, but with what cannot be: an object that
	// cannot be read, or a list that does not end. Message names it and says what to do.
	Unsound bool
	// Took is how long Stripe was tried: the calls, and the pauses between them, without
	// what they waited for their turn.
	Took time.Duration
	// Cause is what broke underneath where there was no answer, else nil.
	Cause error
}

// Unwrap lets errors.Is see what broke underneath.
func (e *Error) Unwrap() error { return e.Cause }

func (e *Error) Error() string {
	if e.RequestID == "" {
		return fmt.Sprintf("stripe: %s (%s)", e.Message, e.Kind)
	}
	return fmt.Sprintf("stripe: %s (%s, request %s)", e.Message, e.Kind, e.RequestID)
}

// Transient tells whether the same request may succeed later.
func (e *Error) Transient() bool {
	return e.Kind != KindPermission && e.Kind != KindRequest
}

// Ambiguous tells that a write which ended so may have taken effect all the same.
func (e *Error) Ambiguous() bool {
	return e.Transient() && e.Kind != KindRateLimit
}

// Missing tells that the object that was asked for does not exist.
func (e *Error) Missing() bool {
	return e.Code == resourceMissing && e.Param != cursor
}

// CursorMissing tells that the object after which a list was to be read on does not
// exist any more. That says nothing about what the list holds.
func (e *Error) CursorMissing() bool {
	return e.Code == resourceMissing && e.Param == cursor
}

const (
	resourceMissing = "resource_missing"
	cursor          = "starting_after"
)
