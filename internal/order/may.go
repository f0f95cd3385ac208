package order

import (
	"fmt"
	"slices"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/ledger"
)

// Refusals say why something can't be done with an order, each in a sentence, "" where it
// can.
type Refusals struct{ Pay, Capture, Refund, Cancel, Fulfill string }

// Refusals are what the order's own state says; its Payments have to be there.
func (o *Order) Refusals() Refusals {
	return Refusals{o.mayPay(), o.mayCapture(), o.mayRefund(), o.mayCancel(), o.mayFulfill()}
}

func (o *Order) mayPay() string {
	switch {
	case o.Ending != "":
		return "The order is being ended and can't be paid any more. Create a new one."
	case o.Status.Unpaid() && o.hasOther():
		return "Another amount than is due was paid. Refund it and cancel the order, then create a new one."
	case o.Status == ledger.Created || o.Status == ledger.AwaitingPayment:
		return ""
	case o.Status == ledger.Expired || o.Status == ledger.Cancelled:
		return fmt.Sprintf("The order is %s and can't be paid any more. Create a new one.", o.Status)
	}
	return fmt.Sprintf("The order is %s and needs no other payment.", o.Status)
}

// hasOther tells that an unpaid order has money all the same: less than is due, or of
// another currency. Whoever paid once is not to pay all of it again.
func (o *Order) hasOther() bool {
	return o.Captured > 0 || slices.ContainsFunc(o.Payments, func(p *ledger.Payment) bool {
		return p.Mismatch && p.Status == ledger.PaymentCaptured
	})
}

// Over tells that nothing can become of the order any more: it ended without money, and no
// payment is under way.
func (o *Order) Over() bool {
	return (o.Status == ledger.Expired || o.Status == ledger.Cancelled) && o.Captured == 0 && o.NextCheckAt == nil
}

// UnitMoney is what one costs.
func (l *Line) UnitMoney() catalog.Money {
	return catalog.Money{MinorUnits: l.UnitAmount, Currency: l.Currency}
}

// AmountMoney is what all of them cost.
func (l *Line) AmountMoney() catalog.Money { return ledger.Money(l.Amount, l.Currency) }
