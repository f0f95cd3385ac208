package stripegw

import (
	"context"
	"sync"
)

// shared lets those who ask questions of one kind at the same time share a read,
// which may answer many in one call. A question that comes alone is read at once.
// One that comes while a read is under way joins the round that forms meanwhile,
// and begins after it: so every answer was read after it was asked for, and a
// read that takes long, because it waits for its turn, serves all the more.
type shared[Q, A any] struct {
	// read answers each of the questions, in any order.
	read func(context.Context, []*question[Q, A])

	mu   sync.Mutex
	busy bool
	next *round[Q, A]
}

// question is answered once. Answers may be shared: who gets one must not change
// what it points to.
type question[Q, A any] struct {
	about  Q
	done   chan struct{} // closed when answered
	answer A
	err    error
}

// round is what one read will answer, nil for nobody yet.
type round[Q, A any] struct {
	questions []*question[Q, A]
	left      int    // askers who wait no longer
	cancel    func() // nil before it begins
}

func newQuestion[Q, A any](about Q) *question[Q, A] {
	return &question[Q, A]{about: about, done: make(chan struct{})}
}

func (q *question[Q, A]) is(answer A, err error) {
	q.answer, q.err = answer, err
	close(q.done)
}

// ask returns the answer, read after the call, or ctx's error.
func (s *shared[Q, A]) ask(ctx context.Context, about Q) (A, error) {
	q := newQuestion[Q, A](about)
	r := s.join(q)
	if r == nil {
		defer s.proceed()
		s.read(ctx, []*question[Q, A]{q})
		return q.answer, q.err
	}
	select {
	case <-q.done:
		return q.answer, q.err
	case <-ctx.Done():
		s.leave(r)
		var none A
		return none, ctx.Err()
	}
}

// join returns the round that will answer q, nil where the asker may read now.
func (s *shared[Q, A]) join(q *question[Q, A]) *round[Q, A] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.busy {
		s.busy = true
		return nil
	}
	if s.next == nil {
		s.next = &round[Q, A]{}
	}
	s.next.questions = append(s.next.questions, q)
	return s.next
}

// leave ends a read whose answers nobody waits for any more.
func (s *shared[Q, A]) leave(r *round[Q, A]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.left++; r.left == len(r.questions) && r.cancel != nil {
		r.cancel()
	}
}

// proceed begins the round that has formed, if one has.
func (s *shared[Q, A]) proceed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.next
	s.next, s.busy = nil, r != nil
	if r == nil {
		return
	}
	// Of no asker's context: each of them may go away without the others.
	ctx, cancel := context.WithCancel(context.Background())
	if r.cancel = cancel; r.left == len(r.questions) {
		cancel()
	}
	go func() {
		defer cancel()
		defer s.proceed()
		s.read(ctx, r.questions)
	}()
}

// same is a kind whose questions all have one answer.
func same[A any](read func(context.Context) (A, error)) shared[struct{}, A] {
	return shared[struct{}, A]{read: func(ctx context.Context, all []*question[struct{}, A]) {
		answer, err := read(ctx)
		for _, q := range all {
			q.is(answer, err)
		}
	}}
}

// abouts are what the questions are about.
func abouts[Q, A any](all []*question[Q, A]) []Q {
	about := make([]Q, len(all))
	for i, q := range all {
		about[i] = q.about
	}
	return about
}
