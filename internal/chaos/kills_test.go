package chaos_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/pgtest"
)

// long tells that this is `make chaos`.
func long() bool { return os.Getenv("CHAOS_RUNS") != "" }

// shortLease is still so long that a machine with much else to do does not let it run out
// by itself.
const (
	shortLease = 5 * time.Second
	realLease  = 10 * time.Second
)

// TestKilledAtEveryCall kills the owner of a deployment before, inside and after
// each of its calls to Stripe, reads too, for every kind of deployment. Each tenth
// has the lease of production. The short version takes each write once.
func TestKilledAtEveryCall(t *testing.T) {
	t.Parallel()
	began, report := time.Now(), newReport()
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
			lanes.Go(func() { lane(t, fmt.Sprintf("%s-%d", lease, i), lease, queue, report) })
		}
	}
	// Not more side by side than the machine can carry: all of them want to work at once, and
	// the short version has other tests beside it.
	abreast := runtime.GOMAXPROCS(0)
	if long() {
		work(realLease, abreast, slow)
		abreast *= 2
	}
	work(shortLease, abreast, quick)
	lanes.Wait()
	tell("%d kills in %s\nof: %s\nduring the call: %s\nreads that never came: %d\n%s\n\n", len(all), time.Since(began).Round(time.Second),
		counts(report.kinds), counts(report.struck), len(report.missed), &report.total)
	if len(report.missed) > len(all)/20 {
		t.Errorf("too many calls were not there to be killed at: %s", counts(report.missed))
	}
}

// lane works off a queue on one stack, one kill at a time.
func lane(t *testing.T, name string, lease time.Duration, queue <-chan kill, report *report) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		s := newStack(t, pgtest.URL(t), lease)
		n := 0
		for k := range queue {
			n++
			t.Run(k.String(), func(t *testing.T) { // one after the other
				v, err := k.run(t.Context(), s, fmt.Sprint("run-", n))
				if (errors.Is(err, errNeverCame) || errors.Is(err, errNoOwner)) && !k.at.write() {
					// A slow read of the undisturbed run was made twice, or goes on after its
					// asker let go.
					report.count(report.missed, k.String())
					return
				}
				must(t, err)
				report.count(report.kinds, k.kind.name)
				report.count(report.struck, k.when.name)
				report.add(k.String(), v)
				if len(v.told) > 0 {
					t.Error(strings.Join(v.told, "\n"))
				}
			})
		}
		v, seen := s.witness.testimony()
		report.add("on arrival", v)
		if len(v.told) > 0 || seen == 0 {
			t.Errorf("of %d writes these were stale:\n%s", seen, strings.Join(v.told, "\n"))
		}
	})
}

// enumerate lists every kill, from one undisturbed run of each kind. With a short
// lease calls have little time, and one that took longer would be made twice.
func enumerate(t *testing.T) []kill {
	t.Helper()
	s := newStack(t, pgtest.URL(t), realLease)
	must(t, s.staff(2))
	calls := make([][]position, len(kinds))
	var undisturbed sync.WaitGroup
	for i, k := range kinds {
		undisturbed.Go(func() {
			var err error
			if calls[i], err = k.calls(t.Context(), s, fmt.Sprint("dry-", i)); err != nil {
				t.Errorf("%s: %v", k.name, err)
			}
		})
	}
	undisturbed.Wait()
	var all []kill
	for i, k := range kinds {
		for n, at := range calls[i] {
			all = append(all, killsAt(k, at, n)...)
		}
	}
	return all
}

// killsAt are the kills at one call, the nth of its deployment.
func killsAt(k kind, at position, n int) []kill {
	var all []kill
	for _, m := range moments(at, n) {
		all = append(all, kill{k, at, m})
	}
	return all
}

// moments are those at which a call is killed. The short version takes writes in
// turn, and creates also when Stripe has forgotten their keys: that is where
// duplicates come from.
func moments(at position, n int) []moment {
	all := everyCall
	if at.write() && !at.refused { // what Stripe refuses has no effect later on
		all = append(everyCall[:len(everyCall):len(everyCall)], everyWrite...)
	}
	switch {
	case long():
		return all
	case !at.write():
		return nil
	case at.template == "/v1/prices":
		return []moment{forgotIt, all[n%(len(all)-1)]}
	default:
		return all[n%len(all):][:1]
	}
}
