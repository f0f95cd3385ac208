package stripegw

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
)

// keepFor is how long a read may answer those whose questions are older than it: a batch
// of deployments takes turns, and the last of them should not go by what was seconds ago.
const keepFor = 2 * time.Second

// shared lets those who ask questions of one kind at the same time share a read,
// which may answer many in one call. A question that comes alone is read at once.
// One that comes while something is being read joins the round that forms meanwhile,
// and begins once that has ended: so every answer was read after it was asked for
// (see catalog.AskedAt), and a read that takes long, because it waits for its turn, serves
// all the more.
type shared[Q, A any] struct {
	// read answers each of the questions, in any order, and returns what it has found
	// out besides, nil for nothing.
	read func(context.Context, []*question[Q, A]) found[Q, A]
	// older is by how much an answer may be older than its question.
	older time.Duration

	mu      sync.Mutex
	running bool
	next    *round[Q, A]
	last    findings[Q, A]
}

// found answers questions that a read was not about but happens to know about.
type found[Q, A any] func(about Q) (answer A, known bool)

// findings are what a read found that began at a time.
type findings[Q, A any] struct {
	found[Q, A]
	began time.Time
}

// answer answers a question that stood already when the read began.
func (f *findings[Q, A]) answer(about Q, asked time.Time) (answer A, known bool) {
	if f.found == nil || f.began.Before(asked) {
		return answer, false
	}
	return f.found(about)
}

// question is answered once. Answers may be shared: who gets one must not change
// what it points to.
type question[Q, A any] struct {
	about  Q
	asked  time.Time
	queued bool          // it stood for a while before its turn came
	gone   bool          // whoever asked waits no longer
	done   chan struct{} // closed when answered
	answer A
	err    error
}

// round is what one read will answer, nil for nobody yet.
type round[Q, A any] struct {
	questions []*question[Q, A]
	cancel    func() // nil before it begins
}

// left tells that nobody waits for the round any more.
func (r *round[Q, A]) left() bool {
	return !slices.ContainsFunc(r.questions, func(q *question[Q, A]) bool { return !q.gone })
}

func (q *question[Q, A]) is(answer A, err error) {
	q.answer, q.err = answer, err
	close(q.done)
}

// ask returns the answer, read after the question stood, or ctx's error.
func (s *shared[Q, A]) ask(ctx context.Context, about Q) (A, error) {
	q := &question[Q, A]{about: about, asked: catalog.Asked(ctx), done: make(chan struct{})}
	stood := time.Since(q.asked)
	q.queued = stood > queued
	if stood > keepFor {
		q.asked = time.Now().Add(-keepFor)
	}
	r, first := s.join(q)
	if first {
		s.perform(ctx, []*question[Q, A]{q})
		return q.answer, q.err
	}
	select {
	case <-q.done:
		return q.answer, q.err
	case <-ctx.Done():
		s.leave(r, q)
		var none A
		return none, ctx.Err()
	}
}

// join returns the round that will answer q, nil where q is answered already. The first
// one may read now.
func (s *shared[Q, A]) join(q *question[Q, A]) (r *round[Q, A], first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if answer, known := s.last.answer(q.about, q.asked.Add(-s.older)); known {
		q.is(answer, nil)
		return nil, false
	}
	if !s.running {
		s.running = true
		return nil, true
	}
	if s.next == nil {
		s.next = &round[Q, A]{}
	}
	s.next.questions = append(s.next.questions, q)
	return s.next, false
}

// leave ends a read whose answers nobody waits for any more.
func (s *shared[Q, A]) leave(r *round[Q, A], q *question[Q, A]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q.gone = true; r != nil && r.left() && r.cancel != nil {
		r.cancel()
	}
}

// perform reads, and lets the round begin that has formed meanwhile.
func (s *shared[Q, A]) perform(ctx context.Context, all []*question[Q, A]) {
	f := findings[Q, A]{began: time.Now()}
	defer func() { s.proceed(f) }()
	f.found = s.read(ctx, all)
}

// proceed answers what f tells of those who wait, and begins the round of the others.
func (s *shared[Q, A]) proceed(f findings[Q, A]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = false
	if f.found != nil && f.began.After(s.last.began) {
		s.last = f
	}
	r := s.next
	if r == nil {
		return
	}
	s.next = nil
	r.questions = slices.DeleteFunc(r.questions, func(q *question[Q, A]) bool {
		answer, known := s.last.answer(q.about, q.asked.Add(-s.older))
		if known {
			q.is(answer, nil)
		}
		return known
	})
	if len(r.questions) > 0 {
		s.begin(r)
	}
}

func (s *shared[Q, A]) begin(r *round[Q, A]) {
	s.running = true
	// Of no asker's context: each of them may go away without the others.
	ctx, cancel := context.WithCancel(context.Background())
	if r.cancel = cancel; r.left() {
		cancel()
	}
	go func() {
		defer cancel()
		s.perform(ctx, r.questions)
	}()
}

// same is a kind whose questions all have one answer.
func same[A any](read func(context.Context) (A, error)) shared[struct{}, A] {
	return shared[struct{}, A]{read: func(ctx context.Context, all []*question[struct{}, A]) found[struct{}, A] {
		answer, err := read(ctx)
		for _, q := range all {
			q.is(answer, err)
		}
		if err != nil {
			return nil
		}
		return func(struct{}) (A, bool) { return answer, true }
	}}
}

// answerAll answers each question, or fails all of them: then nothing was found out.
func answerAll[Q, A any](all []*question[Q, A], of found[Q, A], err error) found[Q, A] {
	for _, q := range all {
		answer, _ := of(q.about)
		q.is(answer, err)
	}
	if err != nil {
		return nil
	}
	return of
}

// abouts are what the questions are about.
func abouts[Q, A any](all []*question[Q, A]) []Q {
	about := make([]Q, len(all))
	for i, q := range all {
		about[i] = q.about
	}
	return about
}
