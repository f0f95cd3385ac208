package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/stripesim"
)

// chaos is a stack that many runs share, each with troubles of its own that the
// others feel too.
type chaos struct {
	*stack
	api      *process
	database *database
	report   *report
	// calm is held by what people do; Postgres is not restarted under them, whose
	// errors are another test's business.
	calm sync.RWMutex
	// onTheWire is held while a call is held: no clock moves by a day meanwhile.
	onTheWire sync.RWMutex
	// later is what goes on after a run; over ends it.
	later sync.WaitGroup
	over  chan struct{}
}

// run is one deployment with its troubles.
type run struct {
	*scene
	chaos *chaos
	// lost tells that a held call is lost when its sender dies.
	lost bool
}

var errMissed = errors.New("the trouble found nobody to strike")

// TestRandomTroubles mixes everything. CHAOS_RUNS says how many deployments,
// CHAOS_SEED repeats what an earlier run has drawn.
func TestRandomTroubles(t *testing.T) {
	t.Parallel()
	runs, lanes, lease := number(t, "CHAOS_RUNS", 10), 3, shortLease
	if long() {
		lanes, lease = 12, realLease
	}
	seed := uint64(number(t, "CHAOS_SEED", int(rand.Uint32())))
	tell("CHAOS_SEED=%d CHAOS_RUNS=%d\n", seed, runs)
	began := time.Now()
	c := newChaos(t, lease)
	queue := make(chan int, runs)
	for i := range runs {
		queue <- i
	}
	close(queue)
	var all sync.WaitGroup
	for range lanes {
		all.Go(func() {
			for i := range queue {
				random := rand.New(rand.NewPCG(seed, uint64(i)))
				if err := c.run(t.Context(), i, random); err != nil {
					t.Errorf("run %d of seed %d: %v", i, seed, err)
				}
			}
		})
	}
	all.Wait()
	close(c.over)
	c.later.Wait()
	c.conclude(t, runs/60)
	tell("%d random runs in %s, lease %s, seed %d\n%s\n", runs, time.Since(began).Round(time.Second), lease, seed, c.report)
}

func newChaos(t *testing.T, lease time.Duration) *chaos {
	t.Helper()
	c := &chaos{database: newDatabase(t), report: newReport(), over: make(chan struct{})}
	must(t, c.database.stranger(t.Context()))
	c.stack = newStack(t, c.database.url(), lease)
	var err error
	c.api, err = spawn("api", c.env)
	must(t, err)
	t.Cleanup(c.api.kill)
	must(t, c.staff(3))
	return c
}

func number(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	must(t, err)
	return n
}

// tell prints what is worth reading of a run that went well, too.
func tell(format string, args ...any) { fmt.Fprintf(os.Stdout, format, args...) }

// run is one deployment from its preparation to its judgement.
func (c *chaos) run(ctx context.Context, i int, random *rand.Rand) error {
	k := kinds[random.IntN(len(kinds))]
	sc, err := c.prepare(ctx, fmt.Sprint("run-", i), k)
	if err != nil {
		return fmt.Errorf("prepare %s: %w", k.name, err)
	}
	r := &run{scene: sc, chaos: c, lost: random.IntN(2) == 0}
	running, stop := context.WithTimeout(sc.as, 2*stuckAfter)
	defer stop()
	var waits []func() error
	var names []string
	for _, trouble := range draw(random, k, sc.account.ID) {
		wait, err := r.arrange(running, trouble)
		if err != nil {
			return err
		}
		waits, names = append(waits, wait), append(names, trouble.name)
	}
	turned, err := r.turnBack(running)
	if err != nil {
		return err
	}
	if err := c.calmly(r.start); err != nil {
		return err
	}
	events, err := (&watcher{addr: c.api.addr, token: sc.token, id: sc.id}).follow(running)
	stop()
	for _, wait := range append(waits, turned) {
		if err := wait(); err != nil && !tooLate(err) {
			return err
		}
	}
	return r.conclude(fmt.Sprintf("run %d, %s with %s", i, k.name, strings.Join(names, ", ")), events, err)
}

// tooLate tells that a trouble found nobody to strike, or the deployment ended.
func tooLate(err error) bool {
	return errors.Is(err, errMissed) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func (c *chaos) prepare(ctx context.Context, slug string, k kind) (sc *scene, err error) {
	err = c.calmly(func() error {
		sc, err = c.set(ctx, slug, k)
		return err
	})
	return sc, err
}

func (c *chaos) calmly(do func() error) error {
	c.calm.RLock()
	defer c.calm.RUnlock()
	return do()
}

// arrange sets a trouble; wait returns what came of it.
func (r *run) arrange(ctx context.Context, t trouble) (wait func() error, err error) {
	if t.strike != nil {
		return r.ambush(ctx, t)
	}
	id, err := r.sim.AddFault(t.fault)
	return func() error {
		r.noted(t, r.hit(id))
		r.sim.RemoveFault(id)
		return nil
	}, err
}

// ambush holds a call until its trouble has struck.
func (r *run) ambush(ctx context.Context, t trouble) (wait func() error, err error) {
	result, err := r.holds(ctx, t.fault.Match, t.fault.At, func(h stripesim.Held) error {
		r.chaos.onTheWire.RLock()
		defer r.chaos.onTheWire.RUnlock()
		defer r.sim.Release(h.ID, false)
		return t.strike(r, ctx, h)
	})
	return func() error {
		err := result()
		r.noted(t, err == nil)
		return err
	}, err
}

func (r *run) noted(t trouble, struck bool) {
	if struck {
		r.chaos.report.count(r.chaos.report.struck, t.name)
	} else {
		r.chaos.report.count(r.chaos.report.missed, t.name)
	}
}

func (sh *shop) hit(fault string) bool {
	for _, f := range sh.sim.Faults() {
		if f.ID == fault {
			return f.Hits > 0
		}
	}
	return false
}

// conclude judges the deployment.
func (r *run) conclude(name string, events []deployment.Event, stuck error) error {
	report := r.chaos.report
	report.count(report.kinds, r.kind.name)
	if stuck != nil {
		v := &verdict{}
		v.say(&v.stuck, "after %d events: %v", len(events), stuck)
		report.add(name, v)
		return nil
	}
	report.count(report.ends, string(events[len(events)-1].Status))
	return r.chaos.calmly(func() error {
		v, err := r.judge(events)
		if err != nil {
			return err
		}
		report.add(name, v)
		return r.timeCancel(events)
	})
}

// conclude fails the test for whatever must not be. A figure says something only
// where at least fewest were timed.
func (c *chaos) conclude(t *testing.T, fewest int) {
	t.Helper()
	stale, seen := c.witness.testimony()
	if seen == 0 {
		t.Error("no write was looked at as it arrived")
	}
	c.report.add("on arrival", stale)
	for _, failed := range c.report.failed {
		t.Error(failed)
	}
	if !long() {
		return // how fast it is, is for a quiet machine to say
	}
	for what, bar := range map[string]struct {
		took []time.Duration
		bar  time.Duration
	}{
		"SIGKILL": {c.report.killed, time.Second}, "SIGSTOP": {c.report.frozen, c.lease + time.Second}, "SIGTERM": {c.report.terminated, time.Second}, "cancel": {c.report.cancelled, 500 * time.Millisecond},
	} {
		if len(bar.took) < fewest {
			t.Errorf("%s: only %d were timed with nothing else in between", what, len(bar.took))
		}
		if latencies(bar.took); quantile(bar.took, .99) > bar.bar {
			t.Errorf("%s: p99 is over %s", what, bar.bar)
		}
	}
}
