package deployment

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/postgres"
)

// topics are the doorbells of a deployment: its own, and its tenant's.
func topics(d *Deployment) []string {
	return []string{"deployment/" + d.ID, "tenant/" + d.TenantID}
}

// Progress sends a deployment's events in order until the terminal one or the
// end of ctx, then closes the channel. Without after, the newest event comes
// first; with it, all that follow that sequence. It may be served by any
// process, whichever works.
func (s *Service) Progress(ctx context.Context, id string, after *int) (<-chan *Event, error) {
	d, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	// The bell is hung up before the first look: an event in between rings.
	w := &watch{Service: s, id: id, bell: s.Hub.Subscribe(topics(d)[0]), feed: s.feeds.join(id), last: d.LastSequence - 1}
	if after != nil {
		w.last = *after
	}
	out := make(chan *Event)
	go w.run(ctx, out)
	return out, nil
}

// watch is one subscription to a deployment's events.
type watch struct {
	*Service
	id   string
	bell *postgres.Subscription
	feed *feed
	last int // the event that was sent last
}

func (w *watch) run(ctx context.Context, out chan<- *Event) {
	defer close(out)
	defer w.bell.Close()
	defer w.feeds.leave(w.id)
	for w.sendNew(ctx, out) {
		select {
		case <-w.bell.C:
		case <-ctx.Done():
		}
	}
}

// sendNew sends what is new and reports whether more is to come.
func (w *watch) sendNew(ctx context.Context, out chan<- *Event) bool {
	for {
		seen, err := w.look(ctx)
		if err != nil {
			if ctx.Err() == nil {
				w.Log.WarnContext(ctx, "read events; the next bell tries again", "deployment", w.id, "error", err)
			}
			return ctx.Err() == nil
		}
		for _, e := range seen.events {
			select {
			case out <- e:
				w.last = e.Sequence
			case <-ctx.Done():
				return false
			}
			if e.Terminal {
				return false
			}
		}
		if !seen.more {
			return !seen.over
		}
	}
}

// lookTime bounds one look at the tables: behind a connection that has died in
// silence it would last for ever, and with it the subscription.
const lookTime = 10 * time.Second

// look shares what others who heard the same ring have read from the same event on.
func (w *watch) look(ctx context.Context) (*look, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	return w.feed.look(ctx, w.bell.Rings(), w.last, func(ctx context.Context) (*look, error) {
		return lookAfter(ctx, w.DB, w.id, w.last)
	})
}

func lookAfter(ctx context.Context, db *pgxpool.Pool, id string, after int) (*look, error) {
	found, err := events(ctx, db, id, after, maxPage)
	seen := &look{after: after, events: found, more: len(found) == maxPage}
	if err != nil || seen.more {
		return seen, err
	}
	if len(found) > 0 {
		after = found[len(found)-1].Sequence
	}
	err = db.QueryRow(ctx, `SELECT finished_at IS NOT NULL AND last_sequence <= $2 FROM deployments WHERE id = $1`, id, after).Scan(&seen.over)
	return seen, err
}
