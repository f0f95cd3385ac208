package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/fault"
)

type ordersRefundCmd struct {
	api
	orderArg
	Amount string `placeholder:"7.00" help:"How much, in the order's currency (default: all that's left)."`
	Reason string `default:"" enum:",duplicate,fraudulent,requested_by_customer" placeholder:"REASON" help:"duplicate, fraudulent or requested_by_customer."`
	Key    string `placeholder:"KEY" help:"Idempotency key of a refund that may have been made already: repeating it refunds nothing more."`
	Yes    bool   `short:"y" help:"Skip the confirmation prompt."`
	JSON   bool   `name:"json" help:"Print the refund as JSON."`
}

// Run asks first. It prints the refund's status and id.
func (c *ordersRefundCmd) Run(ctx context.Context, t *terminal) error {
	id, err := c.orderID(ctx, c.orderArg)
	if err != nil {
		return err
	}
	o, err := c.order(ctx, id)
	if err != nil {
		return err
	}
	if !c.Yes {
		if err := t.mustConfirm(ctx, c.question(o)); err != nil {
			return err
		}
	}
	r, err := c.refund(ctx, o)
	if err != nil {
		return err
	}
	if c.JSON {
		return t.document(r)
	}
	return t.answer(r.Status + " " + r.ID)
}

func (c *ordersRefundCmd) question(o *wholeOrder) string {
	amount := "all that's left"
	if c.Amount != "" {
		amount = money{plain(c.Amount), o.Total.Currency}.String()
	}
	return fmt.Sprintf("Refund %s of order %s (customer %s, %s mode; captured %s, refunded %s)?",
		amount, o.Number, plain(o.Customer), strings.ToLower(o.Mode), o.Captured, o.Refunded)
}

// mayHaveBeenDone tells that an error leaves open what became of a request: nobody answered, or
// the service itself doesn't know yet.
func mayHaveBeenDone(err error) bool {
	switch fault.CodeOf(err) {
	case fault.StripeUnavailable, fault.Unavailable, fault.Internal: // or no fault of the service's
		return true
	default:
		return false
	}
}

// refund gives back what was agreed to, of the order as it was seen. With the key it may be
// repeated: nobody knows what became of a request without an answer.
func (c *ordersRefundCmd) refund(ctx context.Context, o *wholeOrder) (*orderRefund, error) {
	service, err := c.client()
	if err != nil {
		return nil, err
	}
	key := c.Key
	if key == "" {
		key = "cli-" + uuid.NewString()
	}
	input := map[string]any{"orderId": o.ID, "version": o.Version, "idempotencyKey": key}
	if c.Amount != "" {
		input["amount"] = map[string]any{"amount": c.Amount, "currency": o.Total.Currency}
	}
	if c.Reason != "" {
		input["reason"] = c.Reason
	}
	const fields = `refund { id status amount ` + moneyFields + ` requestedBy failureReason stripeRefundId }`
	got, err := client.Mutate[struct{ Refund *orderRefund }](ctx, service, "refundOrder", input, fields)
	if mayHaveBeenDone(err) {
		err = fmt.Errorf("it may or may not have been refunded; repeat it with --key %s, which refunds nothing twice: %w", key, err)
	}
	if err == nil && got.Refund == nil {
		err = errors.New("the service didn't say what became of the refund; see golive orders show")
	}
	return got.Refund, printable(err)
}
