package deployment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// acquire makes this worker the owner, under a new epoch that fences out every
// earlier one. nil, nil means that the job has nothing to do here any more.
func (s *Service) acquire(ctx context.Context, id string, jobID int64, worker string) (*run, error) {
	r := &run{Service: s}
	err := s.DB.QueryRow(ctx, `UPDATE deployments SET owner = $3, epoch = epoch + 1, lease_until = clock_timestamp() + $4::interval
		WHERE id = $1 AND job_id = $2 AND status IN ('PENDING', 'VALIDATING', 'DEPLOYING')
			AND (lease_until IS NULL OR lease_until < clock_timestamp())
		RETURNING epoch`, id, jobID, worker, s.Lease).Scan(&r.epoch)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, s.whyNotOurs(ctx, id, jobID)
	}
	if err != nil {
		return nil, fmt.Errorf("acquire deployment %s: %w", id, err)
	}
	r.d, err = byID(ctx, s.DB, id)
	return r, err
}

// whyNotOurs is ErrBusy while a living owner works under the same job, else nil.
func (s *Service) whyNotOurs(ctx context.Context, id string, jobID int64) error {
	var held bool
	err := s.DB.QueryRow(ctx, `SELECT EXISTS (SELECT FROM deployments
		WHERE id = $1 AND job_id = $2 AND status IN ('PENDING', 'VALIDATING', 'DEPLOYING'))`, id, jobID).Scan(&held)
	if err != nil {
		return err
	}
	if held {
		return ErrBusy
	}
	return nil
}

// keepLease renews the lease until stop is called. Losing it ends ctx with
// ErrLost: whatever the run was about to do is another worker's affair now.
func (r *run) keepLease(ctx context.Context) (held context.Context, stop func()) {
	held, lose := context.WithCancelCause(ctx)
	go func() {
		beat := time.NewTicker(r.Lease / 5)
		defer beat.Stop()
		for {
			select {
			case <-beat.C:
				if err := r.renew(held); errors.Is(err, ErrLost) {
					lose(ErrLost)
				}
			case <-held.Done():
				return
			}
		}
	}()
	return held, func() { lose(nil) }
}

func (r *run) renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, r.Lease/5)
	defer cancel()
	tag, err := r.DB.Exec(ctx, `UPDATE deployments SET lease_until = clock_timestamp() + $3::interval
		WHERE id = $1 AND epoch = $2 AND finished_at IS NULL`, r.d.ID, r.epoch, r.Lease)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrLost
	}
	return err
}

// release lets the next try begin at once, also when ctx is what ended this one.
func (r *run) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.Lease/2)
	defer cancel()
	_, err := r.DB.Exec(ctx, `UPDATE deployments SET lease_until = NULL, owner = NULL WHERE id = $1 AND epoch = $2`, r.d.ID, r.epoch)
	if err != nil {
		r.Log.WarnContext(ctx, "release lease", "deployment", r.d.ID, "error", err)
	}
}
