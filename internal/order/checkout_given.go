package order

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/tenant"
)

// checkout is what the customer needs. A client secret is in Stripe's answer, or is asked
// for anew.
func (s *Service) checkout(ctx context.Context, orderID, paymentID string, out outcome) (*Checkout, error) {
	o, err := s.mine(ctx, orderID, tenant.RoleDeployer)
	if err != nil {
		return nil, err
	}
	if o.Payments, err = paymentsOf(ctx, s.DB, []string{orderID}); err != nil {
		return nil, err
	}
	p := o.Payment(paymentID)
	c := &Checkout{Order: o, Payment: p}
	switch why := o.mayPay(); {
	case p.Status == ledger.PaymentFailed:
		return nil, fault.New(fault.InvalidState, "Stripe refused to start the checkout: %s", or(p.FailureMessage))
	case p.Status != ledger.PaymentOpen:
		return c, nil // the payment says why nothing is to be paid
	case why != "":
		return nil, fault.New(fault.InvalidState, "%s", why)
	case p.Mismatch:
		return nil, s.withdraw(ctx, o)
	}
	if p.Flow == ledger.Hosted {
		c.URL = p.SessionURL
		return c, nil
	}
	secret, err := s.secret(ctx, o, p, out)
	c.ClientSecret = orNil(secret)
	return c, err
}

// withdraw ends a checkout that asks for other money than the order does.
func (s *Service) withdraw(ctx context.Context, o *Order) error {
	var next planned
	_, err := s.hold(ctx, o.ID, func(ctx context.Context, tx pgx.Tx, h *held) error {
		next = planned{}
		if !h.mustEnd() {
			return nil
		}
		return h.planEnd(ctx, tx, &next)
	})
	if err == nil {
		err = s.end(ctx, next)
	}
	if err != nil {
		return err
	}
	return fault.New(fault.InvalidState,
		"Stripe asks for another amount than the %s that are due: a price was changed. The checkout was ended. Create a new order.", o.words(o.Due))
}

func (s *Service) secret(ctx context.Context, o *Order, p *ledger.Payment, out outcome) (string, error) {
	if out.raw != nil {
		var intent ledger.Intent
		err := json.Unmarshal(out.raw, &intent)
		return intent.ClientSecret, wrap(err, "decode intent")
	}
	stripe, err := s.account(ctx, o.TenantID, o.AccountID, o.Mode)
	if err != nil {
		return "", err
	}
	intent, err := stripe.Intent(ctx, or(p.IntentID))
	if err != nil {
		return "", unheard(err)
	}
	if intent == nil {
		return "", fmt.Errorf("payment %s: %w", p.ID, errGone)
	}
	return intent.ClientSecret, nil
}
