package importing

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/logid"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/quota"
	"github.com/golive-hq/golive/internal/tenant"
)

// Start begins an import of products with all their prices from the tenant's Stripe test
// account: those with the given ids in test, or all for nil. It needs the role DEPLOYER. Where
// the same is being imported already it returns that import; where something else is,
// INVALID_STATE.
func (s *Service) Start(ctx context.Context, tenantID string, stripeProductIDs []string) (*Import, error) {
	if err := s.admit(ctx, tenantID); err != nil {
		return nil, err
	}
	r, mine, err := s.begin(ctx, tenantID, stripeProductIDs, false)
	if err != nil {
		return nil, err
	}
	if !mine && ((r.Asked == nil) != (stripeProductIDs == nil) || !slices.Equal(r.Asked, stripeProductIDs)) {
		return nil, fault.New(fault.InvalidState, "%s started another import at %s, and only one can run at a time. Wait until it has finished.",
			r.By, r.StartedAt.UTC().Format("15:04:05 MST"))
	}
	return &r.Import, nil
}

// Products is Start for those who wait for the end, of a running import, too, which may have
// passed what they are after. It may be repeated. A product that vanished in test is marked
// gone and kept; it is revived when it is back.
//
// STRIPE_NOT_CONNECTED, STRIPE_KEY_INVALID, STRIPE_UNAVAILABLE and LIMIT_REACHED: nothing was
// imported. NOT_FOUND names given ids that neither test nor Golive knows, and INVALID_STATE
// products that cannot be read; all else was imported, and the result tells of it. UNAVAILABLE:
// it goes on, but not as soon as the caller would have it.
func (s *Service) Products(ctx context.Context, tenantID string, stripeProductIDs []string) (product.ImportResult, error) {
	if err := s.admit(ctx, tenantID); err != nil {
		return product.ImportResult{}, err
	}
	over := time.Now().Add(s.Patience)
	r, err := s.await(ctx, over, func(ctx context.Context) (*row, bool, error) {
		return s.begin(ctx, tenantID, stripeProductIDs, false)
	})
	if err != nil {
		return product.ImportResult{}, err
	}
	if r, err = s.ended(ctx, r, time.Now().Add(s.WorkerPatience), over); err != nil {
		return product.ImportResult{}, err
	}
	return r.outcome()
}

// Here is Products for those who have no worker: it carries the import out by itself.
func (s *Service) Here(ctx context.Context, tenantID string, stripeProductIDs []string) (product.ImportResult, error) {
	if err := s.admit(ctx, tenantID); err != nil {
		return product.ImportResult{}, err
	}
	r, err := s.await(ctx, time.Now().Add(s.Patience), func(ctx context.Context) (*row, bool, error) {
		return s.begin(ctx, tenantID, stripeProductIDs, true)
	})
	if err != nil {
		return product.ImportResult{}, err
	}
	if err := s.carryOut(ctx, r); err != nil {
		return product.ImportResult{}, err
	}
	if r, err = byID(ctx, s.DB, r.ID); err != nil {
		return product.ImportResult{}, err
	}
	return r.outcome()
}

// admit asks who asks, and spends what that costs.
func (s *Service) admit(ctx context.Context, tenantID string) error {
	if err := tenant.Require(ctx, tenantID, tenant.RoleDeployer); err != nil {
		return err
	}
	if _, _, err := s.Connections.StripeKey(ctx, s.DB, tenantID, catalog.Test); err != nil {
		return err
	}
	return quota.ToAskStripe(ctx, s.DB, tenantID)
}

// begin makes an import, or returns the one that runs, which then is not the caller's own.
func (s *Service) begin(ctx context.Context, tenantID string, stripeProductIDs []string, here bool) (r *row, mine bool, err error) {
	if r, err = s.newRow(ctx, tenantID, stripeProductIDs); err != nil {
		return nil, false, err
	}
	if here {
		r.Epoch = 1
	}
	for r.ID = uuid.Must(uuid.NewV7()).String(); ; {
		err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
			if mine, err = insert(ctx, tx, r, s.Lease); err != nil || !mine || here {
				return err
			}
			return s.dispatch(ctx, tx, []abandoned{{ID: r.ID}})
		})
		if err != nil {
			return nil, false, err
		}
		if mine {
			s.Notify.Ring(Topic(tenantID))
			r, err = byID(ctx, s.DB, r.ID)
			return r, true, err
		}
		if other, err := running(ctx, s.DB, tenantID); other != nil || err != nil {
			return other, false, err
		}
	}
}

func (s *Service) newRow(ctx context.Context, tenantID string, stripeProductIDs []string) (*row, error) {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	r := &row{Asked: stripeProductIDs, Credential: actor.Principal, Kind: string(actor.Kind), RequestID: logid.Request(ctx), Remote: logid.Remote(ctx)}
	r.TenantID, r.By = tenantID, actor.Email
	_, r.AccountID, err = s.Connections.StripeKey(ctx, s.DB, tenantID, catalog.Test)
	return r, err
}

// await begins an import once no other one of the tenant runs.
func (s *Service) await(ctx context.Context, over time.Time, begin func(context.Context) (*row, bool, error)) (*row, error) {
	for {
		r, mine, err := begin(ctx)
		if mine || err != nil {
			return r, err
		}
		if _, err := s.wait(ctx, r, over, over); err != nil {
			return nil, err
		}
		if time.Now().After(over) {
			return nil, fault.New(fault.Unavailable, "Another import of this tenant is still running. Try again when it has finished.")
		}
	}
}

// ended waits for the end of the caller's own import.
func (s *Service) ended(ctx context.Context, r *row, begun, over time.Time) (*row, error) {
	r, err := s.wait(ctx, r, begun, over)
	switch {
	case err != nil || r.FinishedAt != nil:
		return r, err
	case r.BegunAt == nil:
		return nil, fault.New(fault.Unavailable, "The import waits for a worker, and begins by itself once one is free. Check that a worker is running.")
	}
	return nil, fault.New(fault.Unavailable, "The import is still running, with %d products read so far. It goes on by itself.", r.Read)
}

// wait returns the import once it has ended, or as it is when it has not begun by one time
// or not ended by another.
func (s *Service) wait(ctx context.Context, r *row, begun, over time.Time) (*row, error) {
	bell := s.Hub.Subscribe(Topic(r.TenantID))
	defer bell.Close()
	for {
		r, err := byID(ctx, s.DB, r.ID)
		if err != nil || r.FinishedAt != nil {
			return r, err
		}
		until := over
		if r.BegunAt == nil {
			until = begun
		}
		left := time.Until(until)
		if left <= 0 {
			return r, nil
		}
		timer := time.NewTimer(left)
		select {
		case <-bell.C:
		case <-timer.C:
		case <-ctx.Done():
			err = ctx.Err()
		}
		timer.Stop()
		if err != nil {
			return r, err
		}
	}
}
