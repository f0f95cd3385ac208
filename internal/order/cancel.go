package order

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/tenant"
)

// CancelInput is which order is to be cancelled, and why. Version is what the caller saw
// of it, 0 for any.
type CancelInput struct {
	OrderID string
	Reason  string
	Version int
}

// Cancel cancels an order that nobody has paid: its checkout is ended at Stripe first, and
// a payment that came before that wins, which is INVALID_STATE. A hold is voided. A paid
// order can be cancelled once all of it was refunded. It needs the role DEPLOYER; a token
// for orders will do. It may be repeated.
func (s *Service) Cancel(ctx context.Context, in CancelInput) (*Order, error) {
	if _, err := s.mine(ctx, in.OrderID, tenant.RoleDeployer); err != nil {
		return nil, err
	}
	if len(in.Reason) > longestReason {
		return nil, invalid(fmt.Sprintf("A reason can be at most %d bytes long.", longestReason), "reason")
	}
	if holdsCard(in.Reason) {
		return nil, errCard("reason")
	}
	for range moves {
		o, next, err := s.askToCancel(ctx, in)
		if err != nil || o.Status == ledger.Cancelled {
			return o, err
		}
		if err := s.end(ctx, next); err != nil {
			return nil, err
		}
		in.Version = 0 // it was right when it was asked for
	}
	return nil, fault.New(fault.Unavailable, "The order is being cancelled. It ends by itself as soon as Stripe says that nothing was paid.")
}

// askToCancel notes that the order is to be cancelled, and what has to be ended before.
func (s *Service) askToCancel(ctx context.Context, in CancelInput) (o *Order, next planned, err error) {
	o, err = s.hold(ctx, in.OrderID, func(ctx context.Context, tx pgx.Tx, h *held) error {
		next = planned{}
		if h.Status == ledger.Cancelled {
			return nil
		}
		asked := h.Ending == ledger.Cancelled // before, by a request that may be repeated
		if err := h.checkVersion(in.Version); err != nil && !asked {
			return err
		}
		if why := h.mayCancel(); why != "" {
			return fault.New(fault.InvalidState, "%s", why)
		}
		if !asked {
			h.Ending, h.CancelReason = ledger.Cancelled, orNil(in.Reason)
			if err := record(ctx, tx, h.Order, "order.cancel_requested", map[string]any{"reason": in.Reason}); err != nil {
				return err
			}
		}
		if h.Status == ledger.Paid {
			h.Ending = ""
			h.become(ledger.Cancelled)
			return nil
		}
		h.settle()
		if h.Status == ledger.Cancelled {
			return nil
		}
		return h.planEnd(ctx, tx, &next)
	})
	return o, next, err
}

// planEnd plans to end the payment that money may come of.
func (h *held) planEnd(ctx context.Context, tx pgx.Tx, next *planned) (err error) {
	live := h.Live()
	if live == nil {
		return nil
	}
	next.payment = live.ID
	if live.Status == ledger.PaymentSent || live.Status == ledger.PaymentUnknown {
		next.call, err = unheardOf(ctx, tx, live) // it has to be there to be ended
		return err
	}
	next.call, err = h.endCall(ctx, tx, live)
	return err
}

// end carries out what ends a payment, and looks what came of it: what Stripe refuses to
// end has been paid, or has ended by itself.
func (s *Service) end(ctx context.Context, next planned) error {
	if next.call != nil {
		if _, err := (journal{s}).carryOut(ctx, next.call.ID); err != nil {
			return err
		}
	}
	if next.payment == "" {
		return nil
	}
	return s.lookAt(ctx, next.payment)
}

// mayCancel says why an order can't be cancelled, "" where it can.
func (o *Order) mayCancel() string {
	switch {
	case o.Status.Unpaid() && (o.refundable() > 0 || o.Captured > 0 && !o.Quiet()):
		return "Another amount than is due was paid. Refund all of it first."
	case o.Status.Unpaid():
		return ""
	case o.Status == ledger.Paid && o.Refunded >= o.Captured && o.Quiet():
		return ""
	case o.Status == ledger.Paid:
		return "The order is paid. Refund all of it first."
	}
	return fmt.Sprintf("The order is %s and can't be cancelled any more.", o.Status)
}

func (h *held) checkVersion(seen int) error {
	if seen == 0 || seen == h.Version {
		return nil
	}
	return fault.New(fault.VersionConflict, "The order has changed since you looked: it is at version %d now. Look again, then decide.", h.Version).At("input", "version")
}
