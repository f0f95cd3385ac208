// Package engine carries out the steps of a plan against a live account, each
// noted in a journal before and after its effect.
//
// It survives being killed anywhere, also where Stripe is still carrying out the call of
// who was killed. What the journal shows as RUNNING is sent again with the same bytes
// and key, so that Stripe makes one of both calls; an object to be created is looked up
// in live before, so that nothing is created twice, whatever the clock says.
package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// Gateway is a live account.
type Gateway interface {
	// Send performs one write. Its errors are *catalog.Error, or the context's
	// where that ended before the write began: one under way is let finish, whoever
	// wants to stop, since its effect is worth knowing.
	Send(ctx context.Context, w catalog.Write) (catalog.Written, error)
	// Snapshot returns the product with all its prices, nil where it is missing. known
	// are ids of it and its prices that are not taken for missing because a list does
	// not show them.
	Snapshot(ctx context.Context, productID string, known []string) (*catalog.Snapshot, error)
}

// Status is where a step stands.
type Status string

// The statuses of a step on its way forward.
const (
	Pending Status = "PENDING"
	Running Status = "RUNNING"
	Done    Status = "DONE"
)

// Step is a step of a plan as the journal holds it.
type Step struct {
	plan.Step
	Index  int
	Status Status
	// Stamp is what the object that the step creates carries.
	Stamp string
	// Key is the idempotency key; Attempts counts how often the step was begun.
	Key      string
	Attempts int
	// Aged tells that it was begun so long ago that Stripe may soon forget its key.
	Aged bool
}

// Journal notes what happens before and after it does. Every method refuses,
// with an error that ends the run, once another owner has taken over.
type Journal interface {
	// Begin notes that the step is about to be sent under key.
	Begin(ctx context.Context, s Step, key string) error
	// Done notes the step's effect, and the link of an object it created.
	Done(ctx context.Context, s Step, w catalog.Written) error
	// Failed notes that the step was refused and had no effect.
	Failed(ctx context.Context, s Step) error
	// Unsent takes back that the step was begun: none of its calls took effect, and
	// none is under way.
	Unsent(ctx context.Context, s Step) error
	// Waiting tells people that Stripe makes the run wait, and how long until it tries
	// again.
	Waiting(ctx context.Context, cause *catalog.Error, length time.Duration) error
}

// ErrFenced tells that a write did not start because the owner's right to act
// might not have outlasted it.
var ErrFenced = errors.New("engine: the lease does not outlast the call")

// StepError is a step that failed for good, without an effect.
type StepError struct {
	Index int
	Err   error
}

func (e *StepError) Error() string { return fmt.Sprintf("step %d: %v", e.Index, e.Err) }

func (e *StepError) Unwrap() error { return e.Err }

// Run is one deployment on its way.
type Run struct {
	Gateway Gateway
	Journal Journal
	// ProductID is the live product that the steps belong to.
	ProductID string
	// Links are the live ids as far as they are known at the start.
	Links plan.Links
	// Epoch is the owner's fencing token.
	Epoch int64
	// Backoff bounds the waiting for a Stripe that cannot answer now.
	Backoff Backoff

	mu sync.Mutex
}

// parallel bounds the calls of one deployment under way at once.
const parallel = 8

// Forward carries out every step that is not done, independent ones side by
// side. It returns nil when all are done; the first *StepError after those under
// way have ended; or the context's or the journal's error.
func (r *Run) Forward(ctx context.Context, steps []Step) error {
	return r.walk(ctx, steps, func(error) bool { return false })
}

// Back is Forward for a way back, on which one refusal is no reason to leave
// undone what does not depend on it.
func (r *Run) Back(ctx context.Context, steps []Step) error {
	var mu sync.Mutex
	var first *StepError
	err := r.walk(ctx, steps, func(err error) bool {
		mu.Lock()
		defer mu.Unlock()
		var refused *StepError
		if errors.As(err, &refused) && first == nil {
			first = refused
		}
		return refused != nil
	})
	if err == nil && first != nil {
		return first
	}
	return err
}

// turn is one step's part of a walk.
type turn struct {
	over chan struct{}
	// done is to be read once it is over.
	done bool
}

