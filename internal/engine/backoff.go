package engine

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// Backoff says how long a run waits for a Stripe that cannot answer now.
type Backoff struct {
	// First and Most bound one wait, which is drawn at random between zero and a
	// bound that doubles: workers that failed together must not return together.
	First, Most time.Duration
	// Budget is how long one step is tried while Stripe as such answers.
	Budget time.Duration
	// Patience is how long a run waits for a Stripe that is down before it lets
	// go, to be taken up again later.
	Patience time.Duration
}

// waiting is one step's use of its budget.
type waiting struct {
	Backoff
	bound time.Duration
	// tried counts the calls that failed as well as the pauses between them, for those
	// to a Stripe that hangs take longer than any pause; but not what a call waited for
	// its turn, which in a batch may be minutes.
	tried time.Duration
}

func (b Backoff) start() *waiting { return &waiting{Backoff: b, bound: b.First} }

func (w *waiting) exhausted() bool { return w.tried >= w.Budget }

func (w *waiting) impatient() bool { return w.tried >= w.Patience }

// unanswered adds a read that failed to what was tried.
func (w *waiting) unanswered(err error) error {
	err = Unanswered(err)
	var outage *OutageError
	if errors.As(err, &outage) {
		w.tried += outage.Tried
		outage.Tried = w.tried
	}
	return err
}

// next is how long to wait now.
func (w *waiting) next() time.Duration {
	wait := time.Duration(rand.Int64N(int64(w.bound) + 1))
	w.bound = min(2*w.bound, w.Most)
	w.tried += wait
	return wait
}

// sleep waits, or returns the context's error.
func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
