package progress

import (
	"context"
	"log/slog"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/postgres"
)

// Service lets people watch deployments.
type Service struct {
	deployments *deployment.Service
	hub         *postgres.Hub
	log         *slog.Logger

	shares shares
}

// New returns a Service that hears its bells from hub.
func New(deployments *deployment.Service, hub *postgres.Hub, log *slog.Logger) *Service {
	return &Service{deployments: deployments, hub: hub, log: log}
}

// Events sends a deployment's events in order until the terminal one or the
// end of ctx, then closes the channel. Without after, the newest event comes
// first; with it, all that follow that sequence. It may be served by any
// process, whichever works.
func (s *Service) Events(ctx context.Context, id string, after *int) (<-chan *deployment.Event, error) {
	d, err := s.deployments.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	// The bell is hung up before the first look: an event in between rings.
	w := &watch{service: s, id: id, bell: s.hub.Subscribe(deployment.Topics(d)[0]), share: s.shares.join(id), last: d.LastSequence - 1}
	if after != nil {
		w.last = *after
	}
	out := make(chan *deployment.Event)
	go w.run(ctx, out)
	return out, nil
}

// watch is one subscription to a deployment's events.
type watch struct {
	service *Service
	id      string
	bell    *postgres.Bell
	share   *share
	last    int // the event that was sent last
}

func (w *watch) run(ctx context.Context, out chan<- *deployment.Event) {
	defer close(out)
	defer w.bell.Close()
	defer w.service.shares.leave(w.id)
	for w.sendNew(ctx, out) {
		select {
		case <-w.bell.C:
		case <-ctx.Done():
		}
	}
}

// sendNew sends what is new and reports whether more is to come.
func (w *watch) sendNew(ctx context.Context, out chan<- *deployment.Event) bool {
	for {
		seen, err := w.look(ctx)
		if err != nil {
			if ctx.Err() == nil {
				w.service.log.WarnContext(ctx, "could not read events; will retry", "deployment", w.id, "error", err)
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
	return w.share.look(ctx, w.bell.Rings(), w.last, func(ctx context.Context) (*look, error) {
		return lookAfter(ctx, w.service.deployments, w.id, w.last)
	})
}

func lookAfter(ctx context.Context, deployments *deployment.Service, id string, after int) (*look, error) {
	found, more, over, err := deployment.EventsAfter(ctx, deployments.DB, id, after)
	return &look{after: after, events: found, more: more, over: over}, err
}
