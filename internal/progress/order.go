package progress

import (
	"context"
	"maps"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// pageOfOrders is how much one look of a watcher reads at once.
const pageOfOrders = 100

// OrderEvents sends an order's events in order until nothing can become of it any more, or
// the end of ctx, then closes the channel; see Pull for those who want no goroutine.
// Without after, the newest event comes first; with it, all that follow that sequence.
func (s *Service) OrderEvents(ctx context.Context, id string, after *int) (<-chan *order.Event, error) {
	o, err := s.orders.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	w := &orderWatch{db: s.orders.DB, order: o, last: o.EventCount - 1}
	if after != nil {
		w.last = *after
	}
	f := s.joinOrders(order.Topic(id))
	return follow(ctx, &stream[*order.Event]{next: w.next}, &f.feed, func() { s.leaveOrders(order.Topic(id)) }), nil
}

// OrdersChanged sends every order of a tenant and mode that changed, as it is when read:
// changes in quick succession may come as one. With since, what changed after that comes
// first. The channel closes with ctx.
func (s *Service) OrdersChanged(ctx context.Context, tenantID string, mode catalog.Mode, since *time.Time) (<-chan *order.Order, error) {
	if err := tenant.RequireForOrders(ctx, tenantID, tenant.RoleViewer); err != nil {
		return nil, err
	}
	topic := order.TenantTopic(tenantID, mode)
	f := s.joinOrders(topic)
	now, err := order.Now(ctx, s.orders.DB)
	if err != nil {
		s.leaveOrders(topic)
		return nil, err
	}
	w := &ordersWatch{db: s.orders.DB, tenantID: tenantID, mode: mode, from: now, seen: map[string]sighting{}}
	if since != nil {
		// A clock that is fast would have seen what is still to come.
		if since.Before(now) {
			w.from = *since
		}
	} else if err := w.pass(ctx); err != nil { // what is there already is no news
		s.leaveOrders(topic)
		return nil, err
	}
	return follow(ctx, &stream[*order.Order]{next: w.next}, &f.feed, func() { s.leaveOrders(topic) }), nil
}

// orders is the feed of one topic. It reads nothing: each who watches knows how far it has
// come, and few watch the same.
type orders struct{ feed }

func (s *Service) joinOrders(topic string) *orders {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.byTopic[topic]
	if f == nil {
		f = &orders{}
		f.look = func(context.Context) (bool, error) { return true, nil }
		f.failed = func(err error) { s.log.Warn("could not read orders; will retry", "topic", topic, "error", err) }
		f.bell = s.hub.SubscribeFunc(topic, f.ring)
		s.byTopic[topic] = f
	}
	f.members++
	return f
}

func (s *Service) leaveOrders(topic string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.byTopic[topic]
	if f.members--; f.members == 0 {
		delete(s.byTopic, topic)
		f.bell.Close()
	}
}

// orderWatch is one subscription to an order's events.
type orderWatch struct {
	db    postgres.Querier
	order *order.Order
	last  int
}

// next reads the order after its events: what is over then has no event that was missed.
func (w *orderWatch) next(ctx context.Context) (found []*order.Event, over bool, err error) {
	ctx, cancel := context.WithTimeout(postgres.For(ctx, w.order.TenantID), lookTime)
	defer cancel()
	if found, err = order.EventsAfter(ctx, w.db, w.order.ID, w.last, pageOfOrders); err != nil {
		return nil, false, err
	}
	if len(found) > 0 {
		w.last = found[len(found)-1].Sequence
	}
	o, err := order.Standing(ctx, w.db, w.order.ID)
	if err != nil {
		return found, false, nil // the next ring tells
	}
	return found, o.Over() && w.last >= o.EventCount, nil
}

// overlap is how much later than it says a change may be seen: what began before another
// may be committed after it.
const overlap = time.Minute

// ordersWatch is one subscription to a tenant's orders.
type ordersWatch struct {
	db       postgres.Querier
	tenantID string
	mode     catalog.Mode
	// from is up to where all changes were seen, but for those that were not committed then.
	from time.Time
	// seen are those that changed about then, and their versions.
	seen map[string]sighting
	// A look that has not come to its end goes on after this order and its change.
	at time.Time
	id string
}

type sighting struct {
	at      time.Time
	version int
}

// next returns a page of what changed since the last look: somebody may have been away while
// a tenant's every order changed. What a look meets again it remembers.
func (w *ordersWatch) next(ctx context.Context) (news []*order.Order, over bool, err error) {
	ctx, cancel := context.WithTimeout(postgres.For(ctx, w.tenantID), lookTime)
	defer cancel()
	for more := true; more && len(news) == 0; {
		if w.id == "" {
			w.at, w.id = w.from.Add(-overlap), "00000000-0000-0000-0000-000000000000"
		}
		page, err := order.ChangedSince(ctx, w.db, w.tenantID, w.mode, w.at, w.id, pageOfOrders)
		if err != nil {
			return nil, false, err
		}
		news = w.meet(page)
		if more = len(page) == pageOfOrders; !more {
			w.id = ""
		}
	}
	return news, false, nil
}

// meet returns which orders of a page are news, and forgets those that no look meets again.
func (w *ordersWatch) meet(page []*order.Order) (news []*order.Order) {
	for _, o := range page {
		w.at, w.id = o.ChangedAt, o.ID
		if w.seen[o.ID].version != o.Version {
			news = append(news, o)
		}
		w.seen[o.ID] = sighting{o.ChangedAt, o.Version}
	}
	if w.at.After(w.from) {
		w.from = w.at
	}
	maps.DeleteFunc(w.seen, func(_ string, s sighting) bool { return s.at.Before(w.from.Add(-overlap)) })
	return news
}

// pass takes what there is already for seen.
func (w *ordersWatch) pass(ctx context.Context) error {
	for {
		if news, _, err := w.next(ctx); err != nil || len(news) == 0 {
			return err
		}
	}
}