// walk performs steps until an error that goesOn does not pass over.
func (r *Run) walk(ctx context.Context, steps []Step, goesOn func(error) bool) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	turns := make(map[int]*turn, len(steps))
	for _, s := range steps {
		turns[s.Index] = &turn{over: make(chan struct{})}
	}
	slots := make(chan struct{}, parallel)
	var all sync.WaitGroup
	for _, s := range steps {
		all.Go(func() {
			mine := turns[s.Index]
			defer close(mine.over)
			if !await(ctx, s.After, turns, slots) {
				return
			}
			defer func() { <-slots }()
			err := r.perform(ctx, s)
			if mine.done = err == nil; !mine.done && !goesOn(err) {
				stop(err)
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

// await waits until all the steps before are done and a slot is free; it tells
// whether that is so.
func await(ctx context.Context, after []int, turns map[int]*turn, slots chan struct{}) bool {
	for _, i := range after {
		select {
		case <-turns[i].over:
			if !turns[i].done {
				return false
			}
		case <-ctx.Done():
			return false
		}
	}
	select {
	case slots <- struct{}{}:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// perform carries out one step, whatever became of it before.
func (r *Run) perform(ctx context.Context, s Step) error {
	if s.Status == Done {
		return nil
	}
	if s.Status == Running && conclusive(s, nil) {
		settled, err := r.settle(ctx, s, r.Backoff.start())
		if settled || err != nil {
			return err
		}
	}
	return r.send(ctx, s)
}

// send performs the step's call until it succeeds, fails for good, or Stripe is
// down for longer than is worth waiting for.
func (r *Run) send(ctx context.Context, s Step) error {
	wait := r.Backoff.start()
	unsure := s.Status == Running
	body, err := plan.Fill(s.Body, r.liveID)
	if err != nil {
		return r.giveUp(ctx, s, wait, unsure, &StepError{Index: s.Index, Err: err})
	}
	write := catalog.Write{Path: s.Path, Body: body, IdempotencyKey: s.Key, Epoch: r.Epoch}
	for {
		if err := r.Journal.Begin(ctx, s, write.IdempotencyKey); err != nil {
			return r.notBegun(ctx, s, unsure, err)
		}
		s.Attempts++
		written, err := r.Gateway.Send(ctx, write)
		if err == nil {
			return r.done(context.WithoutCancel(ctx), s, written)
		}
		unsure = unsure || ambiguous(err)
		refused, err := refusal(wait, s, err)
		if err != nil {
			return r.giveUp(ctx, s, wait, unsure, err)
		}
		if err := r.pause(ctx, refused, wait); err != nil {
			return r.leave(ctx, s, unsure, err)
		}
		if !refused.Ambiguous() || !conclusive(s, refused) {
			continue
		}
		// What nobody heard of may have happened. Stripe may have forgotten the key
		// by now, or refuse the next try for a reason of its own.
		settled, err := r.lookAgain(ctx, s, wait)
		if settled || err != nil {
			return err
		}
		if refused.StoredFailure {
			// Stripe would answer this key with the stored failure for ever; a new
			// key is safe only now that live shows no effect of the first.
			write.IdempotencyKey = fmt.Sprintf("%s:%d", s.Key, s.Attempts+1)
		}
	}
}

// refusal returns what Stripe said where the step is worth another try, and else
// the error with which it ends.
func refusal(wait *waiting, s Step, err error) (*catalog.Error, error) {
	var refused *catalog.Error
	switch {
	case errors.Is(err, ErrFenced) || !errors.As(err, &refused):
		return nil, err
	}
	wait.tried += refused.Took
	switch {
	case down(refused) && wait.impatient():
		return nil, &OutageError{Cause: refused, Tried: wait.tried}
	case refused.Transient() && (down(refused) || !wait.exhausted()):
		return refused, nil
	}
	return nil, &StepError{Index: s.Index, Err: refused}
}

// giveUp notes a step that is refused for good as FAILED. Where a try may have
// taken effect unheard, live has the last word; as long as it cannot be asked, the
// step stays RUNNING.
func (r *Run) giveUp(ctx context.Context, s Step, wait *waiting, unsure bool, err error) error {
	var refused *StepError
	if !errors.As(err, &refused) {
		return r.leave(ctx, s, unsure, err)
	}
	if unsure {
		settled, err := r.settle(ctx, s, wait)
		if settled || err != nil {
			return err
		}
	}
	if err := r.Journal.Failed(context.WithoutCancel(ctx), s); err != nil {
		return err
	}
	return refused
}

// notBegun ends a run at a step that could not be begun. A note that ctx cut off may
// have been written all the same.
func (r *Run) notBegun(ctx context.Context, s Step, unsure bool, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return r.leave(ctx, s, unsure, err)
}

// leave ends a run at a step that is not settled. One of which it is sure that it
// had no effect is not left RUNNING: a run that turns back would have to send it
// first. Where even that cannot be noted, whoever goes on looks in live.
func (r *Run) leave(ctx context.Context, s Step, unsure bool, err error) error {
	if unsure {
		return err
	}
	return errors.Join(err, r.Journal.Unsent(context.WithoutCancel(ctx), s))
}

func (r *Run) pause(ctx context.Context, cause *catalog.Error, wait *waiting) error {
	length := wait.next()
	if err := r.Journal.Waiting(ctx, cause, length); err != nil {
		return err
	}
	return sleep(ctx, length)
}

func (r *Run) done(ctx context.Context, s Step, w catalog.Written) error {
	if err := r.Journal.Done(ctx, s, w); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Links[plan.Object{Resource: s.Resource, ID: s.TestID}] = w.ID
	return nil
}

// links are those known by now.
func (r *Run) links() plan.Links {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.Links)
}

// liveID is where a test object is in live, be it that an earlier step created it.
func (r *Run) liveID(object plan.Object) (string, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	id, ok := r.Links[object]
	return id, ok
}
