package chaos_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"syscall"
	"time"

	"github.com/golive-hq/golive/internal/stripesim"
)

// trouble is something that befalls a deployment at one of its calls.
type trouble struct {
	name string
	// fault is what Stripe or the wire does; else strike is what is done to the
	// processes while the call is held.
	fault  stripesim.Fault
	strike func(r *run, ctx context.Context, h stripesim.Held) error
}

// wireTroubles are those of Stripe and the way to it.
var wireTroubles = []trouble{
	{name: "answer lost", fault: stripesim.Fault{Kind: stripesim.ResetAfter}},
	{name: "request lost", fault: stripesim.Fault{Kind: stripesim.ResetBefore}},
	{name: "half an answer", fault: stripesim.Fault{Kind: stripesim.Truncated}},
	{name: "429 storm", fault: stripesim.Fault{Kind: "429:endpoint-rate", Times: 12}},
	{name: "500 stored", fault: stripesim.Fault{Kind: stripesim.Stored500}},
	{name: "500 stored after the effect", fault: stripesim.Fault{Kind: stripesim.After500}},
	{name: "503", fault: stripesim.Fault{Kind: stripesim.Error503, Times: 2}},
	{name: "lock timeout", fault: stripesim.Fault{Kind: stripesim.LockTimeout, Times: 2}},
}

// processTroubles are those of our own; some are drawn more often than others.
var processTroubles = []trouble{
	{name: "SIGKILL", strike: (*run).kill},
	{name: "SIGKILL", strike: (*run).kill},
	{name: "SIGKILL", strike: (*run).kill},
	{name: "SIGKILL and a day", strike: (*run).killForADay},
	{name: "SIGKILL, and Stripe ends the call later", strike: (*run).killBeforeStripe},
	{name: "machine vanished", strike: (*run).vanish},
	{name: "machine suspended", strike: (*run).suspend},
	{name: "session ended", strike: (*run).endSession},
	{name: "SIGSTOP", strike: (*run).pause},
	{name: "SIGSTOP", strike: (*run).pause},
	{name: "SIGTERM", strike: (*run).terminate},
	{name: "SIGTERM", strike: (*run).terminate},
	{name: "SIGTERM", strike: (*run).terminate},
	{name: "Postgres restart", strike: (*run).restart},
	{name: "read-only spell", strike: (*run).readOnly},
}

// draw chooses the troubles of a run, and the calls at which they come. A cancel is
// mostly left alone by our own, so that its time can be taken.
func draw(random *rand.Rand, k kind, account string) []trouble {
	var drawn []trouble
	chance := 8
	if k.turns == cancelling {
		chance = 4
	}
	if random.IntN(10) < chance {
		drawn = append(drawn, aimed(random, processTroubles, account, stripesim.Match{Nth: 1 + random.IntN(22)}))
	}
	for range random.IntN(3) {
		drawn = append(drawn, aimed(random, wireTroubles, account, stripesim.Match{Method: "POST", Nth: 1 + random.IntN(6)}))
	}
	if random.IntN(5) == 0 && !slices.ContainsFunc(drawn, forgetful) {
		drawn = append(drawn, trouble{name: "hidden from lists", fault: stripesim.Fault{
			Kind: stripesim.Hide, Times: 1 + random.IntN(3),
			Match: stripesim.Match{Account: account, Mode: stripesim.Live, Method: "GET", Path: "^/v1/prices$", Nth: 1 + random.IntN(8)},
		}})
	}
	return drawn
}

// forgetful tells that a price may be in live of which neither a key nor an answer tells
// any more: only a list does.
func forgetful(t trouble) bool {
	return t.fault.Kind == stripesim.After500 || t.name == "SIGKILL and a day"
}

func aimed(random *rand.Rand, of []trouble, account string, at stripesim.Match) trouble {
	t := of[random.IntN(len(of))]
	at.Account = account
	t.fault.Match = at
	if t.strike != nil {
		t.fault.Kind = stripesim.Hold
		t.fault.At = []string{stripesim.AtArrival, stripesim.AtBefore, stripesim.AtAfter}[random.IntN(3)]
	}
	if !long() {
		t.fault.Times = min(t.fault.Times, 3)
	}
	return t
}

// take takes the owner off the crew; nil where there is none that can be struck.
func (r *run) take(ctx context.Context) *process {
	<-r.started
	owner, err := r.owner(ctx, r.id)
	if err != nil {
		return nil // parked, or struck by somebody else
	}
	return owner
}

// kill kills the owner, and sometimes lets its call arrive all the same.
func (r *run) kill(ctx context.Context, h stripesim.Held) error {
	return r.killed(ctx, h, func() {})
}

// killForADay lets Stripe forget all idempotency keys before anybody goes on.
func (r *run) killForADay(ctx context.Context, h stripesim.Held) error {
	return r.killed(ctx, h, func() {
		// Whatever of others is on its way arrives today, not tomorrow.
		r.chaos.onTheWire.RUnlock()
		r.chaos.onTheWire.Lock()
		r.sim.Advance(25 * time.Hour)
		r.chaos.onTheWire.Unlock()
		r.chaos.onTheWire.RLock()
	})
}

func (r *run) killed(ctx context.Context, h stripesim.Held, then func()) error {
	owner := r.take(ctx)
	if owner == nil {
		return errMissed
	}
	goesOn := r.chaos.timeTakeovers(ctx, owner, 2, &r.chaos.report.killed)
	owner.kill()
	goesOn()
	r.sim.Release(h.ID, r.lost)
	then()
	return r.staff(3)
}

