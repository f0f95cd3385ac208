package stripegw

import (
	"errors"
	"sync"

	"github.com/golive-hq/golive/internal/catalog"
)

// Outcome is how a call ended.
type Outcome string

// The outcomes.
const (
	OK          Outcome = "ok"
	Refused     Outcome = "refused"     // by Stripe, for good
	Limited     Outcome = "limited"     // by Stripe, for now: 429, 409
	Unavailable Outcome = "unavailable" // no answer, 5xx, or one that cannot be read
)

// Ended is a kind of call that has ended; its mode is "" where the call was to find
// that out.
type Ended struct {
	Mode    catalog.Mode
	Outcome Outcome
}

// tally counts calls.
type tally struct {
	mu    sync.Mutex
	ended map[Ended]int64
}

// count counts a call that ended with err. One that the caller gave up is none.
func (t *tally) count(mode catalog.Mode, err error) {
	outcome, ended := outcomeOf(err)
	if !ended {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended == nil {
		t.ended = map[Ended]int64{}
	}
	t.ended[Ended{mode, outcome}]++
}

func outcomeOf(err error) (outcome Outcome, ended bool) {
	if err == nil {
		return OK, true
	}
	var failed *catalog.Error
	if !errors.As(err, &failed) {
		return "", false
	}
	switch failed.Kind {
	case catalog.KindPermission, catalog.KindRequest:
		return Refused, true
	case catalog.KindRateLimit, catalog.KindConflict:
		return Limited, true
	case catalog.KindUnavailable, catalog.KindNetwork:
	}
	return Unavailable, true
}

// Calls tells how many calls have ended how, those that none did included.
func (g *Gateway) Calls() map[Ended]int64 {
	g.calls.mu.Lock()
	defer g.calls.mu.Unlock()
	calls := map[Ended]int64{}
	for _, mode := range []catalog.Mode{catalog.Test, catalog.Live, ""} {
		for _, outcome := range []Outcome{OK, Refused, Limited, Unavailable} {
			calls[Ended{mode, outcome}] = g.calls.ended[Ended{mode, outcome}]
		}
	}
	return calls
}
