package stripegw

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
)

// desk answers questions when the test says so.
type desk struct {
	shared[int, int]
	// reading gets the questions of each read as it begins, which then waits.
	reading chan []int
	goOn    chan error
}

func newDesk() *desk {
	d := &desk{reading: make(chan []int), goOn: make(chan error)}
	d.read = func(ctx context.Context, all []*question[int, int]) found[int, int] {
		err := d.wait(ctx, all)
		for _, q := range all {
			q.is(10*q.about, err)
		}
		return nil
	}
	return d
}

// wait tells the test of a read and waits for its word; a read that nobody wants
// any more waits for nothing.
func (d *desk) wait(ctx context.Context, all []*question[int, int]) error {
	select {
	case d.reading <- abouts(all):
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-d.goOn:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

type reply struct {
	answer int
	err    error
}

// asking asks about n elsewhere.
func (d *desk) asking(ctx context.Context, n int) <-chan reply {
	got := make(chan reply, 1)
	go func() {
		answer, err := d.ask(ctx, n)
		got <- reply{answer, err}
	}()
	return got
}

// formed returns once the round that forms has n questions.
func (d *desk) formed(n int) {
	for d.waiting() != n {
		runtime.Gosched()
	}
}

func want(t *testing.T, from <-chan reply, answer int, err error) {
	t.Helper()
	if got := <-from; !errors.Is(got.err, err) || err == nil && got.answer != answer {
		t.Errorf("got %+v, want %d, %v", got, answer, err)
	}
}

func TestQuestionsJoinTheReadThatHasNotBegun(t *testing.T) {
	t.Parallel()
	d := newDesk()
	first := d.asking(t.Context(), 1)
	if asked := <-d.reading; !slices.Equal(asked, []int{1}) {
		t.Errorf("the first read is about %v", asked)
	}
	second := d.asking(t.Context(), 2)
	d.formed(1)
	third := d.asking(t.Context(), 3)
	d.formed(2)
	d.goOn <- nil
	want(t, first, 10, nil)
	if asked := <-d.reading; !slices.Equal(asked, []int{2, 3}) {
		t.Errorf("the second read is about %v", asked)
	}
	fourth := d.asking(t.Context(), 4)
	d.formed(1)
	d.goOn <- nil
	want(t, second, 20, nil)
	want(t, third, 30, nil)
	<-d.reading
	d.goOn <- nil
	want(t, fourth, 40, nil)
	fifth := d.asking(t.Context(), 5)
	<-d.reading // at once: nobody else is there
	d.goOn <- nil
	want(t, fifth, 50, nil)
}

func TestWhoAsksAloneTakesNobodyAlongWhenLeaving(t *testing.T) {
	t.Parallel()
	d := newDesk()
	ctx, leave := context.WithCancel(t.Context())
	first := d.asking(ctx, 1)
	<-d.reading
	second := d.asking(t.Context(), 2)
	d.formed(1)
	leave()
	want(t, first, 0, context.Canceled)
	<-d.reading
	d.goOn <- nil
	want(t, second, 20, nil)
}

func TestARoundGoesOnForThoseWhoStay(t *testing.T) {
	t.Parallel()
	d := newDesk()
	first := d.asking(t.Context(), 1)
	<-d.reading
	ctx, leave := context.WithCancel(t.Context())
	gone, stays := d.asking(ctx, 2), d.asking(t.Context(), 3)
	d.formed(2)
	leave()
	want(t, gone, 0, context.Canceled)
	d.goOn <- nil
	want(t, first, 10, nil)
	<-d.reading
	d.goOn <- nil
	want(t, stays, 30, nil)
}

func TestARoundThatNobodyWaitsForEnds(t *testing.T) {
	t.Parallel()
	d := newDesk()
	first := d.asking(t.Context(), 1)
	<-d.reading
	ctx, leave := context.WithCancel(t.Context())
	early := d.asking(ctx, 2)
	d.formed(1)
	d.goOn <- nil
	want(t, first, 10, nil)
	<-d.reading
	leave() // under way: the read is told
	want(t, early, 0, context.Canceled)
	late := d.asking(ctx, 3) // while that ends, or after it: at most one read more
	want(t, late, 0, context.Canceled)
	other := d.asking(t.Context(), 4)
	for asked := range d.reading {
		if slices.Contains(asked, 4) {
			break
		}
	}
	d.goOn <- nil
	want(t, other, 40, nil)
}

func TestAFailedReadFailsThoseWhoAsked(t *testing.T) {
	t.Parallel()
	d := newDesk()
	broken := errors.New("broken")
	first := d.asking(t.Context(), 1)
	<-d.reading
	second := d.asking(t.Context(), 2)
	d.formed(1)
	d.goOn <- broken
	want(t, first, 0, broken)
	<-d.reading
	d.goOn <- nil
	want(t, second, 20, nil)
}

// knowing lets each read tell of all that is asked about later.
func knowing(d *desk) {
	read := d.read
	d.read = func(ctx context.Context, all []*question[int, int]) found[int, int] {
		read(ctx, all)
		return func(n int) (int, bool) { return 10 * n, true }
	}
}

// Those of a batch whose turns come one after the other go by the first one's read, if
// it began after they were asked; nobody else does.
func TestAReadAnswersThoseWhoStoodAlready(t *testing.T) {
	t.Parallel()
	d := newDesk()
	knowing(d)
	stood := catalog.AskedAt(t.Context(), time.Now())
	first := d.asking(t.Context(), 1)
	<-d.reading
	joined, fresh := d.asking(stood, 2), d.asking(t.Context(), 3)
	d.formed(2)
	d.goOn <- nil
	want(t, first, 10, nil)
	want(t, joined, 20, nil)
	if asked := <-d.reading; !slices.Equal(asked, []int{3}) {
		t.Errorf("the second read is about %v", asked)
	}
	d.goOn <- nil
	want(t, fresh, 30, nil)
	want(t, d.asking(stood, 4), 40, nil)
	later := d.asking(t.Context(), 5)
	<-d.reading
	d.goOn <- nil
	want(t, later, 50, nil)
}

// However long a question stood, nobody goes by what is no longer so.
func TestAnAnswerIsKeptForAMoment(t *testing.T) {
	t.Parallel()
	var kept findings[int, int]
	kept.found = func(n int) (int, bool) { return n, true }
	kept.began = time.Now().Add(-keepFor - time.Second)
	d := newDesk()
	d.last = kept
	stale := d.asking(catalog.AskedAt(t.Context(), time.Now().Add(-time.Hour)), 7)
	<-d.reading
	d.goOn <- nil
	want(t, stale, 70, nil)
}

// What is believed for longer, such as of which account a key is, answers those who came
// while it was being read, too.
func TestAnAnswerThatMayBeOlderEndsTheWait(t *testing.T) {
	t.Parallel()
	d := newDesk()
	d.older = time.Minute
	knowing(d)
	first := d.asking(t.Context(), 1)
	<-d.reading
	second := d.asking(t.Context(), 2)
	d.formed(1)
	d.goOn <- nil
	want(t, first, 10, nil)
	want(t, second, 20, nil)
}
