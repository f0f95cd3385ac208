package graph

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/golive-hq/golive/graph/generated"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/logid"
)

func TestMendableCodesAreThoseOfTheSchema(t *testing.T) {
	t.Parallel()
	values := generated.NewExecutableSchema(generated.Config{}).Schema().Types["UserErrorCode"].EnumValues
	for _, v := range values {
		if !mendable(fault.Code(v.Name)) {
			t.Errorf("%s is a UserErrorCode and would be a top-level error", v.Name)
		}
	}
	for _, code := range []fault.Code{fault.Unauthenticated, fault.Forbidden, fault.RateLimited, fault.BadRequest, fault.Internal} {
		if mendable(code) || values.ForName(string(code)) != nil {
			t.Errorf("%s would travel in userErrors", code)
		}
	}
}

func TestUserErrorsSplitsByWhoCanMend(t *testing.T) {
	t.Parallel()
	mine := fault.New(fault.InvalidState, "Not now.")
	cases := map[string]struct {
		err      error
		problems int
		rest     bool
	}{
		"none":      {nil, 0, false},
		"theirs":    {fmt.Errorf("wrapped: %w", mine), 1, false},
		"forbidden": {fault.New(fault.Forbidden, "No."), 0, true},
		"ours":      {errors.New("disk full"), 0, true},
	}
	for name, c := range cases {
		problems, err := userErrors(c.err)
		if len(problems) != c.problems || (err != nil) != c.rest {
			t.Errorf("%s: %v and %v", name, problems, err)
		}
		if err == nil && problems == nil {
			t.Errorf("%s: userErrors would be null", name)
		}
	}
}

func TestPresenterHidesWhatIsOurs(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	present := presenter(slog.New(slog.NewTextHandler(&log, nil)), nil)
	ctx := logid.WithRequest(context.Background(), "req-1")
	ours := errors.New("password authentication failed for user golive")

	for name, err := range map[string]error{
		"plain":            ours,
		"wrapped":          gqlerror.WrapPath(nil, ours),
		"internal fault":   fault.Wrap(ours, fault.Internal, "password authentication failed"),
		"of the generator": gqlerror.Errorf("the requested element is null: password"),
	} {
		shown := present(ctx, err)
		if strings.Contains(shown.Error(), "password") || shown.Extensions["code"] != fault.Internal || shown.Extensions["requestId"] != "req-1" {
			t.Errorf("%s: shows %v %v", name, shown, shown.Extensions)
		}
		if shown.Err != nil {
			t.Errorf("%s: carries its cause", name)
		}
	}
	if !strings.Contains(log.String(), "password authentication failed") || !strings.Contains(log.String(), "req-1") {
		t.Errorf("the log lacks the cause or the request: %s", &log)
	}

	shown := present(ctx, gqlerror.WrapPath(nil, fault.Wrap(ours, fault.NotFound, "There is no product.")))
	if shown.Message != "There is no product." || shown.Extensions["code"] != fault.NotFound {
		t.Errorf("a fault shows %v %v", shown, shown.Extensions)
	}
}

func TestNobodyIsBlamedForGoingAway(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	shown := presenter(slog.New(slog.NewTextHandler(&log, nil)), nil)(context.Background(), fmt.Errorf("read: %w", context.Canceled))
	if log.Len() > 0 || shown.Extensions["code"] != fault.Unavailable {
		t.Errorf("logged %q, shown %v", &log, shown.Extensions)
	}
}

// Whoever has used up their own time is not told that others are in the way.
func TestSlowOperationsAreToldSo(t *testing.T) {
	t.Parallel()
	busy := fault.New(fault.Unavailable, "The service is busy.")
	slow, cancel := context.WithTimeoutCause(t.Context(), 0, errSlow(patience))
	defer cancel()
	for name, c := range map[string]struct {
		ctx  context.Context
		err  error
		want string
	}{
		"its own deadline":                {slow, fmt.Errorf("read: %w", context.DeadlineExceeded), "longer than 10 seconds"},
		"its own, by the database's word": {slow, busy, "longer than 10 seconds"},
		"another's deadline":              {t.Context(), context.DeadlineExceeded, "busy"},
		"the database":                    {t.Context(), busy, "busy"},
		"something else, and late":        {slow, fault.New(fault.NotFound, "There is none."), "There is none"},
	} {
		if shown := presenter(slog.New(slog.DiscardHandler), nil)(c.ctx, c.err); !strings.Contains(shown.Message, c.want) {
			t.Errorf("%s: %s", name, shown.Message)
		}
	}
	if got := errSlow(importPatience).Message; !strings.Contains(got, "longer than 5 min.") {
		t.Error(got)
	}
}
