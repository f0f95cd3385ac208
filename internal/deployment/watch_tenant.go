package deployment

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/tenant"
)

// Changed sends every deployment of the tenant whose status or progress changed,
// as it is when read: changes in quick succession may come as one. The channel
// closes with ctx.
func (s *Service) Changed(ctx context.Context, tenantID string) (<-chan *Deployment, error) {
	if err := tenant.Require(ctx, tenantID, tenant.RoleViewer); err != nil {
		return nil, err
	}
	bell := s.Hub.Subscribe("tenant/" + tenantID)
	var err error
	seen := sightings{at: time.Now()}
	seen.last, err = s.recent(ctx, tenantID, 0)
	if err != nil {
		bell.Close()
		return nil, err
	}
	out := make(chan *Deployment)
	go func() {
		defer close(out)
		defer bell.Close()
		for {
			select {
			case <-bell.C:
				s.sendChanged(ctx, tenantID, &seen, out)
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}

// sequences maps deployments to their last sequence.
type sequences map[string]int

// sightings are what a subscriber was sent, and when the tables were last read for
// it.
type sightings struct {
	last sequences
	at   time.Time
}

// recent covers what can still change, and what ended since the last look, or so
// shortly before it that the bell of its end may not have been heard: the hub's
// poll rings every few seconds.
func (s *Service) recent(ctx context.Context, tenantID string, sinceLook time.Duration) (sequences, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	rows, err := s.DB.Query(ctx, `SELECT id::text, last_sequence FROM deployments
		WHERE tenant_id = $1 AND (finished_at IS NULL OR finished_at > now() - interval '1 minute' - $2::interval
			OR id IN (SELECT rollback_of FROM deployments WHERE finished_at > now() - interval '1 minute' - $2::interval))`, tenantID, sinceLook)
	if err != nil {
		return nil, err
	}
	found := sequences{}
	var id string
	var last int
	_, err = pgx.ForEachRow(rows, []any{&id, &last}, func() error {
		found[id] = last
		return nil
	})
	return found, err
}

// sendChanged sends what is not as it was sent before; after a failure the next
// bell tries again from there.
func (s *Service) sendChanged(ctx context.Context, tenantID string, seen *sightings, out chan<- *Deployment) {
	looked := time.Now()
	now, err := s.recent(ctx, tenantID, looked.Sub(seen.at))
	if err != nil {
		return
	}
	for id, last := range now {
		if seen.last[id] == last {
			continue
		}
		d, err := s.lookAt(ctx, id)
		if err != nil {
			now[id], looked = seen.last[id], seen.at
			continue
		}
		// The row may be newer than the list that named it.
		now[id] = d.LastSequence
		select {
		case out <- d:
		case <-ctx.Done():
			return
		}
	}
	seen.last, seen.at = now, looked
}

func (s *Service) lookAt(ctx context.Context, id string) (*Deployment, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	return byID(ctx, s.DB, id)
}
