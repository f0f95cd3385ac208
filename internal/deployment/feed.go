package deployment

import (
	"context"
	"slices"
	"sync"
)

// feeds are the deployments that are being watched in this process.
type feeds struct {
	mu sync.Mutex
	of map[string]*feed
}

// feed shares the looks at one deployment's events: of many watchers who hear the
// same bell, the first reads the tables. It keeps the last look only; a watcher
// who was behind what that covers reads for itself.
type feed struct {
	watchers int // belongs to feeds.mu
	// turn holds one token: whoever has it may use what stands below.
	turn chan struct{}
	ring int64
	seen *look
}

// look is what the tables held after an event.
type look struct {
	after  int
	events []*Event
	// more is that they held still more; over, that no more will come.
	more, over bool
}

// covers tells that it holds the next of what came after a later event, if any did.
func (l *look) covers(after int) bool {
	return l.after <= after && (!l.more || after < l.events[len(l.events)-1].Sequence)
}

// since narrows a look to what came after a later event.
func (l *look) since(after int) *look {
	seen := *l
	seen.after = after
	seen.events = slices.DeleteFunc(slices.Clone(l.events), func(e *Event) bool { return e.Sequence <= after })
	return &seen
}

// join returns the feed of a deployment, which leave has to give back.
func (f *feeds) join(id string) *feed {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of == nil {
		f.of = map[string]*feed{}
	}
	if f.of[id] == nil {
		f.of[id] = &feed{turn: make(chan struct{}, 1)}
		f.of[id].turn <- struct{}{}
	}
	f.of[id].watchers++
	return f.of[id]
}

func (f *feeds) leave(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of[id].watchers--; f.of[id].watchers == 0 {
		delete(f.of, id)
	}
}

// look returns what came after an event, read no earlier than at that ring.
func (f *feed) look(ctx context.Context, ring int64, after int, read func(context.Context) (*look, error)) (*look, error) {
	select {
	case <-f.turn:
		defer func() { f.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if f.seen != nil && f.ring >= ring && f.seen.covers(after) {
		return f.seen.since(after), nil
	}
	seen, err := read(ctx)
	if err == nil {
		f.ring, f.seen = ring, seen
	}
	return seen, err
}
