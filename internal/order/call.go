package order

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
)

// step is what a call to Stripe is for.
type step string

const (
	stepCheckout step = "checkout" // makes a Checkout Session
	stepIntent   step = "intent"   // makes a PaymentIntent
	stepExpire   step = "expire"   // ends a session
	stepCancel   step = "cancel"   // ends an intent, or voids a hold
	stepCapture  step = "capture"
	stepRefund   step = "refund"
	// stepDraft puts evidence into a dispute, and stepSubmission has the bank see it.
	stepDraft      step = "draft"
	stepSubmission step = "submission"
)

// forgets is when Stripe is about to forget a key, which it keeps for 24 hours: what was
// begun before is looked up instead of sent.
const forgets = 23 * time.Hour

// call is one write to Stripe as it stands in the journal.
type call struct {
	ID        string       `db:"id"`
	OrderID   string       `db:"order_id"`
	PaymentID string       `db:"payment_id"`
	RefundID  *string      `db:"refund_id"`
	DisputeID *string      `db:"dispute_id"`
	TenantID  string       `db:"tenant_id"`
	AccountID string       `db:"account_id"`
	Mode      catalog.Mode `db:"mode"`
	Step      step         `db:"step"`
	Key       string       `db:"key"`
	Path      string       `db:"path"`
	Sealed    []byte       `db:"body"`
	Version   int          `db:"seal_version"`
	State     string       `db:"state"`
	Tries     int          `db:"tries"` // also of those that are under way
	BegunAt   time.Time    `db:"begun_at"`

	body     string // before it is sealed
	checkout *checkoutBody
	asked    asked
}

const (
	callSent    = "SENT"
	callDone    = "DONE"
	callRefused = "REFUSED"
)

const callSeal = 1

func callSlot(tenantID string, version int) seal.Slot {
	return seal.Slot{TenantID: tenantID, Column: "stripe_calls.body", Version: version}
}

// sends puts a call into the journal. It has to be committed before it is sent.
func (h *held) sends(p *ledger.Payment, s step, path string, body url.Values, by asked) *call {
	c := &call{ID: newID(), PaymentID: p.ID, Step: s, Path: path, body: body.Encode(), asked: by}
	h.calls = append(h.calls, c)
	return c
}

// insertCall numbers the calls of one step of a payment: a key is never used for anything
// else, and a new one is made only once the outcome of the one before is known.
func (s journal) insertCall(ctx context.Context, tx pgx.Tx, h *held, c *call) error {
	if c.checkout != nil {
		body, err := h.sessionBody(ctx, tx, h.Payment(c.PaymentID), *c.checkout)
		if err != nil {
			return err
		}
		c.body = body.Encode()
	}
	var n int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM stripe_calls WHERE order_id = $1 AND payment_id = $2 AND step = $3`, h.ID, c.PaymentID, c.Step).Scan(&n); err != nil {
		return wrap(err, "number a call")
	}
	c.Key = fmt.Sprintf("golive:order:%s:%s:%s", h.ID, c.PaymentID, c.Step)
	if n > 0 {
		c.Key += fmt.Sprintf(":%d", n+1)
	}
	sealed, err := s.Keys.Seal(c.body, callSlot(h.TenantID, callSeal))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO stripe_calls (id, order_id, payment_id, refund_id, tenant_id, account_id, livemode, step, key, path, body,
			seal_version, asked_key, asked_digest, dispute_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, nullif($13, ''), nullif($14, ''), $15)`,
		c.ID, h.ID, c.PaymentID, c.RefundID, h.TenantID, h.AccountID, h.live(), c.Step, c.Key, c.Path, sealed, callSeal, c.asked.key, c.asked.digest, c.DisputeID)
	return wrap(err, "note a call")
}

const selectCall = `SELECT id, order_id, payment_id, refund_id, dispute_id, tenant_id, account_id, CASE WHEN livemode THEN 'LIVE' ELSE 'TEST' END AS mode,
	step, key, path, body, seal_version, state, tries, begun_at FROM stripe_calls `

