package server

import (
	"context"
	"crypto/sha256"
	"net/http"
	"sync"
	"time"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/quota"
)

// limits hold callers to their rates. Who is beyond one is remembered by what they showed,
// until there is some of it again: to find out anew who it is would cost a query, and so
// more than what is refused.
type limits struct {
	rates *quota.Rates
	over  *overdrawn
}

func newLimits(rates *quota.Rates) limits {
	return limits{rates, &overdrawn{until: map[credential]overdraft{}}}
}

// credential tells credentials apart without being one.
type credential [sha256.Size]byte

// credentialOf is of what a request shows.
func credentialOf(r *http.Request) credential {
	if header := r.Header.Get("Authorization"); header != "" {
		return sha256.Sum256([]byte("token " + header))
	}
	return sha256.Sum256([]byte("cookie " + r.Header.Get("Cookie")))
}

// count counts a request of the actor in ctx, or returns RATE_LIMITED.
func (l limits) count(ctx context.Context, c credential) error {
	err := l.rates.Request(ctx)
	if e := fault.As(err); e != nil {
		l.over.note(c, e)
	}
	return err
}

// spent is RATE_LIMITED while there can be no request of whoever showed this.
func (l limits) spent(c credential) error {
	if e := l.over.of(c); e != nil {
		return e
	}
	return nil
}

type overdraft struct {
	at   time.Time
	told *fault.Error
}

type overdrawn struct {
	mu    sync.Mutex
	until map[credential]overdraft
}

// overdrawnAtOnce bounds what is remembered.
const overdrawnAtOnce = 10_000

func (o *overdrawn) note(c credential, e *fault.Error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.until) >= overdrawnAtOnce {
		clear(o.until)
	}
	o.until[c] = overdraft{time.Now().Add(e.RetryAfter), e}
}

func (o *overdrawn) of(c credential) *fault.Error {
	o.mu.Lock()
	defer o.mu.Unlock()
	found, noted := o.until[c]
	switch {
	case !noted:
		return nil
	case time.Now().After(found.at):
		delete(o.until, c)
		return nil
	}
	return found.told
}
