package progress

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
)

// page is the most that one look reads.
const page = 100

// tables are read by a share; they count how often.
type tables struct {
	last, reads int
	err         error
}

func (d *tables) after(after int) func(context.Context) (*look, error) {
	return func(context.Context) (*look, error) {
		d.reads++
		seen := &look{after: after}
		for sequence := after + 1; sequence <= d.last && !seen.more; sequence++ {
			seen.events = append(seen.events, &deployment.Event{Sequence: sequence})
			seen.more = len(seen.events) == page
		}
		return seen, d.err
	}
}

func TestWatchersShareTheirLooks(t *testing.T) {
	t.Parallel()
	var all shares
	shared := all.join("d")
	if all.join("d") != shared || all.join("e") == shared {
		t.Fatal("a deployment has one share, and no other has it")
	}
	held := &tables{last: 3}
	look := func(ring int64, after, want, reads int) {
		t.Helper()
		seen, err := shared.look(t.Context(), ring, after, held.after(after))
		if err != nil || len(seen.events) != want || held.reads != reads {
			t.Errorf("ring %d after %d: %d events by %d reads, %v", ring, after, len(seen.events), held.reads, err)
		}
	}
	var crowd sync.WaitGroup
	for range 100 {
		crowd.Go(func() { look(1, 2, 1, 1) })
	}
	crowd.Wait()
	held.last = 5
	look(1, 2, 1, 1)
	look(2, 2, 3, 2) // it rang since
	look(2, 3, 2, 2)
	look(2, 9, 0, 2)
	look(1, 4, 1, 2) // what was read later is as good
	look(2, 0, 5, 3) // somebody who is behind
	held.err = errors.New("no connection")
	if _, err := shared.look(t.Context(), 3, 0, held.after(0)); !errors.Is(err, held.err) {
		t.Error(err)
	}
	held.err = nil
	look(3, 0, 5, 5) // a look that failed is no look

	held.last = 205
	look(4, 0, 100, 6)
	look(4, 50, 50, 6)
	look(4, 100, 100, 7) // the page ended there
	look(4, 200, 5, 8)

	all.leave("d")
	if all.join("d") != shared {
		t.Error("a feed ends while somebody watches")
	}
	for range 2 {
		all.leave("d")
	}
	all.leave("e")
	if len(all.of) != 0 {
		t.Errorf("%d feeds are left", len(all.of))
	}
}

func TestWatchersWaitNoLongerThanTheirTime(t *testing.T) {
	t.Parallel()
	var all shares
	busy := all.join("d")
	inside, goOn := make(chan struct{}), make(chan struct{})
	var first sync.WaitGroup
	first.Go(func() {
		_, _ = busy.look(t.Context(), 1, 0, func(context.Context) (*look, error) {
			close(inside)
			<-goOn
			return &look{}, nil
		})
	})
	select {
	case <-inside:
	case <-time.After(time.Minute):
		t.Fatal("nobody looks")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := busy.look(ctx, 1, 0, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(goOn)
	first.Wait()
}
