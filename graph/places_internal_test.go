package graph

import (
	"context"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/fault"
)

func TestPlacesAreBoundedForEachAndForAll(t *testing.T) {
	t.Parallel()
	p := newPlaces(3, 2, 32, time.Millisecond, "2 operations")
	take := func(caller string) func() {
		place, err := p.take(t.Context(), caller)
		if err != nil {
			t.Fatal(err)
		}
		return place.leave
	}
	refused := func(caller string, want fault.Code) {
		t.Helper()
		if _, err := p.take(t.Context(), caller); fault.CodeOf(err) != want {
			t.Errorf("%s: %v, want %s", caller, err, want)
		}
	}
	a1, a2 := take("ada"), take("ada")
	refused("ada", fault.RateLimited)
	b1 := take("dan")
	refused("dan", fault.Unavailable)
	refused("vik", fault.Unavailable)
	a1()
	v1 := take("vik")
	for _, leave := range []func(){a2, b1, v1} {
		leave()
	}
	if len(p.callers) != 0 || len(p.process) != 0 {
		t.Errorf("%d callers and %d places are left", len(p.callers), len(p.process))
	}
}

// Who finds no place waits for one, in a line that ends.
func TestPlacesAreWaitedFor(t *testing.T) {
	t.Parallel()
	p := newPlaces(1, 1, 32, time.Hour, "1 operations")
	taken, err := p.take(t.Context(), "ada")
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan error)
	go func() {
		next, err := p.take(context.Background(), "ada")
		if err == nil {
			defer next.leave()
		}
		got <- err
	}()
	taken.leave()
	if err := <-got; err != nil {
		t.Error(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	taken, _ = p.take(t.Context(), "ada")
	if _, err := p.take(gone, "ada"); err == nil {
		t.Error("somebody who is gone got a place")
	}
	p.callers["ada"].users = 1000
	if _, err := p.take(t.Context(), "ada"); fault.CodeOf(err) != fault.RateLimited {
		t.Errorf("the line has no end: %v", err)
	}
	taken.leave()
}
