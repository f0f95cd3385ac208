package graph

import (
	"context"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// begin starts a subscription. It lasts as long as its client likes, but opening it takes
// a place, and no longer than limit.
func (g *Guard) begin(ctx context.Context, limit time.Duration, open func(context.Context) (graphql.ResponseHandler, context.Context)) (graphql.ResponseHandler, context.Context) {
	place, err := g.events.take(ctx, g.caller(ctx).name)
	if err != nil {
		return graphql.OneShot(g.refuse(ctx, err)), ctx
	}
	defer place.leave()
	opening, cancel := context.WithCancel(ctx)
	late := time.AfterFunc(limit, cancel)
	events, opened := open(opening)
	if !late.Stop() {
		return graphql.OneShot(g.refuse(ctx, errTime())), ctx
	}
	return func(ctx context.Context) *graphql.Response { return g.event(ctx, events, patience) }, opened
}

// event waits for the next event for as long as it takes. What is then asked for beyond
// what the event carries takes a place, and no longer than limit.
func (g *Guard) event(ctx context.Context, next graphql.ResponseHandler, limit time.Duration) *graphql.Response {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var busy error
	leave := func() {}
	defer func() { leave() }()
	ctx, left := withBudget(ctx, maxFields, maxEvent, sync.OnceFunc(func() {
		place, err := g.events.take(ctx, g.caller(ctx).name)
		if err != nil {
			busy = err
			cancel(err)
			return
		}
		late := time.AfterFunc(limit, func() { cancel(errSlow(limit)) })
		leave = func() { late.Stop(); place.leave() }
	}))
	resp := next(ctx)
	switch {
	case busy != nil:
		return g.refuse(ctx, busy)
	case resp == nil:
		return nil
	case left.over() || len(resp.Data) > maxEvent:
		return g.refuse(ctx, errTooLarge())
	}
	return bounded(resp)
}

func (g *Guard) refuse(ctx context.Context, err error) *graphql.Response {
	return g.exec.DispatchError(ctx, gqlerror.List{gqlerror.Wrap(err)})
}
