package payout

import (
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/ledger"
)

// Amounts for people.

// AmountMoney is how much is paid out.
func (p *Payout) AmountMoney() catalog.Money { return ledger.Money(p.Amount, p.Currency) }

// FeesMoney is what Stripe took for it.
func (p *Payout) FeesMoney() catalog.Money { return ledger.Money(p.Fees, p.Currency) }

// ResidualMoney is what nothing explains.
func (p *Payout) ResidualMoney() catalog.Money { return ledger.Money(p.Residual, p.Currency) }

// ArrivalDay is the day on which it arrives, as 2006-01-02; nil where Stripe says none.
func (p *Payout) ArrivalDay() *string {
	if p.ArrivalDate == nil {
		return nil
	}
	day := p.ArrivalDate.Format(time.DateOnly)
	return &day
}

// GrossMoney is what it is before the fee.
func (t *Transaction) GrossMoney() catalog.Money { return ledger.Money(t.Gross, t.Currency) }

// FeeMoney is Stripe's fee.
func (t *Transaction) FeeMoney() catalog.Money { return ledger.Money(t.Fee, t.Currency) }

// NetMoney is what is left.
func (t *Transaction) NetMoney() catalog.Money { return ledger.Money(t.Net, t.Currency) }

// ChargedMoney is what customers were charged, by currency.
func (c *CurrencyReconciliation) ChargedMoney() []catalog.Money {
	all := []catalog.Money{}
	for _, a := range c.Charged {
		all = append(all, ledger.Money(a.Amount, a.Currency))
	}
	return all
}

// CapturedMoney is what came in.
func (c *CurrencyReconciliation) CapturedMoney() catalog.Money { return c.money(c.Captured) }

// RefundedMoney is what was given back.
func (c *CurrencyReconciliation) RefundedMoney() catalog.Money { return c.money(c.Refunded) }

// DisputedMoney is what banks took back.
func (c *CurrencyReconciliation) DisputedMoney() catalog.Money { return c.money(c.Disputed) }

// FeesMoney is Stripe's.
func (c *CurrencyReconciliation) FeesMoney() catalog.Money { return c.money(c.Fees) }

// NetMoney is what is left.
func (c *CurrencyReconciliation) NetMoney() catalog.Money { return c.money(c.Net) }

// PaidOutMoney is what was paid out.
func (c *CurrencyReconciliation) PaidOutMoney() catalog.Money { return c.money(c.PaidOut) }

func (c *CurrencyReconciliation) money(amount int64) catalog.Money {
	return ledger.Money(amount, c.Currency)
}

// GrossMoney is what customers paid by the method.
func (m *MethodFees) GrossMoney() catalog.Money { return ledger.Money(m.Gross, m.Currency) }

// FeeMoney is what Stripe took for it.
func (m *MethodFees) FeeMoney() catalog.Money { return ledger.Money(m.Fee, m.Currency) }
