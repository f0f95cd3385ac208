package order

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
)

// around is how far from where it was begun an object's creation is looked for: clocks
// differ, and calls take time.
const around = 10 * time.Minute

// lookUp finds out by its effect whether a call was carried out whose key says nothing
// any more. What it makes has a stamp that only this call can have set.
func (c *call) lookUp(ctx context.Context, db postgres.Querier, stripe Stripe) (outcome, error) {
	from, to := c.BegunAt.Add(-around), time.Now().Add(around) // it may have been sent again all the while
	switch c.Step {
	case stepCheckout:
		all, err := stripe.SessionsCreated(ctx, from, to)
		for _, x := range all {
			if x.Metadata[ledger.StampPayment] == c.PaymentID {
				return found(stripeJSON(stripe.Session(ctx, x.ID)))
			}
		}
		return absent(err)
	case stepIntent:
		all, err := stripe.IntentsCreated(ctx, from, to)
		for _, x := range all {
			if x.Metadata[ledger.StampPayment] == c.PaymentID {
				return found(stripeJSON(stripe.Intent(ctx, x.ID)))
			}
		}
		return absent(err)
	case stepRefund:
		return c.lookUpRefund(ctx, db, stripe)
	case stepDraft, stepSubmission:
		return c.lookUpEvidence(ctx, db, stripe)
	case stepExpire, stepCancel, stepCapture:
	}
	return c.lookUpChange(ctx, db, stripe)
}

// lookUpChange tells whether what c was to change is so. The payment takes it in by the next
// look.
func (c *call) lookUpChange(ctx context.Context, db postgres.Querier, stripe Stripe) (outcome, error) {
	p, err := paymentByID(ctx, db, c.PaymentID)
	if err != nil {
		return outcome{}, err
	}
	seen, err := p.read(ctx, stripe)
	if err != nil {
		return outcome{}, err
	}
	intent, session, _ := seen.Statuses()
	if done := map[step]bool{stepExpire: session == "expired", stepCancel: intent == "canceled", stepCapture: intent == "succeeded"}[c.Step]; done {
		return outcome{state: callDone}, nil
	}
	return absent(nil)
}

func (c *call) lookUpRefund(ctx context.Context, db postgres.Querier, stripe Stripe) (outcome, error) {
	p, err := paymentByID(ctx, db, c.PaymentID)
	if err != nil {
		return outcome{}, err
	}
	all, err := stripe.RefundsOf(ctx, or(p.IntentID))
	for _, x := range all {
		if x.Metadata[ledger.StampRefund] == *c.RefundID {
			return found(json.Marshal(x))
		}
	}
	return absent(err)
}

func (c *call) lookUpEvidence(ctx context.Context, db postgres.Querier, stripe Stripe) (outcome, error) {
	d, err := disputeByID(ctx, db, *c.DisputeID)
	if err != nil {
		return outcome{}, err
	}
	seen, err := stripe.Dispute(ctx, d.StripeDisputeID)
	if err == nil && seen != nil && seen.Metadata[ledger.StampEvidence] == c.ID {
		return found(json.Marshal(seen))
	}
	return absent(err)
}

func paymentByID(ctx context.Context, db postgres.Querier, id string) (*target, error) {
	return targetWhere(ctx, db, `p.id = $1`, id)
}

// stripeJSON writes what was read as Stripe would have answered the call.
func stripeJSON[T any](object *T, err error) (json.RawMessage, error) {
	if err != nil {
		return nil, err
	}
	return json.Marshal(object)
}

func found(raw json.RawMessage, err error) (outcome, error) {
	if err != nil {
		return outcome{}, err
	}
	return outcome{state: callDone, raw: raw}, nil
}

// absent is for what a whole list does not show: only then may something like it be asked
// for again, by a new key.
func absent(err error) (outcome, error) {
	if err != nil {
		return outcome{}, err
	}
	return outcome{state: callRefused, refused: &catalog.Error{
		Kind: catalog.KindRequest, Status: http.StatusNotFound, Message: "it failed on its side, and nothing came of it. Try again with a new idempotency key.",
	}}, nil
}
