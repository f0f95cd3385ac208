package main

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/golive-hq/golive/internal/client"
)

// watchers are subscriptions that are read until they are left.
type watchers struct {
	cancel context.CancelFunc
	all    sync.WaitGroup
}

func (w *watchers) leave() {
	w.cancel()
	w.all.Wait()
}

// open starts n subscriptions, a few at a time, and returns once each has had its first
// event, if it has one. What each brings is handed over with the number of its
// subscription.
func open[T any](ctx context.Context, n int, subscribe func(context.Context, int) (*client.Subscription[T], error), each func(int, *T)) (*watchers, error) {
	ctx, cancel := context.WithCancel(ctx)
	w := &watchers{cancel: cancel}
	numbers, failed := make(chan int), make(chan error, openers)
	var opening sync.WaitGroup
	for range openers {
		opening.Go(func() {
			for i := range numbers {
				sub, err := patiently(ctx, func() (*client.Subscription[T], error) { return subscribe(ctx, i) })
				if err != nil {
					failed <- err
					return
				}
				w.all.Go(func() { follow(ctx, sub, func(v *T) { each(i, v) }) })
			}
		})
	}
	err := feed(numbers, n, failed)
	opening.Wait()
	if err != nil {
		w.leave()
		return nil, err
	}
	return w, nil
}

func feed(numbers chan<- int, n int, failed <-chan error) error {
	defer close(numbers)
	for i := range n {
		select {
		case numbers <- i:
		case err := <-failed:
			return err
		}
	}
	return nil
}

func follow[T any](ctx context.Context, sub *client.Subscription[T], each func(*T)) {
	defer sub.Close()
	for {
		v, err := sub.Next(ctx)
		if err != nil || v == nil {
			return
		}
		each(v)
	}
}

// patiently asks again where the service says that it is too much at once.
func patiently[T any](ctx context.Context, ask func() (T, error)) (T, error) {
	for {
		v, err := ask()
		if err == nil || ctx.Err() != nil || !strings.Contains(err.Error(), "Too many") {
			return v, err
		}
		if err := until(ctx, time.Now().Add(100*time.Millisecond)); err != nil {
			return v, err
		}
	}
}
