package graph

import (
	"context"

	"github.com/golive-hq/golive/graph/model"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
)

func (r *Resolver) disputes() order.Disputes { return order.Disputes{Service: r.orders} }

func (r *Resolver) submitEvidence(ctx context.Context, in model.SubmitDisputeEvidenceInput) (*ledger.Dispute, error) {
	return r.disputes().SubmitEvidence(ctx, order.EvidenceInput{
		DisputeID: in.DisputeID, Evidence: in.Evidence, Submit: in.Submit, Submissions: in.Submissions, IdempotencyKey: orZero(in.IdempotencyKey),
	})
}

// evidenceOf is null where there is none.
func evidenceOf(ctx context.Context, d *ledger.Dispute, evidence map[string]string, err error) (any, error) {
	if evidence == nil || err != nil {
		return nil, err
	}
	o, err := from(ctx).orders.load(ctx, d.OrderID)
	if o == nil || err != nil {
		return nil, err
	}
	return ofCustomer(ctx, o.TenantID, evidence), nil
}
