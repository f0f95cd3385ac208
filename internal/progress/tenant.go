package progress

import (
	"context"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/tenant"
)

// Changed sends every deployment of the tenant whose status, schedule or progress changed,
// as it is when read: changes in quick succession may come as one. The channel
// closes with ctx.
func (s *Service) Changed(ctx context.Context, tenantID string) (<-chan *deployment.Deployment, error) {
	if err := tenant.Require(ctx, tenantID, tenant.RoleViewer); err != nil {
		return nil, err
	}
	bell := s.hub.Subscribe("tenant/" + tenantID)
	var err error
	before := sightings{at: time.Now()}
	before.seen, err = s.recent(ctx, tenantID, 0)
	if err != nil {
		bell.Close()
		return nil, err
	}
	out := make(chan *deployment.Deployment)
	go func() {
		defer close(out)
		defer bell.Close()
		for {
			select {
			case <-bell.C:
				s.sendChanged(ctx, tenantID, &before, out)
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}

// sight is what a subscriber was sent of a deployment. A status can change without
// an event: COMPLETED becomes ROLLED_BACK, and back.
type sight struct {
	last   int
	status deployment.Status
}

// sightings are what a subscriber was sent, by deployment, and when the tables were
// last read for it.
type sightings struct {
	seen map[string]sight
	at   time.Time
}

// recent covers what changed since the last look, or so shortly before it that it
// may have been committed after it: the hub's poll rings every few seconds.
func (s *Service) recent(ctx context.Context, tenantID string, sinceLook time.Duration) (map[string]sight, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	touched, err := deployment.Seen(ctx, s.deployments.DB, tenantID, sinceLook+time.Minute)
	found := make(map[string]sight, len(touched))
	for _, t := range touched {
		found[t.ID] = sight{t.LastSequence, t.Status}
	}
	return found, err
}

// sendChanged sends what is not as it was sent before; after a failure the next
// bell tries again from there.
func (s *Service) sendChanged(ctx context.Context, tenantID string, before *sightings, out chan<- *deployment.Deployment) {
	looked := time.Now()
	now, err := s.recent(ctx, tenantID, looked.Sub(before.at))
	if err != nil {
		return
	}
	for id, seen := range now {
		if before.seen[id] == seen {
			continue
		}
		d, err := s.lookAt(ctx, id)
		if err != nil {
			now[id], looked = before.seen[id], before.at
			continue
		}
		// The row may be newer than the list that named it.
		now[id] = sight{d.LastSequence, d.Status}
		select {
		case out <- d:
		case <-ctx.Done():
			return
		}
	}
	before.seen, before.at = now, looked
}

func (s *Service) lookAt(ctx context.Context, id string) (*deployment.Deployment, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	return deployment.ByID(ctx, s.deployments.DB, id)
}
