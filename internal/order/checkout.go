package order

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// CheckoutInput is how somebody wants an order to be paid.
type CheckoutInput struct {
	OrderID string      `json:"orderId"`
	Flow    ledger.Flow `json:"flow"`
	// SuccessURL and CancelURL are where the customer goes afterwards; "" is Golive's own page.
	SuccessURL     string `json:"successUrl,omitempty"`
	CancelURL      string `json:"cancelUrl,omitempty"`
	IdempotencyKey string `json:"-"`
}

// Checkout is what a customer needs to pay.
type Checkout struct {
	Order   *Order
	Payment *ledger.Payment
	// URL is Stripe's page, for HOSTED. ClientSecret is for ELEMENTS: it goes to whoever may
	// start a checkout, and is stored nowhere.
	URL, ClientSecret *string
}

// moves is how often a checkout may find that it has to do something else first.
const moves = 5

// StartCheckout lets an order be paid. It needs the role DEPLOYER; a token for orders will
// do. An order has one payment at most that money may come of: where that is open in
// another flow, or leads to other addresses, it is ended first, and wins if the customer
// paid meanwhile.
func (s *Service) StartCheckout(ctx context.Context, in CheckoutInput) (Checkout, error) {
	o, err := s.mine(ctx, in.OrderID, tenant.RoleDeployer)
	if err != nil {
		return Checkout{}, err
	}
	if err := checkKey(in.IdempotencyKey); err != nil {
		return Checkout{}, err
	}
	by := asked{in.IdempotencyKey, digestOf(in)}
	for range moves {
		next, err := s.plan(ctx, o, in, by)
		if err != nil {
			return Checkout{}, err
		}
		if done, err := s.goOn(ctx, in, next); err != nil {
			return Checkout{}, err
		} else if done != nil {
			return *done, nil
		}
	}
	return Checkout{}, fault.New(fault.Unavailable, "Others are starting checkouts of this order, too. Try again in a moment.")
}

// planned is what has to be done next for a checkout.
type planned struct {
	// call is to be carried out, nil for none; ends tells that it ends the payment before.
	call    *call
	ends    bool
	payment string // of which the checkout is
}

// plan finds out under the order's lock what has to be done, and writes it down.
func (s *Service) plan(ctx context.Context, o *Order, in CheckoutInput, by asked) (next planned, err error) {
	contact, err := s.ContactsOf(ctx, []string{o.ID})
	if err != nil {
		return next, err
	}
	_, err = s.hold(ctx, o.ID, func(ctx context.Context, tx pgx.Tx, h *held) error {
		next = planned{}
		earlier, err := h.repeated(ctx, tx, by)
		if err != nil {
			return err
		}
		if earlier != nil {
			next.payment = earlier.ID
			next.call, err = unheardOf(ctx, tx, earlier)
			return err
		}
		if err := inbox.Enabled(ctx, tx, h.TenantID, h.Mode); err != nil {
			return err
		}
		urls, err := in.urls(ctx, tx, h.Order, s.PublicURL)
		if err != nil {
			return err
		}
		if live := h.Live(); live != nil {
			return h.planWith(ctx, tx, live, in, by, &next)
		}
		if err := h.payable(); err != nil {
			return err
		}
		return h.begin(ctx, tx, in.Flow, urls, contact[o.ID].Email, by, &next)
	})
	return next, err
}

// repeated is the payment that was asked for with the same key before, nil for none.
func (h *held) repeated(ctx context.Context, tx pgx.Tx, by asked) (*ledger.Payment, error) {
	type earlier struct{ ID, Digest string }
	e, err := postgres.One(ctx, tx, pgx.RowToStructByPos[earlier], nil,
		`SELECT id::text, input_digest FROM payments WHERE order_id = $1 AND idempotency_key = $2`, h.ID, by.key)
	switch {
	case err != nil || e.ID == "":
		return nil, wrap(err, "look for a payment")
	case e.Digest != by.digest:
		return nil, errReused()
	}
	return h.Payment(e.ID), nil
}

// payable says why an order can't be paid.
func (h *held) payable() error {
	if why := h.mayPay(); why != "" {
		return fault.New(fault.InvalidState, "%s", why)
	}
	return nil
}

