package progress

import (
	"context"
	"slices"
	"sync"

	"github.com/golive-hq/golive/internal/deployment"
)

// shares are the deployments that are being watched in this process.
type shares struct {
	mu sync.Mutex
	of map[string]*share
}

// share shares the looks at one deployment's events: of many watchers who hear the
// same bell, the first reads the tables. It keeps the last look only; a watcher
// who was behind what that covers reads for itself.
type share struct {
	watchers int // belongs to shares.mu
	// token is one: whoever has it may use what stands below.
	token chan struct{}
	ring  int64
	seen  *look
}

// look is what the tables held after an event.
type look struct {
	after  int
	events []*deployment.Event
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
	seen.events = slices.DeleteFunc(slices.Clone(l.events), func(e *deployment.Event) bool { return e.Sequence <= after })
	return &seen
}

// join returns the share of a deployment, which leave has to give back.
func (s *shares) join(id string) *share {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[string]*share{}
	}
	if s.of[id] == nil {
		s.of[id] = &share{token: make(chan struct{}, 1)}
		s.of[id].token <- struct{}{}
	}
	s.of[id].watchers++
	return s.of[id]
}

func (s *shares) leave(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[id].watchers--; s.of[id].watchers == 0 {
		delete(s.of, id)
	}
}

// look returns what came after an event, read no earlier than at that ring.
func (s *share) look(ctx context.Context, ring int64, after int, read func(context.Context) (*look, error)) (*look, error) {
	select {
	case <-s.token:
		defer func() { s.token <- struct{}{} }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if s.seen != nil && s.ring >= ring && s.seen.covers(after) {
		return s.seen.since(after), nil
	}
	seen, err := read(ctx)
	if err == nil {
		s.ring, s.seen = ring, seen
	}
	return seen, err
}
