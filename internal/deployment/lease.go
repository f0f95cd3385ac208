package deployment

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/golive-hq/golive/internal/engine"
)

// Why a run stops before its end. None of them is a failure.
var (
	errCancelled = errors.New("deployment: somebody asked to cancel")
	errPaused    = errors.New("deployment: an operator has stopped the world")
)

// lease is a right to act that ends by itself. Postgres' clock decides who may
// take over; the owner's own clock, which never runs backwards, decides when it
// must have stopped: a little earlier.
type lease struct {
	id    string
	epoch int64

	mu       sync.Mutex
	deadline time.Time
	// endRun ends the way that the run is on.
	endRun context.CancelCauseFunc
	// turned tells that it is the way back, which no cancel ends.
	turned bool
	// ending tells that the last transaction is under way. A heartbeat that waits
	// for it finds no lease afterwards, and must not cut its commit off.
	ending bool
}

func (l *lease) setEnding() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ending = true
}

func (l *lease) setEnd(end context.CancelCauseFunc, turned bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.endRun, l.turned, l.ending = end, turned, false
}

func (l *lease) end(cause error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ending || l.turned && errors.Is(cause, errCancelled) {
		return
	}
	l.endRun(cause)
}

// leases are those that this process holds.
type leases struct {
	mu   sync.Mutex
	held map[string]*lease
}

func (l *leases) add(held *lease) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == nil {
		l.held = map[string]*lease{}
	}
	l.held[held.id] = held
}

// remove forgets this lease, not a later one on the same deployment.
func (l *leases) remove(ended *lease) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[ended.id] == ended {
		delete(l.held, ended.id)
	}
}

func (l *leases) all() []*lease {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]*lease, 0, len(l.held))
	for _, held := range l.held {
		all = append(all, held)
	}
	return all
}

// extend counts from before the statement that renewed the lease was sent, and
// leaves a tenth for clocks that differ in speed.
func (l *lease) extend(sent time.Time, length time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := sent.Add(length - length/10); until.After(l.deadline) {
		l.deadline = until
	}
}

func (l *lease) fits(call time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Now().Add(call).Before(l.deadline)
}

// acquire makes this worker the owner, under a new epoch that fences out every
// earlier one. nil, nil means that the job has nothing to do here any more.
func (s *Service) acquire(ctx context.Context, id string, jobID int64, worker string) (*run, error) {
	r := &run{Service: s, lease: &lease{id: id}}
	sent := time.Now()
	owned, err := Own(ctx, s.DB, id, jobID, worker, s.Lease)
	if errors.Is(err, ErrLost) {
		return nil, s.whyNotOurs(ctx, id, jobID)
	}
	if err != nil {
		return nil, fmt.Errorf("acquire deployment %s: %w", id, err)
	}
	r.lease.epoch, r.tooLate, r.late = owned.Epoch, owned.TooLate, owned.Late
	r.lease.extend(sent, s.Lease)
	r.epoch = r.lease.epoch
	r.d, err = byID(ctx, s.DB, id)
	return r, err
}

// whyNotOurs is ErrBusy while a living owner works under the same job, else nil:
// what waits for an operator is dispatched anew once the world goes on.
func (s *Service) whyNotOurs(ctx context.Context, id string, jobID int64) error {
	held, err := IsOwned(ctx, s.DB, id, jobID)
	if err == nil && held {
		return ErrBusy
	}
	return err
}

// stopOf is why a run has to end, nil where it has not.
func stopOf(r Renewal) error {
	switch {
	case r.Cancelled:
		return errCancelled
	case r.Paused:
		return errPaused
	default:
		return nil
	}
}

// hold lets the process's heartbeat renew the lease until stop is called, and a
// cancel reach the run at once. What ends the run is the cause of held's end.
func (r *run) hold(ctx context.Context) (held context.Context, stop func()) {
	held, end := context.WithCancelCause(withLease(ctx, r))
	r.lease.setEnd(end, false)
	r.leases.add(r.lease)
	bell := r.Hub.Subscribe(commandTopic(r.d.ID))
	go func() {
		for {
			select {
			case <-bell.C:
				r.beat(held, []*lease{r.lease})
			case <-held.Done():
				return
			}
		}
	}()
	return held, func() {
		bell.Close()
		r.leases.remove(r.lease)
		end(nil)
	}
}

// again gives a run whose way forward was ended a way back, under the same lease:
// only its loss, a pause or the worker's stop ends that one.
func (r *run) again(ctx context.Context) (context.Context, context.CancelFunc) {
	fresh, end := context.WithCancelCause(context.WithoutCancel(ctx))
	r.lease.setEnd(end, true)
	detach := r.onStop(end)
	return fresh, func() {
		detach()
		end(nil)
	}
}

// commandTopic is rung when somebody wants something of a run under way.
func commandTopic(id string) string { return "command/" + id }

// Beat renews the leases of all runs of this process until ctx ends.
func (s *Service) Beat(ctx context.Context) {
	tick := time.NewTicker(s.Lease / 5)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.beat(ctx, s.leases.all())
		case <-ctx.Done():
			return
		}
	}
}

// beat renews leases in one statement. A run whose lease has another owner by
// now, or that shall be cancelled or paused, ends; and so does one that could not
// be renewed in time, because the database is away: whatever it still waits for
// there would keep it for longer than its right to act.
func (s *Service) beat(ctx context.Context, held []*lease) {
	if len(held) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, s.Lease/5)
	defer cancel()
	ids, epochs, byID := make([]string, len(held)), make([]int64, len(held)), map[string]*lease{}
	for i, l := range held {
		ids[i], epochs[i], byID[l.id] = l.id, l.epoch, l
	}
	sent := time.Now()
	answers, err := Renew(ctx, s.DB, ids, epochs, s.Lease)
	if err != nil {
		s.Log.WarnContext(ctx, "heartbeat", "error", err)
		for _, l := range held {
			if !l.fits(0) {
				l.end(engine.ErrFenced)
			}
		}
		return
	}
	for _, a := range answers {
		byID[a.ID].extend(sent, s.Lease)
		if cause := stopOf(a); cause != nil {
			byID[a.ID].end(cause)
		}
		delete(byID, a.ID)
	}
	for _, lost := range byID {
		lost.end(ErrLost)
	}
}

// release lets the deployment be taken up again at once, also when ctx is what ended
// this turn.
func (r *run) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.Lease/2)
	defer cancel()
	if err := LetGo(ctx, r.DB, r.d.ID, r.epoch, 0); err != nil {
		r.Log.WarnContext(ctx, "release lease", "deployment", r.d.ID, "error", err)
	}
}
