package ratelimit

import (
	"testing"
	"time"
)

// open tells whether the call's turn has come.
func open(c *call) bool {
	select {
	case <-c.turn:
		return true
	default:
		return false
	}
}

func TestRequestersTakeTurns(t *testing.T) {
	t.Parallel()
	q := newQueue(scope{})
	var batch []*call
	for range 3 {
		batch = append(batch, q.join("batch"))
	}
	single, late := q.join("single"), q.join("batch")
	if want, share, _ := q.demand(); want != 5 || share != 2 {
		t.Errorf("%d calls of %d requesters", want, share)
	}
	for i, next := range []*call{batch[0], single, batch[1], batch[2], late} {
		if open(next) {
			t.Errorf("call %d started out of turn", i)
		}
		q.give(time.Now())
		if !open(next) {
			t.Fatalf("slot %d went to another call", i)
		}
	}
	if _, _, waiting := q.demand(); waiting {
		t.Error("nobody waits, and yet the queue is served")
	}
}

func TestWhoLeavesTakesNoSlot(t *testing.T) {
	t.Parallel()
	q := newQueue(scope{})
	gone, stays := q.join("a"), q.join("b")
	q.leave(gone)
	q.leave(gone)
	if want, share, _ := q.demand(); want != 1 || share != 1 {
		t.Errorf("%d calls of %d requesters", want, share)
	}
	q.give(time.Now())
	if open(gone) || !open(stays) {
		t.Error("the slot is wasted")
	}
	q.leave(stays) // too late, and no harm
	q.give(time.Now())
}

// A process that was stopped must not start what would have been right before.
func TestASlotLapses(t *testing.T) {
	t.Parallel()
	q := newQueue(scope{})
	c := q.join("a")
	q.give(time.Now().Add(-2 * grace))
	if open(c) {
		t.Error("the call started in a slot of the past")
	}
	if want, _, _ := q.demand(); want != 1+1 { // give without expect counts one down
		t.Errorf("%d calls wait for a new slot", want)
	}
}

func TestNoMoreSlotsAreWantedThanCallsWait(t *testing.T) {
	t.Parallel()
	q := newQueue(scope{})
	q.join("a")
	q.join("a")
	never := time.Now().Add(time.Hour)
	q.expect([]time.Time{never, never})
	if want, _, waiting := q.demand(); want != 0 || !waiting {
		t.Errorf("%d slots wanted, waiting %t", want, waiting)
	}
}

// An answer that took too long, perhaps because the process was stopped
// meanwhile, is of no use.
func TestASlowAnswerIsNoLot(t *testing.T) {
	t.Parallel()
	now := time.Now()
	at := epoch
	again := epoch.Add(ms(400))
	a := answer{At: at, Slots: []time.Time{at, at.Add(ms(50))}, Again: &again}
	got := a.local(now, now.Add(ms(100)))
	if len(got.slots) != 2 || !got.slots[1].Equal(now.Add(ms(150))) || !got.unmet || got.again != ms(300) {
		t.Errorf("%+v", got)
	}
	if got := a.local(now, now.Add(slowest+1)); len(got.slots) != 0 || got.unmet {
		t.Errorf("%+v", got)
	}
}
