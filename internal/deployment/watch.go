package deployment

import (
	"context"
	"time"
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
	bell := s.Hub.Subscribe(topics(d)[0])
	last := d.LastSequence - 1
	if after != nil {
		last = *after
	}
	out := make(chan *Event)
	go func() {
		defer close(out)
		defer bell.Close()
		for s.sendNew(ctx, id, &last, out) {
			select {
			case <-bell.C:
			case <-ctx.Done():
			}
		}
	}()
	return out, nil
}

// lookTime bounds one look at the tables: behind a connection that has died in
// silence it would last for ever, and with it the subscription.
const lookTime = 10 * time.Second

// sendNew sends what came after last and reports whether more is to come.
func (s *Service) sendNew(ctx context.Context, id string, last *int, out chan<- *Event) bool {
	for {
		batch, err := s.look(ctx, id, *last)
		if err != nil {
			if ctx.Err() == nil {
				s.Log.WarnContext(ctx, "read events; the next bell tries again", "deployment", id, "error", err)
			}
			return ctx.Err() == nil
		}
		for _, e := range batch {
			select {
			case out <- e:
				*last = e.Sequence
			case <-ctx.Done():
				return false
			}
			if e.Terminal {
				return false
			}
		}
		if len(batch) < maxPage {
			return s.moreToCome(ctx, id, *last)
		}
	}
}

func (s *Service) look(ctx context.Context, id string, last int) ([]*Event, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	return events(ctx, s.DB, id, last, maxPage)
}

// moreToCome is false where the cursor is at the terminal event already.
func (s *Service) moreToCome(ctx context.Context, id string, last int) bool {
	looking, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	var ended bool
	err := s.DB.QueryRow(looking, `SELECT finished_at IS NOT NULL AND last_sequence <= $2 FROM deployments WHERE id = $1`, id, last).Scan(&ended)
	return ctx.Err() == nil && (err != nil || !ended)
}
