package graph

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/golive-hq/golive/internal/can"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/journal"
	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/overview"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/recipient"
)

// Resolvers of a list's entries run at the same time, so what they ask for in
// this window is one question to the database. It bounds what waiting costs.
const (
	loadWindow = time.Millisecond
	loadMost   = 100
)

var errLoadPanicked = errors.New("the batch that this was loaded in panicked")

// loader answers single questions in batches. It remembers nothing beyond a
// batch: an answer is as fresh as the question.
type loader[K comparable, V any] struct {
	fetch func(ctx context.Context, keys []K) (map[K]V, error)

	mu   sync.Mutex
	next *batch[K, V]
}

type batch[K comparable, V any] struct {
	keys  []K
	asked map[K]bool
	done  chan struct{}
	found map[K]V
	err   error
}

// load returns the value of key, or V's zero where there is none. Whoever asks
// first in a batch waits for the others and fetches for all.
func (l *loader[K, V]) load(ctx context.Context, key K) (V, error) {
	b, first := l.join(key)
	if first {
		wait(ctx, loadWindow)
		l.run(ctx, b)
	}
	<-b.done
	return b.found[key], b.err
}

// loadOptional is load, and V's zero where there is no key.
func (l *loader[K, V]) loadOptional(ctx context.Context, key *K) (none V, err error) {
	if key == nil {
		return none, nil
	}
	return l.load(ctx, *key)
}

// loadEach returns the values of keys that have one, in that order: they are a batch
// already.
func (l *loader[K, V]) loadEach(ctx context.Context, keys []K) ([]V, error) {
	values := make([]V, 0, len(keys))
	if len(keys) == 0 {
		return values, nil
	}
	found, err := l.fetch(ctx, keys)
	for _, key := range keys {
		if value, is := found[key]; is {
			values = append(values, value)
		}
	}
	return values, err
}

func (l *loader[K, V]) join(key K) (b *batch[K, V], first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next == nil || len(l.next.keys) >= loadMost {
		l.next = &batch[K, V]{asked: map[K]bool{}, done: make(chan struct{}), err: errLoadPanicked}
		first = true
	}
	b = l.next
	if !b.asked[key] {
		b.asked[key] = true
		b.keys = append(b.keys, key)
	}
	return b, first
}

// run fetches in the first asker's goroutine: a panic there is recovered like
// any resolver's, and the others get an error instead of waiting for ever.
func (l *loader[K, V]) run(ctx context.Context, b *batch[K, V]) {
	defer close(b.done)
	l.mu.Lock()
	if l.next == b {
		l.next = nil
	}
	l.mu.Unlock()
	b.found, b.err = l.fetch(ctx, b.keys)
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// loaders are the batched questions of one answer.
type loaders struct {
	products          loader[string, *product.Product]
	deployments       loader[string, *deployment.Deployment]
	rollbacks         loader[string, *deployment.Deployment]
	activeDeployments loader[string, *deployment.Deployment]
	lastDeployments   loader[string, *deployment.Deployment]
	undoable          loader[string, *deployment.Deployment]
	steps             loader[string, []*journal.Step]
	reviews           loader[string, deployment.Review]
	events            loader[someEvents, []*deployment.Event]
	eventSteps        loader[*deployment.Event, []*journal.Step]
	ahead             loader[string, deployment.Ahead]
	overviews         loader[string, *overview.Overview]
	canProducts       loader[*product.Product, can.Product]
	canDeployments    loader[*deployment.Deployment, can.Deployment]
	recipients        loader[named, []recipient.Recipient]
	orders            loader[string, *order.Order]
	orderDetails      loader[string, *order.Details]
	orderEvents       loader[someEvents, []*order.Event]
	// turns are for questions that can't be batched, one for each object.
	turns chan struct{}
}

// turnsAtOnce is how many of those one answer asks at a time: it may have a thousand, and
// whoever else wants one of the database's connections would wait behind all of them.
const turnsAtOnce = 2

// turn waits for one, which leave gives back.
func (l *loaders) turn(ctx context.Context) (leave func(), err error) {
	select {
	case l.turns <- struct{}{}:
		return func() { <-l.turns }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type loadersKey struct{}

func from(ctx context.Context) *loaders { return ctx.Value(loadersKey{}).(*loaders) }

// withLoaders gives each answer loaders of its own: one per request, and one per
// event of a subscription.
func (r *Resolver) withLoaders(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	l := loaders{turns: make(chan struct{}, turnsAtOnce)}
	l.products.fetch = r.products.GetMany
	l.deployments.fetch = r.deployments.GetMany
	l.rollbacks.fetch = r.deployments.RolledBackBy
	l.activeDeployments.fetch = r.deployments.ActiveOf
	l.lastDeployments.fetch = r.deployments.LastOf
	l.undoable.fetch = r.deployments.Undoable
	l.steps.fetch = r.deployments.StepsOf
	l.reviews.fetch = r.deployments.ReviewsOf
	l.events.fetch = eventsBy(r.deployments.EventsOf)
	l.orderEvents.fetch = eventsBy(r.orders.EventsOf)
	l.recipients.fetch = r.recipientsOf
	l.eventSteps.fetch = r.progress.StepsOf
	l.ahead.fetch = r.insight.Ahead
	l.overviews.fetch = r.overviews.Of
	l.canProducts.fetch = r.can.OfProducts
	l.canDeployments.fetch = r.can.OfDeployments
	l.orders.fetch = r.orders.GetMany
	l.orderDetails.fetch = r.orders.DetailsOf
	return next(context.WithValue(ctx, loadersKey{}, &l))
}

// named are the recipients of a tenant's settings, one a line.
type named struct{ tenantID, recipients string }

func namedIn(n *notify.Settings) named {
	return named{n.TenantID, strings.Join(n.Recipients, "\n")}
}

func (r *Resolver) recipientsOf(ctx context.Context, asked []named) (map[named][]recipient.Recipient, error) {
	groups := make([]recipient.Group, len(asked))
	for i, a := range asked {
		groups[i] = recipient.Group{TenantID: a.tenantID, Addresses: strings.Split(a.recipients, "\n")}
	}
	found, err := r.recipients.States(ctx, groups)
	if err != nil {
		return nil, err
	}
	out := make(map[named][]recipient.Recipient, len(asked))
	for i, a := range asked {
		out[a] = found[i]
	}
	return out, nil
}

// span says which of an object's events are asked for.
type span struct{ after, first int }

// someEvents are some events of one deployment or order.
type someEvents struct {
	id string
	span
}

// eventsBy asks once for each span: a list asks all its entries for the same one.
func eventsBy[E any](read func(ctx context.Context, ids []string, after, first int) (map[string][]*E, error)) func(context.Context, []someEvents) (map[someEvents][]*E, error) {
	return func(ctx context.Context, asked []someEvents) (map[someEvents][]*E, error) {
		ids := map[span][]string{}
		for _, a := range asked {
			ids[a.span] = append(ids[a.span], a.id)
		}
		out := make(map[someEvents][]*E, len(asked))
		for span, ids := range ids {
			found, err := read(ctx, ids, span.after, span.first)
			if err != nil {
				return nil, err
			}
			for id, events := range found {
				out[someEvents{id, span}] = events
			}
		}
		return out, nil
	}
}
