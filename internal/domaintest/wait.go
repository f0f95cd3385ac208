package domaintest

import (
	"context"
	"sync"
	"testing"
	"time"
)

// Patience bounds every wait. It is much longer than anything takes: no test passes or
// fails by it that would not hang without it.
const Patience = 2 * time.Minute

// look is how often a condition is looked at that nobody rings for.
const look = 2 * time.Millisecond

// Until waits until something is so; what says what that is.
func Until(t testing.TB, what string, is func() bool) {
	t.Helper()
	end := time.NewTimer(Patience)
	defer end.Stop()
	tick := time.NewTicker(look)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-end.C:
			t.Fatalf("waited for %v in vain: %s", Patience, what)
		}
	}
}

// Receive returns what comes next from a channel, the zero value where it is closed;
// what says what that is.
func Receive[T any](t testing.TB, from <-chan T, what string) (v T) {
	t.Helper()
	end := time.NewTimer(Patience)
	defer end.Stop()
	select {
	case v = <-from:
	case <-end.C:
		t.Fatalf("waited for %v in vain: %s", Patience, what)
	}
	return v
}

// Wait waits until all have come to their end; what says who they are.
func Wait(t testing.TB, all *sync.WaitGroup, what string) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		all.Wait()
	}()
	Receive(t, done, what)
}

// Background runs something until the test ends; what says what that is.
func Background(t testing.TB, what string, run func(context.Context)) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		select {
		case <-done:
		case <-time.After(Patience):
			t.Errorf("%s did not end within %v", what, Patience)
		}
	})
}
