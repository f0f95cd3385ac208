package graph

import (
	"context"

	"github.com/golive-hq/golive/graph/model"
	"github.com/golive-hq/golive/internal/order"
)

func (r *Resolver) createOrder(ctx context.Context, in model.CreateOrderInput) (*order.Order, error) {
	metadata, err := order.ReadMetadata(in.Metadata)
	if err != nil {
		return nil, err
	}
	lines := make([]order.LineInput, len(in.Lines))
	for i, l := range in.Lines {
		lines[i] = *l
	}
	return r.orders.Create(ctx, order.CreateInput{
		TenantID: in.TenantID, Mode: in.Mode, Customer: in.Customer, Email: orZero(in.Email), Lines: lines, Currency: orZero(in.Currency),
		Reference: orZero(in.Reference), Capture: in.CaptureMethod, Metadata: metadata, IdempotencyKey: in.IdempotencyKey,
	})
}

// detailsOf are those of an order, which lists leave out; never nil.
func detailsOf(ctx context.Context, o *order.Order) (*order.Details, error) {
	d, err := from(ctx).orderDetails.load(ctx, o.ID)
	if d == nil {
		d = &order.Details{}
	}
	return d, err
}
