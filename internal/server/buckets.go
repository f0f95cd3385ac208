package server

import (
	"sync"
	"time"
)

// bucketsAtOnce bounds what is remembered.
const bucketsAtOnce = 10_000

// buckets count what somebody does, in this process alone: each drips, and is kept as the
// instant at which it will be empty.
type buckets[Who comparable] struct {
	mu     sync.Mutex
	empty  map[Who]time.Time
	atOnce int
	every  time.Duration
	now    func() time.Time
}

// newBuckets lets everybody do atOnce things at once, and one more every so often.
func newBuckets[Who comparable](atOnce int, every time.Duration) *buckets[Who] {
	return &buckets[Who]{empty: map[Who]time.Time{}, atOnce: atOnce, every: every, now: time.Now}
}

// take counts one thing, or returns how long whoever does it would have to wait: then it does
// not count.
func (b *buckets[Who]) take(who Who) (wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if len(b.empty) >= bucketsAtOnce {
		b.forget(now)
	}
	next := b.empty[who]
	if next.Before(now) {
		next = now
	}
	if wait := next.Sub(now.Add(time.Duration(b.atOnce-1) * b.every)); wait > 0 {
		return wait
	}
	b.empty[who] = next.Add(b.every)
	return 0
}

// giveBack takes one back.
func (b *buckets[Who]) giveBack(who Who) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.empty[who] = b.empty[who].Add(-b.every)
	if !b.empty[who].After(b.now()) {
		delete(b.empty, who)
	}
}

// forget drops those that are empty, and where none is all: a crowd that large is no single
// somebody.
func (b *buckets[Who]) forget(now time.Time) {
	for who, empty := range b.empty {
		if !empty.After(now) {
			delete(b.empty, who)
		}
	}
	if len(b.empty) >= bucketsAtOnce {
		clear(b.empty)
	}
}