// planWith says what is to be done where the order has a payment that money may come of.
func (h *held) planWith(ctx context.Context, tx pgx.Tx, live *ledger.Payment, in CheckoutInput, by asked, next *planned) error {
	switch live.Status {
	case ledger.PaymentProcessing:
		return fault.New(fault.InvalidState, "A payment of this order is being processed. Wait until it has succeeded or failed.")
	case ledger.PaymentAuthorized:
		return fault.New(fault.InvalidState, "The order is authorized: capture it instead.")
	case ledger.PaymentSent, ledger.PaymentUnknown:
		return fault.New(fault.InvalidState, "A checkout of this order is just being started. Try again in a moment.")
	default:
	}
	if err := h.payable(); err != nil {
		return err
	}
	var digest string
	if err := tx.QueryRow(ctx, `SELECT input_digest FROM payments WHERE id = $1`, live.ID).Scan(&digest); err != nil {
		return wrap(err, "compare checkouts")
	}
	if digest == by.digest && h.canStillBePaid(live) {
		next.payment = live.ID // the same, asked for by another key
		return nil
	}
	next.ends, next.payment = true, live.ID
	var err error
	next.call, err = h.endCall(ctx, tx, live)
	return err
}

// canStillBePaid tells that its page is there: a debit that failed later leaves none.
func (h *held) canStillBePaid(p *ledger.Payment) bool {
	return !p.Mismatch && (p.Flow == ledger.Elements || p.SessionURL != nil && (p.ExpiresAt == nil || p.ExpiresAt.After(h.clock)))
}

// endCall is what ends a payment at Stripe: the call that is under way for that, or a new
// one. The intent of an open session can't be cancelled; the session expires.
func (h *held) endCall(ctx context.Context, tx pgx.Tx, p *ledger.Payment) (*call, error) {
	c, err := unheardOf(ctx, tx, p)
	if c != nil || err != nil {
		return c, err
	}
	if p.SessionID != nil && p.SessionURL != nil && p.Status == ledger.PaymentOpen {
		return h.sends(p, stepExpire, "/v1/checkout/sessions/"+*p.SessionID+"/expire", nil, asked{}), nil
	}
	if p.IntentID == nil {
		return nil, fault.New(fault.InvalidState, "Nobody has begun to pay, and the checkout is over. Try again in a moment.")
	}
	return h.sends(p, stepCancel, "/v1/payment_intents/"+*p.IntentID+"/cancel", nil, asked{}), nil
}

// begin makes a payment with the call that creates it at Stripe.
func (h *held) begin(ctx context.Context, tx pgx.Tx, flow ledger.Flow, urls [2]string, email string, by asked, next *planned) error {
	if connected, err := connection.LockAccount(ctx, tx, h.TenantID, h.Mode); err != nil {
		return err
	} else if connected != h.AccountID {
		return errOtherAccount(h.AccountID, connected)
	}
	expires := h.clock.Add(ledger.CheckoutTime)
	p := &ledger.Payment{
		ID: newID(), OrderID: h.ID, Attempt: len(h.Payments) + 1, Status: ledger.PaymentSent, Flow: flow, Capture: h.Capture,
		Amount: h.Due, Currency: h.Currency, CreatedAt: h.now,
	}
	if flow == ledger.Hosted {
		p.ExpiresAt = &expires
	}
	h.by, h.Payments = by, append(h.Payments, p)
	if flow == ledger.Hosted {
		next.call = h.sends(p, stepCheckout, "/v1/checkout/sessions", nil, asked{})
		next.call.checkout = &checkoutBody{urls: urls, email: email}
	} else {
		next.call = h.sends(p, stepIntent, "/v1/payment_intents", h.intentBody(p), asked{})
	}
	next.payment = p.ID
	h.settle()
	return nil
}

// unheardOf is the call of a payment of which nobody knows how it ended, nil for none. Calls
// are found by their order.
func unheardOf(ctx context.Context, tx pgx.Tx, p *ledger.Payment) (*call, error) {
	c, err := postgres.One(ctx, tx, pgx.RowToAddrOfStructByName[call], nil,
		selectCall+`WHERE order_id = $1 AND payment_id = $2 AND state = 'SENT' ORDER BY begun_at LIMIT 1`, p.OrderID, p.ID)
	return c, wrap(err, "read call")
}

// goOn does what was planned; nil is for what has to be planned anew.
func (s *Service) goOn(ctx context.Context, in CheckoutInput, next planned) (*Checkout, error) {
	var out outcome
	var err error
	if next.call != nil {
		if out, err = (journal{s}).carryOut(ctx, next.call.ID); err != nil {
			return nil, err
		}
	}
	if next.ends {
		return nil, s.lookAt(ctx, next.payment)
	}
	if out.state == callRefused {
		return nil, out.refusal("start the checkout")
	}
	return s.checkout(ctx, in.OrderID, next.payment, out)
}

// lookAt reads a payment at Stripe now.
func (s *Service) lookAt(ctx context.Context, paymentID string) error {
	t, err := paymentByID(ctx, s.DB, paymentID)
	if t == nil || err != nil {
		return err
	}
	if err := s.look(ctx, t, nil); err != nil {
		return unheard(err)
	}
	return nil
}
