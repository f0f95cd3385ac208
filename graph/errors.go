package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/logid"
)

// internalMessage is all that a caller learns of our own faults.
const internalMessage = "Something went wrong on our side. Try again. If it keeps happening, give the request ID to whoever runs this service."

// Codes that gqlgen's own checks of a request set.
var badRequests = map[any]bool{
	errcode.ParseFailed:      true,
	errcode.ValidationFailed: true,
}

// userErrors splits the error of a use case for a payload: what the caller can
// mend, and what is left to be a top-level error.
func userErrors(err error) ([]*fault.Error, error) {
	if err == nil {
		return []*fault.Error{}, nil
	}
	if e := fault.As(err); e != nil && mendable(e.Code) {
		return []*fault.Error{e}, nil
	}
	return nil, err
}

// mendable tells that code is one of UserErrorCode.
func mendable(code fault.Code) bool {
	switch code {
	case fault.Unauthenticated, fault.Forbidden, fault.RateLimited, fault.BadRequest, fault.Unavailable, fault.Internal:
		return false
	}
	return true
}

// presenter turns every error into what the caller may see of it. Only a
// *fault.Error and a complaint about the request itself show their text: any
// other may quote a password, a key, or another tenant's data.
//
// unavailable turns the database's trouble into a *fault.Error; nil leaves it.
func presenter(log *slog.Logger, unavailable func(error) error) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		var shown *gqlerror.Error
		if !errors.As(err, &shown) {
			shown = &gqlerror.Error{Err: err, Path: graphql.GetPath(ctx)}
		}
		if unavailable != nil {
			err = unavailable(err)
		}
		if slow := tooSlow(ctx, err); slow != nil {
			err = slow
		}
		if e := fault.As(err); e != nil && e.Code != fault.Internal {
			told := coded(ctx, shown, e.Code, e.Message)
			if e.Code == fault.RateLimited {
				told.Extensions["retryAfter"] = e.Seconds()
			}
			return told
		}
		if badRequests[shown.Extensions["code"]] || inArguments(ctx, shown) {
			return coded(ctx, shown, fault.BadRequest, echo(shown.Message))
		}
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return coded(ctx, shown, fault.Unavailable, errTime().Message) // or nobody waits for it any more
		}
		log.ErrorContext(ctx, "internal error", "error", err, "path", shown.Path.String(), "request_id", logid.Request(ctx))
		return coded(ctx, shown, fault.Internal, internalMessage)
	}
}

// tooSlow is why an error is the operation's own: nil where it has time left, or the error
// has nothing to do with that.
func tooSlow(ctx context.Context, err error) error {
	if ctx.Err() == nil || fault.CodeOf(err) != fault.Unavailable && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	if why := fault.As(context.Cause(ctx)); why != nil {
		return why
	}
	return nil
}

// echo is a complaint that may quote what was sent, at a length that a person reads.
func echo(message string) string {
	if runes := []rune(message); len(runes) > maxEcho {
		return string(runes[:maxEcho]) + "…"
	}
	return message
}

// inArguments tells that e lies in what the caller gave to a field, and not in what the
// field gave back: its path leads on from the field.
func inArguments(ctx context.Context, e *gqlerror.Error) bool {
	field := graphql.GetFieldContext(ctx)
	return field != nil && field.Args == nil && len(e.Path) > len(field.Path())
}

// coded keeps nothing of e but where it happened, and tells in which request.
func coded(ctx context.Context, e *gqlerror.Error, code fault.Code, message string) *gqlerror.Error {
	return &gqlerror.Error{
		Message:    message,
		Path:       e.Path,
		Locations:  e.Locations,
		Extensions: map[string]any{"code": code, "requestId": logid.Request(ctx)},
	}
}

// recovered makes a resolver's panic an internal error, so that it costs one
// field and not the process.
func recovered(log *slog.Logger) graphql.RecoverFunc {
	return func(ctx context.Context, cause any) error {
		log.ErrorContext(ctx, "panic in a resolver", "cause", cause, "stack", string(debug.Stack()), "request_id", logid.Request(ctx))
		return fmt.Errorf("panic: %v", cause)
	}
}