// unheardCalls are those of an order of which nobody knows how they ended, oldest first.
func unheardCalls(ctx context.Context, db postgres.Querier, orderID string) ([]*call, error) {
	calls, err := postgres.All(ctx, db, pgx.RowToAddrOfStructByName[call], selectCall+`WHERE order_id = $1 AND state = 'SENT' ORDER BY begun_at, id`, orderID)
	return calls, wrap(err, "read calls")
}

func callByID(ctx context.Context, db postgres.Querier, id string) (*call, error) {
	c, err := postgres.One(ctx, db, pgx.RowToAddrOfStructByName[call], errors.New("no such call"), selectCall+`WHERE id = $1`, id)
	return c, wrap(err, "read call")
}

// outcome is how a call ended.
type outcome struct {
	state     string
	raw       json.RawMessage // Stripe's answer where it is DONE, nil where it was looked up by its effect
	requestID string
	refused   *catalog.Error
}

// carryOut sends a call that is in the journal, or sends it again, and notes how it ended.
// It may be repeated, by anybody and at the same time: the key is the same and so are the
// bytes, so Stripe does it once. An error leaves it open how it ended.
func (s journal) carryOut(ctx context.Context, callID string) (outcome, error) {
	c, err := callByID(ctx, s.DB, callID)
	if err != nil || c.State != callSent {
		return outcome{state: c.stateOr()}, err
	}
	stripe, err := s.account(ctx, c.TenantID, c.AccountID, c.Mode)
	if err != nil {
		return outcome{}, err
	}
	if err := s.countTry(ctx, c); err != nil {
		return outcome{}, err
	}
	out, err := s.try(ctx, stripe, c)
	if err != nil {
		return outcome{}, errors.Join(s.noteUnheard(ctx, c, err), unheard(err))
	}
	return out, s.noteOutcome(ctx, c, out)
}

// countTry notes that c is about to be sent, before it is: so whoever sends it knows
// whether somebody may have done so before.
func (s journal) countTry(ctx context.Context, c *call) error {
	return wrap(postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `UPDATE stripe_calls SET tries = tries + 1 WHERE id = $1 RETURNING tries`, c.ID).Scan(&c.Tries)
	}), "count a try")
}

func (c *call) stateOr() string {
	if c == nil {
		return ""
	}
	return c.State
}

// try sends c, or looks for its effect where Stripe is about to forget the key, or keeps
// a failure of its own under it.
func (s journal) try(ctx context.Context, stripe Stripe, c *call) (outcome, error) {
	if time.Since(c.BegunAt) > forgets {
		return c.lookUp(ctx, s.DB, stripe)
	}
	body, err := s.Keys.Open(c.Sealed, callSlot(c.TenantID, c.Version))
	if err != nil {
		return outcome{}, err
	}
	written, err := stripe.Send(ctx, catalog.Write{Path: c.Path, Body: body, IdempotencyKey: c.Key})
	var failed *catalog.Error
	switch {
	case err == nil:
		return outcome{state: callDone, raw: written.Raw, requestID: written.RequestID}, nil
	case !errors.As(err, &failed):
		return outcome{}, err
	case failed.StoredFailure:
		return c.lookUp(ctx, s.DB, stripe)
	case failed.Transient(), failed.Kind == catalog.KindPermission && c.Tries > 1:
		// That a key may not do it, or not any more, says nothing of the tries before.
		return outcome{}, err
	}
	return outcome{state: callRefused, requestID: failed.RequestID, refused: failed}, nil
}

// unheard is what the caller is told of a call whose outcome is not known.
func unheard(err error) error {
	if fault.As(err) != nil {
		return err
	}
	return fault.Wrap(err, fault.StripeUnavailable,
		"Stripe didn't answer, so it isn't known yet whether it did what was asked. Golive finds out by itself; repeat the call with the same idempotency key to see.")
}

// journal carries out the writes to Stripe that it has noted before.
type journal struct{ *Service }
