// Package fault is the one error vocabulary of Golive.
//
// An *Error is written for the person who caused it: its message says what is
// wrong and what to do. Every other error is ours; faces log it and show
// INTERNAL instead of its text.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Code names a kind of problem. The GraphQL contract publishes them: those of
// UserErrorCode travel in userErrors, the others as extensions.code.
type Code string

// Codes of problems that the caller can mend.
const (
	NotFound             Code = "NOT_FOUND"
	InvalidInput         Code = "INVALID_INPUT"
	InvalidState         Code = "INVALID_STATE"
	IdempotencyKeyReused Code = "IDEMPOTENCY_KEY_REUSED"
	ValidationFailed     Code = "VALIDATION_FAILED"
	DeploymentInProgress Code = "DEPLOYMENT_IN_PROGRESS"
	PlanChanged          Code = "PLAN_CHANGED"
	VersionConflict      Code = "VERSION_CONFLICT"
	TimeInPast           Code = "TIME_IN_PAST"
	TimeTooFar           Code = "TIME_TOO_FAR"
	TimeNonexistent      Code = "TIME_NONEXISTENT"
	TimeAmbiguous        Code = "TIME_AMBIGUOUS"
	TimeZoneUnknown      Code = "TIME_ZONE_UNKNOWN"
	StripeNotConnected   Code = "STRIPE_NOT_CONNECTED"
	StripeKeyInvalid     Code = "STRIPE_KEY_INVALID"
	StripeUnavailable    Code = "STRIPE_UNAVAILABLE"
	LimitReached         Code = "LIMIT_REACHED"
	PaymentsDisabled     Code = "PAYMENTS_DISABLED"
	AmountTooLarge       Code = "AMOUNT_TOO_LARGE"
)

// Codes of transport, authentication and permission.
const (
	Unauthenticated Code = "UNAUTHENTICATED"
	Forbidden       Code = "FORBIDDEN"
	RateLimited     Code = "RATE_LIMITED"
	BadRequest      Code = "BAD_REQUEST"
	Unavailable     Code = "UNAVAILABLE" // the database is away, or takes no writes: ask again
	Internal        Code = "INTERNAL"
)

// Error is a problem with a code for programs and a sentence for people.
type Error struct {
	Code    Code
	Message string
	// Field is the path of the input field at fault, nil where no single one is.
	Field []string
	// RetryAfter is when to try again at the earliest, 0 where nobody can tell.
	RetryAfter time.Duration
	cause      error
}

// Seconds is RetryAfter in whole seconds, as Retry-After has them: at least one.
func (e *Error) Seconds() int { return max(1, int((e.RetryAfter+time.Second-1)/time.Second)) }

// New returns an Error whose message is formatted as by fmt.Sprintf.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap is New with a cause that errors.Is and logs see and callers do not.
func Wrap(cause error, code Code, format string, args ...any) *Error {
	e := New(code, format, args...)
	e.cause = cause
	return e
}

// At returns e with the path of the input field at fault.
func (e *Error) At(field ...string) *Error {
	e.Field = field
	return e
}

func (e *Error) Error() string { return e.Message }

func (e *Error) Unwrap() error { return e.cause }

// As returns the *Error in err's chain, or nil where there is none.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// CodeOf returns the code of err: "" for nil, Internal for an error that is no *Error.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e := As(err); e != nil {
		return e.Code
	}
	return Internal
}
