package graph

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/product"
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
type loader[V any] struct {
	fetch func(ctx context.Context, keys []string) (map[string]V, error)

	mu   sync.Mutex
	next *batch[V]
}

type batch[V any] struct {
	keys  []string
	asked map[string]bool
	done  chan struct{}
	found map[string]V
	err   error
}

// load returns the value of key, or V's zero where there is none. Whoever asks
// first in a batch waits for the others and fetches for all.
func (l *loader[V]) load(ctx context.Context, key string) (V, error) {
	b, first := l.join(key)
	if first {
		wait(ctx, loadWindow)
		l.run(ctx, b)
	}
	<-b.done
	return b.found[key], b.err
}

func (l *loader[V]) join(key string) (b *batch[V], first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next == nil || len(l.next.keys) >= loadMost {
		l.next = &batch[V]{asked: map[string]bool{}, done: make(chan struct{}), err: errLoadPanicked}
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
func (l *loader[V]) run(ctx context.Context, b *batch[V]) {
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
	products          loader[*product.Product]
	deployments       loader[*deployment.Deployment]
	rollbacks         loader[*deployment.Deployment]
	activeDeployments loader[*deployment.Deployment]
	lastDeployments   loader[*deployment.Deployment]
}

type loadersKey struct{}

func from(ctx context.Context) *loaders { return ctx.Value(loadersKey{}).(*loaders) }

// withLoaders gives each answer loaders of its own: one per request, and one per
// event of a subscription.
func (r *Resolver) withLoaders(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	return next(context.WithValue(ctx, loadersKey{}, &loaders{
		products:          loader[*product.Product]{fetch: r.products.GetMany},
		deployments:       loader[*deployment.Deployment]{fetch: r.deployments.GetMany},
		rollbacks:         loader[*deployment.Deployment]{fetch: r.deployments.RolledBackBy},
		activeDeployments: loader[*deployment.Deployment]{fetch: r.deployments.ActiveOf},
		lastDeployments:   loader[*deployment.Deployment]{fetch: r.deployments.LastOf},
	}))
}
