package stripesim

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// What falls due by itself.
const (
	dueBooking = "booking"      // of a charge
	dueDebit   = "debit"        // of an intent: it is settled
	dueHold    = "hold"         // of an intent: it ends
	dueSession = "session"      // it expires
	dueDispute = "dispute"      // of a charge: it is made
	dueAnswer  = "answer"       // of a dispute: it is too late
	dueRefund  = "refund"       // it is settled
	dueFailure = "refund fails" // though it had succeeded
)

// appointment is something that happens to an object at a time, if it still can.
type appointment struct {
	At   int64  `json:"at"`
	What string `json:"what"`
	ID   string `json:"id"`
}

// agenda is in order of time, and of planning within a second.
type agenda []appointment

func (o *op) plan(at int64, what, id string) {
	o.store.agenda.plan(appointment{At: at, What: what, ID: id})
}

func (a *agenda) plan(p appointment) {
	i, _ := slices.BinarySearchFunc(*a, p.At+1, func(e appointment, at int64) int { return cmp.Compare(e.At, at) })
	*a = slices.Insert(*a, i, p)
}

// tick lets happen what is due, each thing at its own time.
func (o *op) tick() {
	now := o.now
	for len(o.agenda) > 0 && o.agenda[0].At <= now.Unix() {
		next := o.agenda[0]
		o.store.agenda = slices.Delete(o.agenda, 0, 1)
		at := *o.call
		at.now = time.Unix(next.At, 0)
		if next.At == now.Unix() {
			at.now = now
		}
		due := *o
		due.call, due.in = &at, input{}
		due.happen(next)
	}
}

func (o *op) happen(a appointment) {
	switch a.What {
	case dueBooking:
		ledger{o}.bookCharge(a.ID)
	case dueDebit:
		if pi, ok := o.intents.get(a.ID); ok && pi.is(statusProcessing) {
			till{o}.settle(a.ID, methods[pi.Method].settles == succeeds)
		}
	case dueHold:
		till{o}.expireHold(a.ID)
	case dueSession:
		desk{o}.expireSession(a.ID)
	case dueDispute:
		court{o}.disputeByMethod(a.ID)
	case dueAnswer:
		court{o}.answerTooLate(a.ID)
	case dueRefund:
		refunder{o}.settleRefund(a.ID, statusSucceeded)
	case dueFailure:
		refunder{o}.settleRefund(a.ID, statusFailed)
	}
}

// tickAll lets happen what is due anywhere.
func (al *alarm) tickAll() {
	for _, a := range al.sim.allAccounts() {
		for _, mode := range []Mode{Test, Live} {
			al.sim.alone(a, mode, (*op).tick)
		}
	}
	al.wake()
}

// alone runs something that nobody requested, in one instant.
func (w *World) alone(a *account, mode Mode, do func(*op)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	do(newOp(w.sim, &call{account: a, mode: mode, now: w.sim.Now()}, nil))
	w.sim.saver.changed()
}

func (w *World) allAccounts() []*account {
	w.sim.mu.RLock()
	defer w.sim.mu.RUnlock()
	all := make([]*account, 0, len(w.sim.accounts))
	for _, a := range w.sim.accounts {
		all = append(all, a)
	}
	return all
}

// nextDue is when something falls due next, zero if nothing will.
func (al *alarm) nextDue() time.Time {
	var next time.Time
	for _, a := range al.sim.allAccounts() {
		a.mu.Lock()
		for _, st := range []*store{a.test, a.live} {
			if at := st.nextDue(al.sim.Now()); !at.IsZero() && (next.IsZero() || at.Before(next)) {
				next = at
			}
		}
		a.mu.Unlock()
	}
	return next
}

// nextDue leaves out the deliveries that are due by now: the courier is at them.
func (st *store) nextDue(now time.Time) time.Time {
	var next time.Time
	if len(st.agenda) > 0 {
		next = time.Unix(st.agenda[0].At, 0)
	}
	for _, d := range st.deliveries {
		if d.At.After(now) && (next.IsZero() || d.At.Before(next)) {
			next = d.At
		}
	}
	return next
}

// alarm rings when something falls due. It needs no goroutine until then.
type alarm struct {
	sim    *Sim
	mu     sync.Mutex
	timer  *time.Timer
	closed bool
}

func newAlarm(s *Sim) *alarm { return &alarm{sim: s} }

// wake sends the events that are due, and sets the alarm for what is due later.
func (al *alarm) wake() {
	al.sim.courier.wake()
	next := al.nextDue()
	al.mu.Lock()
	defer al.mu.Unlock()
	if al.timer != nil {
		al.timer.Stop()
	}
	if al.closed || next.IsZero() {
		return
	}
	al.timer = time.AfterFunc(next.Sub(al.sim.Now()), al.tickAll)
}

func (al *alarm) close() {
	al.mu.Lock()
	defer al.mu.Unlock()
	al.closed = true
	if al.timer != nil {
		al.timer.Stop()
	}
}
