package progress

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/importing"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/postgres"
)

// Service lets people watch deployments, imports and orders.
type Service struct {
	deployments *deployment.Service
	importing   *importing.Service
	orders      *order.Service
	hub         *postgres.Hub
	log         *slog.Logger

	mu      sync.Mutex
	events  map[string]*events  // by deployment
	changes map[string]*changes // by tenant
	imports map[string]*imports // by tenant
	byTopic topics
}

// New returns a Service that hears its bells from hub.
func New(deployments *deployment.Service, imported *importing.Service, orders *order.Service, hub *postgres.Hub, log *slog.Logger) *Service {
	return &Service{
		deployments: deployments, importing: imported, orders: orders, hub: hub, log: log,
		events: map[string]*events{}, changes: map[string]*changes{}, imports: map[string]*imports{}, byTopic: topics{},
	}
}

// topics are the feeds of orders.
type topics map[string]*orders

// lookTime bounds one look at the tables: behind a connection that has died in
// silence it would last for ever, and with it the subscription.
const lookTime = 10 * time.Second

// keptEvents are the newest ones that a feed keeps for those who are only a little behind.
const keptEvents = 100

// Events sends a deployment's events in order until the terminal one or the
// end of ctx, then closes the channel; see Pull for those who want no goroutine. Without
// after, the newest event comes first; with it, all that follow that sequence. It may be
// served by any process, whichever works.
func (s *Service) Events(ctx context.Context, id string, after *int) (<-chan *deployment.Event, error) {
	d, err := s.deployments.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	last := d.LastSequence - 1
	if after != nil {
		last = *after
	}
	f := s.joinEvents(d)
	w := &watch{feed: f, last: last}
	return follow(ctx, &stream[*deployment.Event]{next: w.next}, &f.feed, func() { s.leaveEvents(id) }), nil
}

// events is the feed of one deployment.
type events struct {
	feed
	id string

	// All belong to feed.mu. tail is the newest that were read, without a gap up to
	// newest; over tells that no more will come.
	tail   []*deployment.Event
	newest int
	over   bool
}

// joinEvents returns the feed of a deployment, which leaveEvents has to give back. The
// bell is hung up before the first look: an event in between rings.
func (s *Service) joinEvents(d *deployment.Deployment) *events {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.events[d.ID]
	if f == nil {
		f = &events{id: d.ID, newest: d.LastSequence - 1}
		f.look = func(ctx context.Context) (bool, error) {
			return f.read(postgres.For(ctx, d.TenantID), s.deployments.DB)
		}
		f.failed = func(err error) { s.log.Warn("could not read events; will retry", "deployment", f.id, "error", err) }
		f.bell = s.hub.SubscribeFunc(deployment.Topics(d)[0], f.ring)
		f.db = s.deployments.DB
		s.events[d.ID] = f
		f.ring()
	}
	f.members++
	return f
}

func (s *Service) leaveEvents(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.events[id]
	if f.members--; f.members == 0 {
		delete(s.events, id)
		f.bell.Close()
	}
}

// read reads on from the newest event, and tells whether there is any news.
func (f *events) read(ctx context.Context, db postgres.Querier) (news bool, err error) {
	for more := true; more; {
		f.mu.Lock()
		after, over := f.newest, f.over
		f.mu.Unlock()
		if over {
			return news, nil
		}
		var found []*deployment.Event
		found, more, over, err = deployment.EventsAfter(ctx, db, f.id, after)
		if err != nil {
			return news, err
		}
		f.add(found, over)
		news = news || over || len(found) > 0
	}
	return news, nil
}

func (f *events) add(found []*deployment.Event, over bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tail, f.over = append(f.tail, found...), over
	if surplus := len(f.tail) - keptEvents; surplus > 0 {
		f.tail = append([]*deployment.Event(nil), f.tail[surplus:]...)
	}
	if len(found) > 0 {
		f.newest = found[len(found)-1].Sequence
	}
}

// after returns what the feed has after a sequence; not ok is that it keeps none so old.
func (f *events) after(last int) (found []*deployment.Event, over, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case last >= f.newest:
		return nil, f.over, true
	case len(f.tail) == 0 || last < f.tail[0].Sequence-1:
		return nil, false, false
	}
	return f.tail[last-f.tail[0].Sequence+1:], f.over, true
}

// watch is one subscription to a deployment's events.
type watch struct {
	feed *events
	last int // the event that was handed out last
}

// next returns what follows. Whoever is too far behind for the feed reads for themselves.
func (w *watch) next(ctx context.Context) (found []*deployment.Event, over bool, err error) {
	found, over, ok := w.feed.after(w.last)
	if !ok {
		ctx, cancel := context.WithTimeout(ctx, lookTime)
		defer cancel()
		found, _, over, err = deployment.EventsAfter(ctx, w.feed.db, w.feed.id, w.last)
	}
	if len(found) > 0 {
		w.last = found[len(found)-1].Sequence
		over = over || found[len(found)-1].Terminal
	}
	return found, over, err
}
