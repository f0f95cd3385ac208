package stripegw

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/golive-hq/golive/internal/ledger"
)

// What is read of payments is read whole each time: they are never shared with other
// readers, because what a payer did a moment ago must not be missed.

// Payments are what orders ask of an account, and write by it.
type Payments struct{ *Account }

type (
	sessionBody struct{ ledger.Session }
	intentBody  struct{ ledger.Intent }
	chargeBody  struct{ ledger.Charge }
	refundBody  struct{ ledger.StripeRefund }
	disputeBody struct{ ledger.StripeDispute }
)

func (b *sessionBody) whole() bool { return b.ID != "" && b.Status != "" }
func (b *intentBody) whole() bool  { return b.ID != "" && b.Status != "" }
func (b *chargeBody) whole() bool  { return b.ID != "" && b.Status != "" }
func (b *refundBody) whole() bool  { return b.ID != "" && b.Status != "" }
func (b *disputeBody) whole() bool { return b.ID != "" && b.Status != "" }

// Session reads a Checkout Session with its intent, charge and fees; nil where there is none.
func (a Payments) Session(ctx context.Context, id string) (*ledger.Session, error) {
	got, err := get[sessionBody](ctx, a.Account, "/v1/checkout/sessions/"+url.PathEscape(id),
		url.Values{"expand[]": {"payment_intent.latest_charge.balance_transaction"}})
	quoteNobody(got.PaymentIntent.Object)
	return orNil(&got.Session, err)
}

// Intent reads a PaymentIntent with its charge and fees; nil where there is none.
func (a Payments) Intent(ctx context.Context, id string) (*ledger.Intent, error) {
	got, err := get[intentBody](ctx, a.Account, "/v1/payment_intents/"+url.PathEscape(id),
		url.Values{"expand[]": {"latest_charge.balance_transaction"}})
	quoteNobody(&got.Intent)
	return orNil(&got.Intent, err)
}

// quoteNobody masks why an attempt to pay failed, which is kept and shown: Stripe's words may
// hold what the customer typed.
func quoteNobody(i *ledger.Intent) {
	if i != nil && i.LastPaymentError != nil {
		i.LastPaymentError.Message = mask(i.LastPaymentError.Message, "")
	}
}

// Charge reads a charge; nil where there is none.
func (a Payments) Charge(ctx context.Context, id string) (*ledger.Charge, error) {
	got, err := get[chargeBody](ctx, a.Account, "/v1/charges/"+url.PathEscape(id), nil)
	return orNil(&got.Charge, err)
}

// Refund reads a refund; nil where there is none.
func (a Payments) Refund(ctx context.Context, id string) (*ledger.StripeRefund, error) {
	got, err := get[refundBody](ctx, a.Account, "/v1/refunds/"+url.PathEscape(id), nil)
	return orNil(&got.StripeRefund, err)
}

// Dispute reads a dispute; nil where there is none.
func (a Payments) Dispute(ctx context.Context, id string) (*ledger.StripeDispute, error) {
	got, err := get[disputeBody](ctx, a.Account, "/v1/disputes/"+url.PathEscape(id), nil)
	return orNil(&got.StripeDispute, err)
}

// RefundsOf reads all refunds of an intent.
func (a Payments) RefundsOf(ctx context.Context, intentID string) ([]ledger.StripeRefund, error) {
	bodies, err := listing[refundBody]{
		path: "/v1/refunds", query: url.Values{"payment_intent": {intentID}}, few: true, id: func(b *refundBody) string { return b.ID },
	}.read(ctx, a.Account)
	return each(bodies, func(b refundBody) ledger.StripeRefund { return b.StripeRefund }), err
}

// DisputesOf reads all disputes of an intent.
func (a Payments) DisputesOf(ctx context.Context, intentID string) ([]ledger.StripeDispute, error) {
	bodies, err := listing[disputeBody]{
		path: "/v1/disputes", query: url.Values{"payment_intent": {intentID}}, few: true, id: func(b *disputeBody) string { return b.ID },
	}.read(ctx, a.Account)
	return each(bodies, func(b disputeBody) ledger.StripeDispute { return b.StripeDispute }), err
}

// SessionsCreated reads the Checkout Sessions that were created in a span, the ends included.
func (a Payments) SessionsCreated(ctx context.Context, from, to time.Time) ([]ledger.Session, error) {
	bodies, err := listing[sessionBody]{
		path: "/v1/checkout/sessions", query: created(from, to), id: func(b *sessionBody) string { return b.ID },
	}.read(ctx, a.Account)
	return each(bodies, func(b sessionBody) ledger.Session { return b.Session }), err
}

// IntentsCreated reads the PaymentIntents that were created in a span, the ends included.
func (a Payments) IntentsCreated(ctx context.Context, from, to time.Time) ([]ledger.Intent, error) {
	bodies, err := listing[intentBody]{
		path: "/v1/payment_intents", query: created(from, to), id: func(b *intentBody) string { return b.ID },
	}.read(ctx, a.Account)
	return each(bodies, func(b intentBody) ledger.Intent { return b.Intent }), err
}

func created(from, to time.Time) url.Values {
	return url.Values{"created[gte]": {strconv.FormatInt(from.Unix(), 10)}, "created[lte]": {strconv.FormatInt(to.Unix(), 10)}}
}
