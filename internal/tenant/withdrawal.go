package tenant

import (
	"context"
	"sync"
	"time"
)

// ownGrace is how long somebody may go on who has just taken their own right: long enough
// to be told that it is done, and no longer than anybody else's takes to be known.
const ownGrace = 4 * time.Second

// Withdrawals notes when what is done in a context takes a right from somebody, who may be
// the one who does it: whoever leaves a tenant, or revokes the token that they show, is
// told so and not that they may do nothing any more.
type Withdrawals struct {
	mu    sync.Mutex
	first time.Time
}

type withdrawalsKey struct{}

// NoteWithdrawals returns a context whose withdrawals are noted.
func NoteWithdrawals(ctx context.Context) (context.Context, *Withdrawals) {
	w := &Withdrawals{}
	return context.WithValue(ctx, withdrawalsKey{}, w), w
}

// Grace is how long the one who does it may still go on: 0 where nothing was withdrawn.
// Only the first counts, or there would be no end to it.
func (w *Withdrawals) Grace() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.first.IsZero() {
		return 0
	}
	return max(0, ownGrace-time.Since(w.first))
}

func noteOwn(ctx context.Context) {
	w, ok := ctx.Value(withdrawalsKey{}).(*Withdrawals)
	if !ok {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.first.IsZero() {
		w.first = time.Now()
	}
}
