package progress

import (
	"context"
	"sync"

	"github.com/golive-hq/golive/internal/postgres"
)

// feed is one topic that is watched in this process. However many watch it, one look at
// the tables answers a ring for all, and only news wakes them. It has no goroutine while
// nothing happens.
type feed struct {
	// look reads what is new, never twice at once.
	look func(ctx context.Context) (news bool, err error)
	// failed hears why a look did not go well; the next ring looks again.
	failed func(err error)
	db     postgres.Querier
	bell   *postgres.Bell

	members int // belongs to Service.mu

	mu      sync.Mutex
	rung    bool
	looking bool
	wakes   map[*waker]struct{}
}

// waker is how one who watches is woken.
type waker struct {
	wake func()
	// behind is one whose own look failed, and who has to try again; it belongs to feed.mu.
	behind bool
}

// ring never blocks: it is called by the hub.
func (f *feed) ring() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rung = true
	if !f.looking {
		f.looking = true
		go f.answer()
	}
}

// answer looks until there was no ring since.
func (f *feed) answer() {
	for f.hasRung() {
		ctx, cancel := context.WithTimeout(context.Background(), lookTime)
		news, err := f.look(ctx)
		cancel()
		if err != nil {
			f.failed(err)
		}
		f.wakeAll(news)
	}
}

func (f *feed) hasRung() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.looking, f.rung = f.rung, false
	return f.looking
}

func (f *feed) wakeAll(news bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for w := range f.wakes {
		if news || w.behind {
			w.behind = false
			w.wake()
		}
	}
}

// enter lets wake be called at news, until leave; it must not block.
func (f *feed) enter(wake func()) *waker {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.wakes == nil {
		f.wakes = map[*waker]struct{}{}
	}
	w := &waker{wake: wake}
	f.wakes[w] = struct{}{}
	return w
}

func (f *feed) leave(w *waker) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.wakes, w)
}

func (f *feed) fallBehind(w *waker) {
	f.mu.Lock()
	defer f.mu.Unlock()
	w.behind = true
}
