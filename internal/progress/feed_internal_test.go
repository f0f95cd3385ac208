package progress

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
)

const patience = time.Minute

// However often it rings while somebody looks, one more look covers all of it; only news
// wakes those who watch, and those who could not read for themselves.
func TestAFeedLooksOnceForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, feedLooksOnceForAll)
}

func feedLooksOnceForAll(t *testing.T) {
	t.Helper()
	var looks atomic.Int64
	begun, goOn := make(chan struct{}), make(chan bool)
	f := &feed{failed: func(error) {}}
	f.look = func(context.Context) (bool, error) {
		looks.Add(1)
		begun <- struct{}{}
		return <-goOn, nil
	}
	woken := make(chan int, 10)
	f.enter(func() { woken <- 1 })
	second := f.enter(func() { woken <- 2 })
	gone := f.enter(func() { woken <- 3 })
	f.leave(gone)
	next := func(what string) {
		t.Helper()
		select {
		case <-begun:
		case <-time.After(patience):
			t.Fatal("nobody looks:", what)
		}
	}
	f.ring()
	next("the first ring")
	for range 100 {
		f.ring()
	}
	synctest.Wait()
	if n := looks.Load(); n != 1 {
		t.Errorf("%d look at once", n)
	}
	goOn <- false
	next("what rang meanwhile")
	f.fallBehind(second)
	goOn <- false
	if who := <-woken; who != 2 {
		t.Errorf("%d was woken, and has nothing to read", who)
	}
	f.ring()
	next("another ring")
	if len(woken) != 0 {
		t.Errorf("%d more were woken", len(woken))
	}
	goOn <- true
	who := []int{<-woken, <-woken}
	slices.Sort(who)
	synctest.Wait()
	if !slices.Equal(who, []int{1, 2}) || len(woken) != 0 {
		t.Errorf("news woke %v, and %d more", who, len(woken))
	}
	select {
	case <-begun:
		t.Error("it looks on")
	default:
	}
}

func TestAFeedOfEventsServesThoseWhoAreALittleBehind(t *testing.T) {
	t.Parallel()
	f := &events{newest: 4}
	want := func(last, n int, over, ok bool) {
		t.Helper()
		found, gotOver, gotOK := f.after(last)
		if len(found) != n || gotOver != over || gotOK != ok || n > 0 && found[0].Sequence != last+1 {
			t.Errorf("after %d: %d events, %v, %v", last, len(found), gotOver, gotOK)
		}
	}
	want(3, 0, false, false)
	want(4, 0, false, true)
	for sequence := 5; sequence <= 150; sequence++ {
		f.add([]*deployment.Event{{Sequence: sequence}}, sequence == 150)
	}
	want(150, 0, true, true)
	want(200, 0, true, true)
	want(149, 1, true, true)
	want(50, 100, true, true)
	want(49, 0, false, false) // it keeps 100
}

// Whoever is slow gets each deployment once, as it is; and what all have got is forgotten.
func TestAFeedOfChangesKeepsTheNewestOfEach(t *testing.T) {
	t.Parallel()
	f := &changes{latest: map[string]int{}, cursors: map[*cursor]struct{}{}}
	quick, slow := &cursor{feed: f}, &cursor{feed: f}
	f.add(quick)
	f.add(slow)
	change := func(id string, sequence int) {
		f.keep([]*deployment.Deployment{{ID: id, LastSequence: sequence}})
	}
	want := func(c *cursor, sequences ...int) {
		t.Helper()
		var got []int
		for _, d := range c.logged() {
			got = append(got, d.LastSequence)
		}
		if !slices.Equal(got, sequences) {
			t.Errorf("got %v, want %v", got, sequences)
		}
	}
	change("a", 1)
	change("b", 2)
	want(quick, 1, 2)
	change("a", 3)
	want(quick, 3)
	late := &cursor{feed: f}
	f.add(late)
	change("c", 4)
	want(slow, 2, 3, 4)
	want(late, 4)
	want(quick, 4)
	change("d", 5)
	if len(f.log) != 1 || len(f.latest) != 1 {
		t.Errorf("%d entries and %v are kept", len(f.log), f.latest)
	}
	f.drop(slow)
	f.drop(late)
	want(quick, 5)
	want(quick)
	want(late) // whose reader may still be at it
}

// What could not be read comes with the next look.
func TestAStreamTriesAgain(t *testing.T) {
	t.Parallel()
	broken := errors.New("no connection")
	f := &feed{failed: func(error) {}}
	wakes := 0
	w := f.enter(func() { wakes++ })
	s := &stream[int]{out: make(chan int, room), next: func(context.Context) ([]int, bool, error) { return nil, false, broken }}
	if n, over := s.fill(t.Context(), f, w); n != 0 || over {
		t.Errorf("%d %v", n, over)
	}
	f.wakeAll(false)
	f.wakeAll(false)
	if wakes != 1 {
		t.Errorf("woken %d times", wakes)
	}
	s.next = func(context.Context) ([]int, bool, error) { return make([]int, room+1), true, nil }
	for i, want := range []struct {
		n    int
		over bool
	}{{room, false}, {1, true}, {0, true}} {
		n, over := s.fill(t.Context(), f, w)
		for range n {
			<-s.out
		}
		if n != want.n || over != want.over {
			t.Errorf("fill %d: %d %v", i, n, over)
		}
	}
}

// One that could not begin in time is none, though it had just come as far as its feed.
func TestAPullThatHasEndedIsNotUsed(t *testing.T) {
	t.Parallel()
	p := &Pull{Wake: func() {}}
	ctx, cancel := context.WithCancel(WithPull(t.Context(), p))
	if p.Used() {
		t.Error("it is used before it begins")
	}
	left := make(chan struct{})
	_ = follow(ctx, &stream[int]{}, &feed{}, func() { close(left) })
	if !p.Used() {
		t.Error("it is not used")
	}
	cancel()
	<-left
	if p.Used() {
		t.Error("it is used after its end")
	}
}
