package deployment

import (
	"context"

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
	seen, err := s.recent(ctx, tenantID)
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
				seen = s.sendChanged(ctx, tenantID, seen, out)
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}

// sequences maps deployments to their last sequence.
type sequences map[string]int

// recent covers what can still change, and what ended so lately that the bell of
// its end may not have been heard: the hub's poll rings every few seconds.
func (s *Service) recent(ctx context.Context, tenantID string) (sequences, error) {
	rows, err := s.DB.Query(ctx, `SELECT id::text, last_sequence FROM deployments
		WHERE tenant_id = $1 AND (finished_at IS NULL OR finished_at > now() - interval '1 minute'
			OR id IN (SELECT rollback_of FROM deployments WHERE finished_at > now() - interval '1 minute'))`, tenantID)
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

// sendChanged returns what has been sent by now; after a failure the next bell
// tries again from what had been.
func (s *Service) sendChanged(ctx context.Context, tenantID string, seen sequences, out chan<- *Deployment) sequences {
	now, err := s.recent(ctx, tenantID)
	if err != nil {
		return seen
	}
	for id, last := range now {
		if seen[id] == last {
			continue
		}
		d, err := byID(ctx, s.DB, id)
		if err != nil {
			now[id] = seen[id]
			continue
		}
		// The row may be newer than the list that named it.
		now[id] = d.LastSequence
		select {
		case out <- d:
		case <-ctx.Done():
			return now
		}
	}
	return now
}
