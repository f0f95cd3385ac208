package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/golive-hq/golive/internal/stripesim"
)

// moment is when, in the course of a call, the worker that makes it is killed, and
// what becomes of the call.
type moment struct {
	name string
	// at is where the simulator stops the call.
	at string
	// lost calls are cut off; what they have done is done.
	lost bool
	// until is what the call waits for, still on its way, while its sender is dead.
	until until
	// later is how far Stripe's clock moves before anybody else comes.
	later time.Duration
}

type until int

const (
	atOnce until = iota
	nextOwnerAsks
	theEnd
)

var (
	beforeIt = moment{name: "before", at: stripesim.AtArrival, lost: true}
	insideIt = moment{name: "inside", at: stripesim.AtBefore}
	afterIt  = moment{name: "after", at: stripesim.AtAfter, lost: true}
	// Further ones, for writes.
	slowIt   = moment{name: "inside and slow", at: stripesim.AtBefore, until: nextOwnerAsks}
	lateIt   = moment{name: "before and late", at: stripesim.AtArrival, until: theEnd}
	forgotIt = moment{name: "after and a day", at: stripesim.AtAfter, lost: true, later: 25 * time.Hour}
)

var (
	everyCall  = []moment{beforeIt, insideIt, afterIt}
	everyWrite = []moment{slowIt, lateIt, forgotIt}
)

// kill is one run: a deployment whose worker is killed around one of its calls.
type kill struct {
	kind kind
	at   position
	when moment
}

func (k kill) String() string { return fmt.Sprintf("%s, %s %s", k.kind.name, k.when.name, k.at) }

// stuckAfter is beyond every retry and takeover.
const stuckAfter = 2 * time.Minute

// errNeverCame is about a call that the undisturbed run made and this one did not.
var errNeverCame = errors.New("the call never came")

// run carries the deployment to its end and judges it.
func (k kill) run(ctx context.Context, s *stack, slug string) (*verdict, error) {
	if err := s.staff(2); err != nil {
		return nil, err
	}
	sc, err := s.set(ctx, slug, k.kind)
	if err != nil {
		return nil, fmt.Errorf("set the scene: %w", err)
	}
	running, stop := context.WithTimeout(sc.as, stuckAfter)
	defer stop()
	// The fault that is set first strikes first.
	killed, err := sc.holds(running, k.at.match(sc.account.ID), k.when.at, func(h stripesim.Held) error { return k.strike(running, sc, h) })
	if err != nil {
		return nil, err
	}
	turned, err := sc.turnBack(running)
	if err != nil {
		return nil, err
	}
	if err := sc.start(); err != nil {
		return nil, err
	}
	events, err := sc.end(running)
	stop()
	_ = turned() // a call that was done when its worker died is not made again: then nothing turns
	if err != nil {
		v := &verdict{}
		v.say(&v.stuck, "%v", err)
		return v, nil
	}
	if err := killed(); errors.Is(err, context.Canceled) {
		return nil, errNeverCame
	} else if err != nil {
		return nil, err
	}
	sc.sim.ClearFaults() // here the late one arrives
	return sc.judge(events)
}

// strike kills the owner, decides on its call, and hires another worker.
func (k kill) strike(ctx context.Context, sc *scene, h stripesim.Held) error {
	<-sc.started // a call may be quicker than the answer to who asked for all this
	owner, err := sc.owner(ctx, sc.id)
	if err != nil {
		return err
	}
	owner.kill()
	last := sc.now()
	sc.sim.Advance(k.when.later)
	switch k.when.until {
	case atOnce:
		sc.sim.Release(h.ID, k.when.lost)
	case nextOwnerAsks:
		if err := poll(ctx, func() bool { return sc.now() > last }); err != nil {
			return err
		}
		sc.sim.Release(h.ID, false)
	case theEnd:
	}
	return sc.hire()
}

// poll waits for a condition that nobody announces.
func poll(ctx context.Context, met func() bool) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !met() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// calls runs a deployment undisturbed and returns the calls it makes.
func (k kind) calls(ctx context.Context, s *stack, slug string) ([]position, error) {
	sc, err := s.set(ctx, slug, k)
	if err != nil {
		return nil, err
	}
	running, stop := context.WithTimeout(sc.as, stuckAfter)
	defer stop()
	turned, err := sc.turnBack(running)
	if err != nil {
		return nil, err
	}
	if err := sc.start(); err != nil {
		return nil, err
	}
	events, err := sc.end(running)
	if err := errors.Join(err, turned()); err != nil {
		return nil, err
	}
	calls := positions(sc.requests(sc.mark))
	v, err := sc.judge(events)
	if err != nil {
		return nil, err
	}
	if status := events[len(events)-1].Status; status != k.ends || len(v.told) > 0 {
		return nil, fmt.Errorf("undisturbed it ended %s: %v", status, v.told)
	}
	return calls, nil
}