// pause stops the owner for longer than its lease, and lets it go on then: it must
// find out by itself that the deployment is not its own any more.
func (r *run) pause(ctx context.Context, h stripesim.Held) error {
	owner := r.take(ctx)
	if owner == nil {
		return errMissed
	}
	goesOn := r.chaos.timeTakeovers(ctx, owner, 2, &r.chaos.report.frozen)
	owner.signal(syscall.SIGSTOP)
	goesOn()
	r.sim.Release(h.ID, r.lost)
	r.afterTheLease(func() {
		owner.signal(syscall.SIGCONT)
		r.back(owner)
	})
	return r.staff(2)
}

// suspend is a machine that sleeps for longer than a lease: it wakes with connections
// whose other end has forgotten them. (What its clock says is for the tests of the fence.)
func (r *run) suspend(ctx context.Context, h stripesim.Held) error {
	owner := r.take(ctx)
	if owner == nil {
		return errMissed
	}
	goesOn := r.chaos.timeTakeovers(ctx, owner, 2, &r.chaos.report.frozen)
	owner.signal(syscall.SIGSTOP)
	goesOn()
	owner.wire.Freeze()
	r.sim.Release(h.ID, r.lost)
	r.afterTheLease(func() {
		owner.signal(syscall.SIGCONT)
		r.back(owner)
	})
	return r.staff(2)
}

// vanish is a machine that loses its power: its process is dead, and nobody tells
// Postgres, which takes its sessions for alive.
func (r *run) vanish(ctx context.Context, h stripesim.Held) error {
	owner := r.take(ctx)
	if owner == nil {
		return errMissed
	}
	goesOn := r.chaos.timeTakeovers(ctx, owner, 2, &r.chaos.report.frozen)
	owner.wire.Freeze()
	owner.kill()
	goesOn()
	r.sim.Release(h.ID, r.lost)
	r.afterTheLease(owner.wire.Cut)
	return r.staff(3)
}

// afterTheLease does what comes later, at the latest at the end of all runs.
func (r *run) afterTheLease(do func()) {
	r.chaos.later.Go(func() {
		select {
		case <-time.After(r.lease * 3 / 2):
		case <-r.chaos.over:
		}
		do()
	})
}

// killBeforeStripe kills the owner; Stripe goes on with its call as if nothing were, and
// ends it seconds after somebody else has taken over.
func (r *run) killBeforeStripe(ctx context.Context, h stripesim.Held) error {
	owner := r.take(ctx)
	if owner == nil {
		return errMissed
	}
	owner.kill()
	if err := r.staff(3); err != nil {
		return err
	}
	select {
	case <-time.After(2 * time.Second):
	case <-ctx.Done():
	}
	r.sim.Release(h.ID, false)
	return nil
}

// endSession is an operator, or a failover, that ends the session by whose end others
// take the owner for dead: it lives, and must not go on before it has its right again.
func (r *run) endSession(ctx context.Context, h stripesim.Held) error {
	<-r.started
	tag, err := r.pool.Exec(ctx, `SELECT pg_terminate_backend(l.pid) FROM pg_locks l, deployments d
		WHERE d.id = $1 AND d.lifeline_epoch = d.epoch AND d.lease_until IS NOT NULL AND l.locktype = 'advisory'
			AND l.objsubid = 1 AND (l.classid::bigint << 32) + l.objid::bigint = d.lifeline`, r.id)
	if err != nil || tag.RowsAffected() == 0 {
		return errMissed
	}
	r.sim.Release(h.ID, r.lost)
	return nil
}

// readOnly is a database that takes no writes for a while, as of a provider whose disk is
// full: sessions that begin meanwhile take none as long as they last.
func (r *run) readOnly(ctx context.Context, h stripesim.Held) error {
	r.chaos.calm.Lock()
	defer r.chaos.calm.Unlock()
	ctx = context.WithoutCancel(ctx) // the deployment may end; the spell ends all the same
	conn, err := r.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	from := time.Now()
	defer func() { r.chaos.database.refused(from) }()
	for _, sql := range []string{
		`SET default_transaction_read_only = off`, `ALTER DATABASE postgres SET default_transaction_read_only = on`,
		`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	r.sim.Release(h.ID, false)
	select {
	case <-time.After(r.lease / 2):
	case <-r.chaos.over:
	}
	_, err = conn.Exec(ctx, `ALTER DATABASE postgres RESET default_transaction_read_only`)
	r.pool.Reset() // the test's own connections are not what is tested
	return err
}

func (r *run) terminate(ctx context.Context, h stripesim.Held) error {
	owner := r.take(ctx)
	if owner == nil {
		return errMissed
	}
	goesOn := r.chaos.timeTakeovers(ctx, owner, 1, &r.chaos.report.terminated)
	owner.signal(syscall.SIGTERM)
	r.sim.Release(h.ID, false)
	goesOn()
	<-owner.over
	return r.staff(3)
}

func (r *run) restart(ctx context.Context, h stripesim.Held) error {
	r.sim.Release(h.ID, false)
	r.chaos.calm.Lock()
	defer r.chaos.calm.Unlock()
	// The deployment may end meanwhile; Postgres comes back all the same.
	if err := r.chaos.database.restart(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	r.pool.Reset() // the test's own connections are not what is tested
	return nil
}
