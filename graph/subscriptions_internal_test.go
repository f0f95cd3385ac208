package graph

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/golive-hq/golive/internal/fault"
)

func guarded() *Guard { return New(Deps{}, slog.New(slog.DiscardHandler), false) }

// full is a guard whose only place for events is taken until the test leaves it.
func full(t *testing.T) (g *Guard, leave func()) {
	t.Helper()
	g = guarded()
	g.events = newPlaces(1, 1, 32, time.Millisecond, "1 operations")
	place, err := g.events.take(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return g, place.leave
}

func codeOf(resp *graphql.Response) any {
	if resp == nil || len(resp.Errors) == 0 {
		return nil
	}
	return resp.Errors[0].Extensions["code"]
}

// The time of an event begins with the event, not with waiting for it.
func TestEventsHaveADeadline(t *testing.T) {
	t.Parallel()
	waited := make(chan struct{})
	time.AfterFunc(20*time.Millisecond, func() { close(waited) })
	resp := guarded().event(t.Context(), func(ctx context.Context) *graphql.Response {
		<-waited
		if ctx.Err() != nil {
			t.Error("waiting for an event has a deadline")
		}
		_ = spendOn(ctx, "x")
		<-ctx.Done()
		if fault.CodeOf(context.Cause(ctx)) != fault.Unavailable {
			t.Errorf("it ended by %v", context.Cause(ctx))
		}
		return &graphql.Response{}
	}, time.Millisecond)
	if resp == nil {
		t.Error("no answer")
	}
}

// An event is a query by another name, where it asks for more than it carries.
func TestEventsTakeAPlace(t *testing.T) {
	t.Parallel()
	g, leave := full(t)
	more := func(ctx context.Context) *graphql.Response {
		_ = spendOn(ctx, "x")
		return &graphql.Response{Data: json.RawMessage("{}")}
	}
	if got := codeOf(g.event(t.Context(), more, time.Hour)); got != fault.RateLimited {
		t.Errorf("without a place: %v", got)
	}
	carried := func(ctx context.Context) *graphql.Response {
		_ = spendField(ctx, false, "x")
		return &graphql.Response{Data: json.RawMessage("{}")}
	}
	if resp := g.event(t.Context(), carried, time.Hour); codeOf(resp) != nil || resp == nil {
		t.Errorf("what an event carries needs no place: %+v", resp)
	}
	leave()
	for range 2 {
		if resp := g.event(t.Context(), more, time.Hour); codeOf(resp) != nil || resp == nil {
			t.Errorf("with a place: %+v", resp)
		}
	}
	large := func(context.Context) *graphql.Response { return &graphql.Response{Data: make([]byte, maxEvent+1)} }
	if got := codeOf(g.event(t.Context(), large, time.Hour)); got != fault.BadRequest {
		t.Errorf("a large one: %v", got)
	}
}

// Opening a subscription asks the database, too.
func TestSubscriptionsOpenWithinLimits(t *testing.T) {
	t.Parallel()
	g, leave := full(t)
	stuck := func(ctx context.Context) (graphql.ResponseHandler, context.Context) {
		<-ctx.Done()
		return graphql.OneShot(&graphql.Response{}), ctx
	}
	answer, ctx := g.begin(t.Context(), time.Millisecond, stuck)
	if got := codeOf(answer(ctx)); got != fault.RateLimited {
		t.Errorf("without a place: %v", got)
	}
	leave()
	answer, ctx = g.begin(t.Context(), time.Millisecond, stuck)
	if got := codeOf(answer(ctx)); got != fault.Unavailable || ctx.Err() != nil {
		t.Errorf("stuck: %v %v", got, ctx.Err())
	}
	answer, ctx = g.begin(t.Context(), time.Hour, func(ctx context.Context) (graphql.ResponseHandler, context.Context) {
		return graphql.OneShot(&graphql.Response{Data: json.RawMessage("{}")}), ctx
	})
	if resp := answer(ctx); resp == nil || codeOf(resp) != nil {
		t.Errorf("an open one: %+v", resp)
	}
	if len(g.events.process) != 0 {
		t.Error("it keeps a place")
	}
}
