package deployment

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/product"
)

// remember keeps live as the deployment left it: the base against which drift is
// told from change. A live that holds nothing (the product was archived before
// it ever went live) leaves nothing to remember. The product shows what was
// deployed as imported, for nothing newer was read.
func (r *run) remember(ctx context.Context, tx pgx.Tx, test, live *catalog.Snapshot) error {
	if r.d.Kind == Rollback {
		if err := product.ReturnLinks(ctx, tx, *r.d.RollbackOfID); err != nil {
			return err
		}
	}
	if live == nil {
		return nil
	}
	links, err := product.Links(ctx, tx, r.d.LiveAccountID, r.d.StripeProductID)
	if err != nil {
		return err
	}
	for _, l := range links {
		if l.TenantID != r.d.TenantID {
			continue
		}
		if base := liveObject(live, l); base != nil {
			if err := product.SaveBase(ctx, tx, r.d.LiveAccountID, l.TestID, base); err != nil {
				return err
			}
		}
	}
	if r.d.Kind == Rollback {
		return r.rememberRollback(ctx, tx, live)
	}
	if err := product.Refresh(ctx, tx, r.d.ProductID, *test); err != nil {
		return err
	}
	return product.MarkDeployed(ctx, tx, r.d.ProductID, r.d.LiveAccountID, live.Product.ID, product.Digest(*test))
}

// rememberRollback shows the product as what the newest go-live that still stands
// made of it; where none does, it is not live any more.
func (r *run) rememberRollback(ctx context.Context, tx pgx.Tx, live *catalog.Snapshot) error {
	var standing catalog.Snapshot
	err := tx.QueryRow(ctx, `SELECT test_snapshot FROM deployments
		WHERE product_id = $1 AND live_account_id = $2 AND kind = 'GO_LIVE' AND status = 'COMPLETED' AND test_snapshot IS NOT NULL
		ORDER BY finished_at DESC LIMIT 1`, r.d.ProductID, r.d.LiveAccountID).Scan(&standing)
	if errors.Is(err, pgx.ErrNoRows) {
		return product.MarkNotLive(ctx, tx, r.d.ProductID)
	}
	if err != nil {
		return err
	}
	return product.MarkDeployed(ctx, tx, r.d.ProductID, r.d.LiveAccountID, live.Product.ID, product.Digest(standing))
}

// liveObject is the linked live object as JSON, nil where it is not there.
func liveObject(live *catalog.Snapshot, l product.Link) json.RawMessage {
	var object any = live.Product
	if l.Resource == catalog.ResourcePrice {
		price := live.Price(l.LiveID)
		if price == nil {
			return nil
		}
		object = price
	}
	b, err := json.Marshal(object)
	if err != nil {
		panic(err) // plain values always encode
	}
	return b
}

// audit notes what follows from the request.
func (r *run) audit(ctx context.Context, tx pgx.Tx, action string, details any) error {
	return r.auditAs(ctx, tx, r.d.RequestedBy, action, details)
}

// auditTurn notes what follows from a cancel, or, where it failed, from the request.
// Who cancelled is read here: that may have come after the run began.
func (r *run) auditTurn(ctx context.Context, tx pgx.Tx, action string, failed bool, details any) error {
	if failed {
		return r.audit(ctx, tx, action, details)
	}
	var by string
	err := tx.QueryRow(ctx, `SELECT coalesce(cancel_requested_by, requested_by) FROM deployments WHERE id = $1`, r.d.ID).Scan(&by)
	if err != nil {
		return err
	}
	return r.auditAs(ctx, tx, by, action, details)
}

func (r *run) auditAs(ctx context.Context, tx pgx.Tx, actor, action string, details any) error {
	return audit.Record(ctx, tx, audit.Entry{
		TenantID: r.d.TenantID, Actor: actor, Action: action, Subject: r.d.ID, Details: details,
	})
}
