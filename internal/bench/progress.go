package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/postgres"
)

// Progress is measured with this many events a second, in sum, spread over this
// many deployments with a watcher each.
const (
	eventsPerSecond = 100
	watched         = 20
	watchFor        = 5 * time.Second
)

// progressFigures measures from the commit of an event to its arrival at a
// WebSocket client. The events are written as a worker writes them, by the
// notifier that a worker has.
func progressFigures(ctx context.Context, s *stack, r *report) error {
	shops, ids, err := s.waitingDeployments(ctx)
	if err != nil {
		return err
	}
	var p50, p99 []time.Duration
	for range rounds {
		samples, err := s.progressRound(ctx, shops, ids)
		if err != nil {
			return err
		}
		p50, p99 = append(p50, quantile(samples, 0.5)), append(p99, quantile(samples, 0.99))
	}
	name := fmt.Sprintf("event commit to WebSocket client, p99 at %d/s (p50 %s)", eventsPerSecond, ms(median(p50)))
	r.add(name, median(p99), 50*time.Millisecond, fmt.Sprintf("one NOTIFY %s", ms(s.floors.notify)))
	return nil
}

func (s *stack) waitingDeployments(ctx context.Context) (shops []*shop, ids []string, err error) {
	if shops, err = s.openShops(ctx, watched); err != nil {
		return nil, nil, err
	}
	for _, sh := range shops {
		id, err := sh.goLive(ctx)
		if err != nil {
			return nil, nil, err
		}
		ids = append(ids, id)
	}
	return shops, ids, nil
}

// deliveries pairs commits with arrivals.
type deliveries struct {
	mu        sync.Mutex
	committed map[string]time.Time // by message
	took      []time.Duration
	arrived   chan struct{}
}

func (d *deliveries) arrive(message string) {
	now := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	if at, ok := d.committed[message]; ok {
		d.took = append(d.took, now.Sub(at))
		d.arrived <- struct{}{}
	}
}

// commit notes the time before the commit returns, since an event may arrive
// before that.
func (d *deliveries) commit(message string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.committed[message] = time.Now()
}

func (s *stack) progressRound(ctx context.Context, shops []*shop, ids []string) ([]time.Duration, error) {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	n := int(watchFor.Seconds()) * eventsPerSecond
	d := &deliveries{committed: map[string]time.Time{}, arrived: make(chan struct{}, n)}
	ready := make(chan struct{}, len(ids))
	for i, id := range ids {
		all.Go(func() {
			_ = shops[i].watch(ctx, id, func(e client.Event) bool { // it ends with the round
				if e.Sequence == 1 {
					ready <- struct{}{}
				}
				d.arrive(e.Message)
				return false
			})
		})
	}
	for range ids {
		<-ready
	}
	notifier := postgres.NewNotifier(s.pool, slog.New(slog.DiscardHandler))
	all.Go(func() { notifier.Run(ctx) })
	if err := s.writeEvents(ctx, n, eventsPerSecond, ids, d, notifier); err != nil {
		return nil, err
	}
	for range n {
		select {
		case <-d.arrived:
		case <-time.After(10 * time.Second):
			return nil, fmt.Errorf("only %d of %d events arrived", len(d.took), n)
		}
	}
	return d.took, nil
}

// writeEvents writes n events, so many a second, by turns of each deployment.
func (s *stack) writeEvents(ctx context.Context, n, perSecond int, ids []string, d *deliveries, notifier *postgres.Notifier) error {
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	for i := range n {
		<-tick.C
		id, message := ids[i%len(ids)], fmt.Sprintf("%p-%d", d, i)
		err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `WITH next AS (UPDATE deployments SET last_sequence = last_sequence + 1, progress_message = $2 WHERE id = $1 RETURNING last_sequence)
				INSERT INTO deployment_events (deployment_id, sequence, status, percentage, message)
				SELECT $1, last_sequence, 'PENDING', 0, $2 FROM next`, id, message)
			d.commit(message)
			return err
		})
		if err != nil {
			return err
		}
		notifier.Ring("deployment/" + id)
	}
	return nil
}
