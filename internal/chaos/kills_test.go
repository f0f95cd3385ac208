package chaos_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/pgtest"
)

// long tells that this is `make chaos`.
func long() bool { return os.Getenv("CHAOS_RUNS") != "" }

const (
	shortLease = 2 * time.Second
	realLease  = 10 * time.Second
)

// TestKilledAtEveryCall kills the owner of a deployment before, inside and after
// each of its calls to Stripe, reads too, for every kind of deployment. Each tenth
// has the lease of production. The short version takes each write once.
func TestKilledAtEveryCall(t *testing.T) {
	t.Parallel()
	began := time.Now()
	all := enumerate(t)
	quick, slow := make(chan kill, len(all)), make(chan kill, len(all))
	for i, k := range all {
		if long() && i%10 == 9 {
			slow <- k
		} else {
			quick <- k
		}
	}
	close(quick)
	close(slow)
	var lanes sync.WaitGroup
	work := func(lease time.Duration, n int, queue <-chan kill) {
		for i := range n {
			lanes.Go(func() { lane(t, fmt.Sprintf("%s-%d", lease, i), lease, queue) })
		}
	}
	work(shortLease, 5, quick)
	if long() {
		work(realLease, 4, slow)
	}
	lanes.Wait()
	t.Logf("%d kills at every call of %d kinds of deployments in %s", len(all), len(kinds), time.Since(began).Round(time.Second))
}

// lane works off a queue on one stack, one kill at a time.
func lane(t *testing.T, name string, lease time.Duration, queue <-chan kill) {
	t.Helper()
	t.Run(name, func(t *testing.T) { //nolint:paralleltest // the lanes are parallel
		s := newStack(t, pgtest.URL(t), lease)
		n := 0
		for k := range queue {
			n++
			t.Run(k.String(), func(t *testing.T) { //nolint:paralleltest // one after the other
				v, err := k.run(t.Context(), s, fmt.Sprint("run-", n))
				if err != nil {
					t.Fatal(err)
				}
				if len(v.told) > 0 {
					t.Error(strings.Join(v.told, "\n"))
				}
			})
		}
		stale, seen := s.witness.testimony()
		if len(stale) > 0 || seen == 0 {
			t.Errorf("of %d writes these were stale:\n%s", seen, strings.Join(stale, "\n"))
		}
	})
}

// enumerate lists every kill, from one undisturbed run of each kind.
func enumerate(t *testing.T) []kill {
	t.Helper()
	s := newStack(t, pgtest.URL(t), shortLease)
	var all []kill
	for i, k := range kinds {
		calls, err := k.calls(t.Context(), s, fmt.Sprint("dry-", i))
		if err != nil {
			t.Fatalf("%s: %v", k.name, err)
		}
		for n, at := range calls {
			all = append(all, killsAt(k, at, n)...)
		}
	}
	return all
}

// killsAt are the kills at one call, the nth of its deployment.
func killsAt(k kind, at position, n int) []kill {
	moments := everyCall
	if at.write() && !at.refused { // what Stripe refuses has no effect later on
		moments = append(everyCall[:len(everyCall):len(everyCall)], everyWrite...)
	}
	if !long() {
		if !at.write() {
			return nil
		}
		moments = moments[n%len(moments):][:1]
	}
	var all []kill
	for _, m := range moments {
		all = append(all, kill{k, at, m})
	}
	return all
}
