package insight

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/tenant"
)

var bothModes = []catalog.Mode{catalog.Test, catalog.Live}

// whyOf is why an order needs somebody, in words.
var whyOf = map[ledger.Attention]string{
	ledger.LatePayment:     "it was paid after it had ended",
	ledger.Overpaid:        "more was paid than was due",
	ledger.AmountMismatch:  "Stripe has another amount or currency",
	ledger.RefundHasFailed: "a refund failed",
	ledger.DisputeOpen:     "a customer disputes a payment",
	ledger.CaptureDeadline: "the authorization ends soon",
	ledger.Stuck:           "it hasn't moved on for too long",
	ledger.UnknownOutcome:  "it isn't known yet what Stripe did",
}

// orders are those that need somebody, in both modes.
func (s *Service) orders(ctx context.Context, t *tenant.Tenant) (all []Attention, err error) {
	yes := true
	for _, mode := range bothModes {
		page, err := s.Orders.List(ctx, order.Filter{TenantID: t.ID, Mode: mode, First: mostAttention, Attention: &yes})
		if err != nil {
			return nil, err
		}
		for _, o := range page.Orders {
			all = append(all, ofOrder(o))
		}
	}
	return all, nil
}

func ofOrder(o *order.Order) Attention {
	kind, reasons := Order, make([]string, len(o.Attention))
	if slices.Contains(o.Attention, ledger.DisputeOpen) {
		kind = Dispute
	}
	for i, why := range o.Attention {
		reasons[i] = whyOf[why]
	}
	return Attention{
		Kind: kind, Since: o.ChangedAt, OrderID: &o.ID,
		Message: fmt.Sprintf("Order %s in %s mode: %s.", o.Number(), strings.ToLower(string(o.Mode)), strings.Join(reasons, "; ")),
	}
}

// webhooks are what keeps Stripe's events from coming, or from being applied.
func (s *Service) webhooks(ctx context.Context, t *tenant.Tenant) (all []Attention, err error) {
	for _, mode := range bothModes {
		m, err := s.Inbox.Module(ctx, t.ID, mode)
		if err != nil {
			return nil, err
		}
		if m.Since == nil {
			continue
		}
		name := strings.ToLower(string(mode))
		if m.Problem != nil {
			all = append(all, Attention{Kind: Webhooks, Since: *m.Since, Message: fmt.Sprintf("Payments in %s mode: %s", name, *m.Problem)})
		}
		if m.DeadEvents > 0 {
			all = append(all, Attention{Kind: Webhooks, Since: *m.Since, Message: fmt.Sprintf("Payments in %s mode: %d of Stripe's events couldn't be applied. Look at them and replay them.", name, m.DeadEvents)})
		}
	}
	return all, nil
}
