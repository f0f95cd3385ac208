package progress

import "context"

// Pull lets whoever serves thousands of subscriptions have no goroutine wait for each.
// In a context that holds one, the channel that a subscription returns is filled by Fill
// alone, and never closed.
type Pull struct {
	// Wake hears, from any goroutine, that Fill may have something. It must not block.
	Wake func()

	fill  func(ctx context.Context) (n int, over bool)
	ended func() bool
}

type pullKey struct{}

// WithPull returns a context in which the one subscription that begins is pulled by p.
func WithPull(ctx context.Context, p *Pull) context.Context {
	return context.WithValue(ctx, pullKey{}, p)
}

// Used tells that a subscription has begun, and not ended already.
func (p *Pull) Used() bool { return p.fill != nil && !p.ended() }

// Fill puts what is new into the channel, as far as it has room, and returns how much
// that is: receiving so often does not block. It must not be called at the same time
// twice, nor before what it put there is taken. With over nothing more will come.
func (p *Pull) Fill(ctx context.Context) (n int, over bool) { return p.fill(ctx) }

// room is how much a channel holds that is pulled.
const room = 8

// stream hands on what a subscription gets.
type stream[T any] struct {
	// next returns what follows, nothing where there is nothing yet; over is as for Fill.
	next func(ctx context.Context) (found []T, over bool, err error)

	out     chan T
	pending []T
	over    bool
}

// take returns up to most of what follows.
func (s *stream[T]) take(ctx context.Context, most int) (found []T, over bool, err error) {
	if len(s.pending) == 0 && !s.over {
		s.pending, s.over, err = s.next(ctx)
	}
	n := min(most, len(s.pending))
	found = s.pending[:n]
	if s.pending = s.pending[n:]; len(s.pending) == 0 {
		s.pending = nil // the feed's may go
	}
	return found, s.over && s.pending == nil, err
}

// follow connects a subscription with its feed until ctx ends, then calls left.
func follow[T any](ctx context.Context, s *stream[T], f *feed, left func()) <-chan T {
	if pull, _ := ctx.Value(pullKey{}).(*Pull); pull != nil {
		s.out = make(chan T, room)
		w := f.enter(pull.Wake)
		pull.ended = func() bool { return ctx.Err() != nil }
		pull.fill = func(ctx context.Context) (int, bool) { return s.fill(ctx, f, w) }
		context.AfterFunc(ctx, func() { f.leave(w); left() })
		return s.out
	}
	s.out = make(chan T)
	bell := make(chan struct{}, 1)
	w := f.enter(func() {
		select {
		case bell <- struct{}{}:
		default:
		}
	})
	go func() {
		defer close(s.out)
		defer left()
		defer f.leave(w)
		for s.send(ctx, f, w) {
			select {
			case <-bell:
			case <-ctx.Done():
			}
		}
	}()
	return s.out
}

func (s *stream[T]) fill(ctx context.Context, f *feed, w *waker) (n int, over bool) {
	found, over, err := s.take(ctx, room)
	if err != nil {
		f.stumble(ctx, w, err)
	}
	for _, item := range found {
		s.out <- item
	}
	return len(found), over
}

// send sends all that there is and reports whether more is to come.
func (s *stream[T]) send(ctx context.Context, f *feed, w *waker) bool {
	for {
		found, over, err := s.take(ctx, room)
		if err != nil {
			f.stumble(ctx, w, err)
		}
		for _, item := range found {
			select {
			case s.out <- item:
			case <-ctx.Done():
				return false
			}
		}
		if over || ctx.Err() != nil {
			return false
		}
		if len(found) == 0 {
			return true
		}
	}
}

// stumble lets one whose own look failed try again at the next ring.
func (f *feed) stumble(ctx context.Context, w *waker, err error) {
	f.fallBehind(w)
	if ctx.Err() == nil {
		f.failed(err)
	}
}
