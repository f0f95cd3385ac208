package tenant

import (
	"context"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
)

// rightsTopic is rung where somebody may have lost a right.
const rightsTopic = "rights"

// Withdrawn lets every process look, as soon as tx has committed, whether those whom it
// serves may still do what they could. Whoever ends a token or a session, removes a
// member or lowers a role calls it in the transaction that does. One that is missed is
// made up for by the look that each process takes every few seconds.
func Withdrawn(ctx context.Context, tx pgx.Tx) error {
	noteOwn(ctx)
	return postgres.RingAtCommit(ctx, tx, rightsTopic)
}

// Holders returns, by principal, who those are now that still hold. It is given
// principals of one kind.
type Holders func(ctx context.Context, principals []string) (map[string]Actor, error)

// Rights knows of everybody whom this process serves at the moment whether what they
// showed still holds. However many they are, it asks once for all: when somebody rings
// Withdrawn, and every few seconds besides. So whoever loses a right is known everywhere
// within five seconds, and a right that nobody could ask about for that long counts as
// unknown.
type Rights struct {
	hub     *postgres.Hub
	log     *slog.Logger
	holders map[string]Holders
	pace    pace

	mu      sync.Mutex
	watches map[string]map[*Watch]struct{} // by principal
}

// pace says when Rights asks. Together they stay below the five seconds.
type pace struct {
	// every is the time between two looks, retry after one that failed; each may take
	// answer.
	every, retry, answer time.Duration
	// trust is how long a right is known after the last look that went well.
	trust time.Duration
}

var defaultPace = pace{every: 2 * time.Second, retry: 300 * time.Millisecond, answer: 2700 * time.Millisecond, trust: 4500 * time.Millisecond}

// NewRights returns Rights that hear from hub; holders are by the kind of principal, which
// is what stands before its slash. It looks at nothing before Run.
func NewRights(hub *postgres.Hub, log *slog.Logger, holders map[string]Holders) *Rights {
	return &Rights{hub: hub, log: log, holders: holders, pace: defaultPace, watches: map[string]map[*Watch]struct{}{}}
}

// Watch is somebody who is being served.
type Watch struct {
	rights *Rights
	actor  Actor
	lost   func(why *fault.Error)

	// Both belong to rights.mu. known is when the actor's rights were last asked for.
	known time.Time
	gone  *fault.Error
}

// Watch follows an actor who is being served until Leave. It calls lost, from any
// goroutine, once the actor may do less than then: UNAUTHENTICATED where what they showed
// is gone, FORBIDDEN where a role is. As long as that cannot be told it calls lost with
// UNAVAILABLE, maybe several times. asked is when the actor was found out.
func (r *Rights) Watch(actor Actor, asked time.Time, lost func(why *fault.Error)) *Watch {
	w := &Watch{rights: r, actor: actor, lost: lost, known: asked}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.watches[actor.Principal] == nil {
		r.watches[actor.Principal] = map[*Watch]struct{}{}
	}
	r.watches[actor.Principal][w] = struct{}{}
	return w
}

// Leave ends the watch; it may be repeated.
func (w *Watch) Leave() {
	w.rights.mu.Lock()
	defer w.rights.mu.Unlock()
	w.rights.forget(w)
}

// forget needs mu.
func (r *Rights) forget(w *Watch) {
	all := r.watches[w.actor.Principal]
	if delete(all, w); len(all) == 0 {
		delete(r.watches, w.actor.Principal)
	}
}

// Gone tells why the actor may do less than when the watch began, nil as far as is known.
// Ask before anything is handed out.
func (w *Watch) Gone() *fault.Error {
	w.rights.mu.Lock()
	defer w.rights.mu.Unlock()
	return w.gone
}

// Run looks after the rights until ctx is done.
func (r *Rights) Run(ctx context.Context) {
	bell := r.hub.Subscribe(rightsTopic)
	defer bell.Close()
	for wait := r.pace.every; ; {
		// Processes that began together need not ask together.
		timer := time.NewTimer(wait - rand.N(wait/5+1))
		select {
		case <-bell.C:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return
		}
		if wait = r.pace.every; !r.look(ctx) {
			wait = r.pace.retry
		}
	}
}

// look asks for all at once, and tells whether there was an answer.
func (r *Rights) look(ctx context.Context) (answered bool) {
	began := time.Now()
	principals := r.principals()
	if len(principals) == 0 {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, r.pace.answer)
	defer cancel()
	now, err := r.ask(ctx, principals)
	if err != nil {
		r.log.WarnContext(ctx, "could not check who may still do what; will retry", "error", err, "principals", len(principals))
		r.doubt()
		return false
	}
	r.settle(principals, now, began)
	return true
}

func (r *Rights) principals() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Collect(maps.Keys(r.watches))
}

func (r *Rights) ask(ctx context.Context, principals []string) (map[string]Actor, error) {
	byKind := map[string][]string{}
	for _, p := range principals {
		kind, _, _ := strings.Cut(p, "/")
		byKind[kind] = append(byKind[kind], p)
	}
	now := make(map[string]Actor, len(principals))
	for kind, of := range byKind {
		holders := r.holders[kind]
		if holders == nil {
			continue // what nobody answers for holds nothing
		}
		found, err := holders(ctx, of)
		if err != nil {
			return nil, err
		}
		maps.Copy(now, found)
	}
	return now, nil
}

// settle ends the watches of those who may do less than when they came. What was found
// out about somebody after the look began is newer than what it says.
func (r *Rights) settle(principals []string, now map[string]Actor, began time.Time) {
	r.tell(func(w *Watch) *fault.Error {
		if w.known.After(began) {
			return nil
		}
		actor, holds := now[w.actor.Principal]
		switch {
		case !holds:
			w.gone = ended(w.actor)
		case !actor.covers(w.actor):
			w.gone = fault.New(fault.Forbidden, "Your permissions have changed. Try again.")
		default:
			w.known = began
			return nil
		}
		r.forget(w)
		return w.gone
	}, principals)
}

// ended says that what the actor has shown holds no longer.
func ended(a Actor) *fault.Error {
	if a.SessionID() != "" {
		return SessionEnded()
	}
	return fault.As(errToken())
}

// doubt tells those of whom nothing has been known for too long.
func (r *Rights) doubt() {
	unknown := fault.New(fault.Unavailable, "We can't check your permissions right now. Try again in a moment.")
	r.tell(func(w *Watch) *fault.Error {
		if time.Since(w.known) < r.pace.trust {
			return nil
		}
		return unknown
	}, r.principals())
}

// tell calls those whom judge has something to say about, without the lock.
func (r *Rights) tell(judge func(*Watch) *fault.Error, principals []string) {
	type call struct {
		w   *Watch
		why *fault.Error
	}
	var calls []call
	r.mu.Lock()
	for _, p := range principals {
		for w := range r.watches[p] {
			if why := judge(w); why != nil {
				calls = append(calls, call{w, why})
			}
		}
	}
	r.mu.Unlock()
	for _, c := range calls {
		c.w.lost(c.why)
	}
}

// covers tells whether a may do all that b may.
func (a Actor) covers(b Actor) bool {
	for _, had := range b.Memberships {
		has, member := a.Membership(had.Tenant.ID)
		if !member || !has.Role.Covers(had.Role) {
			return false
		}
	}
	return true
}
