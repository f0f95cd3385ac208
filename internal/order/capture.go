package order

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Amount is money as people write it: major units, and a currency that must be the order's.
type Amount struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

// read is the amount in the order's smallest unit.
func (a *Amount) read(currency string) (int64, error) {
	if strings.ToLower(a.Currency) != currency {
		return 0, invalid(fmt.Sprintf("The order is in %s.", strings.ToUpper(currency)), "amount", "currency")
	}
	amount, err := ledger.ParseAmount(a.Amount, currency)
	if err != nil {
		return 0, invalid(err.Error()+".", "amount", "amount")
	}
	if step := catalog.ChargeStep(currency); amount%step != 0 {
		return 0, invalid(fmt.Sprintf("Stripe moves only multiples of %s in this currency.", ledger.Words(step, currency)), "amount", "amount")
	}
	return amount, nil
}

// CaptureInput is what is to be taken of a hold; nil is all of it.
type CaptureInput struct {
	OrderID        string  `json:"orderId"`
	Amount         *Amount `json:"amount,omitempty"`
	Version        int     `json:"-"`
	IdempotencyKey string  `json:"-"`
}

// Capture takes what an order's customer has authorized, or a part of it: the rest is
// released, and owed no more. It needs the role DEPLOYER; a token for orders will do. It
// may be repeated with the same key.
func (s *Service) Capture(ctx context.Context, in CaptureInput) (*Order, error) {
	if _, err := s.mine(ctx, in.OrderID, tenant.RoleDeployer); err != nil {
		return nil, err
	}
	if err := checkKey(in.IdempotencyKey); err != nil {
		return nil, err
	}
	by := asked{in.IdempotencyKey, digestOf(in)}
	var c *call
	o, err := s.hold(ctx, in.OrderID, func(ctx context.Context, tx pgx.Tx, h *held) (err error) {
		c, err = h.askToCapture(ctx, tx, in, by)
		return err
	})
	if err != nil || c.State == callDone {
		return o, err
	}
	if c.State == callRefused {
		return nil, fault.New(fault.InvalidState, "Stripe refused that capture. Look at the order's history, then try again with a new key.")
	}
	out, err := journal{s}.carryOut(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	if err := s.lookAt(ctx, c.PaymentID); err != nil {
		return nil, err
	}
	if out.state == callRefused {
		return nil, out.refusal("capture the payment")
	}
	return s.mine(ctx, in.OrderID, tenant.RoleDeployer)
}

// askToCapture is the call for it, which may be one that was asked for before.
func (h *held) askToCapture(ctx context.Context, tx pgx.Tx, in CaptureInput, by asked) (*call, error) {
	if c, err := h.askedBefore(ctx, tx, stepCapture, by); c != nil || err != nil {
		return c, err
	}
	if err := h.checkVersion(in.Version); err != nil {
		return nil, err
	}
	if why := h.mayCapture(); why != "" {
		return nil, fault.New(fault.InvalidState, "%s", why)
	}
	p := h.Live()
	if c, err := unheardOf(ctx, tx, p); c != nil || err != nil {
		if err == nil {
			err = fault.New(fault.InvalidState, "The order is just being captured or cancelled. Try again in a moment.")
		}
		return nil, err
	}
	amount := p.Authorized
	if in.Amount != nil {
		var err error
		if amount, err = in.Amount.read(h.Currency); err != nil {
			return nil, err
		}
		if amount > p.Authorized {
			return nil, invalid(fmt.Sprintf("Only %s is authorized.", h.words(p.Authorized)), "amount", "amount")
		}
	}
	h.tell("Capturing " + h.words(amount) + ".")
	body := url.Values{"amount_to_capture": {strconv.FormatInt(amount, 10)}}
	c := h.sends(p, stepCapture, "/v1/payment_intents/"+or(p.IntentID)+"/capture", body, by)
	return c, record(ctx, tx, h.Order, "order.capture_requested", map[string]any{"amount": amount, "currency": h.Currency})
}

// askedBefore is the call that was asked for with the same key, nil for none.
func (h *held) askedBefore(ctx context.Context, tx pgx.Tx, st step, by asked) (*call, error) {
	type earlier struct{ ID, Digest string }
	e, err := postgres.One(ctx, tx, pgx.RowToStructByPos[earlier], nil,
		`SELECT id::text, asked_digest FROM stripe_calls WHERE order_id = $1 AND step = $2 AND asked_key = $3`, h.ID, st, by.key)
	switch {
	case err != nil || e.ID == "":
		return nil, wrap(err, "look for a call")
	case e.Digest != by.digest:
		return nil, errReused()
	}
	return callByID(ctx, tx, e.ID)
}

func (o *Order) mayCapture() string {
	if o.Status == ledger.Authorized && o.Ending == "" {
		return ""
	}
	return fmt.Sprintf("The order is %s: only an AUTHORIZED one can be captured.", o.Status)
}
