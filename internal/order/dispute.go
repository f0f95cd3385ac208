package order

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// EvidenceInput is what is to be answered to a dispute.
type EvidenceInput struct {
	DisputeID string `json:"disputeId"`
	// Evidence is all of it, as JSON brings it: an object of texts by Stripe's names of fields.
	Evidence any `json:"evidence"`
	// Submit has the bank see it. That can't be taken back; else it is a draft.
	Submit bool `json:"submit"`
	// Submissions is how many somebody has seen, so that nobody submits twice.
	Submissions int `json:"submissions"`
	// IdempotencyKey lets the call be repeated, "" for none.
	IdempotencyKey string `json:"-"`
}

// Disputes are the use cases of disputes.
type Disputes struct{ *Service }

// SubmitEvidence keeps evidence of a dispute as a draft, here and at Stripe, or submits it. It
// needs the role ADMIN.
func (s Disputes) SubmitEvidence(ctx context.Context, in EvidenceInput) (*ledger.Dispute, error) {
	d, o, err := s.disputeOf(ctx, in.DisputeID)
	if err != nil {
		return nil, err
	}
	if err := tenant.Require(ctx, o.TenantID, tenant.RoleAdmin); err != nil {
		return nil, err
	}
	evidence, err := readEvidence(in)
	if err != nil {
		return nil, err
	}
	var c *call
	_, err = s.hold(ctx, o.ID, func(ctx context.Context, tx pgx.Tx, h *held) (err error) {
		c, err = s.askToAnswer(ctx, tx, h, d.ID, in, evidence)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.answer(ctx, d, c)
}

// answer carries out the call, and returns the dispute after it.
func (s Disputes) answer(ctx context.Context, d *ledger.Dispute, c *call) (*ledger.Dispute, error) {
	var out outcome
	if c.State != callDone && c.State != callRefused {
		var err error
		if out, err = journal(s).carryOut(ctx, c.ID); err != nil {
			return nil, err
		}
		if err := s.lookAt(ctx, c.PaymentID); err != nil {
			return nil, err
		}
	}
	if out.state == callRefused || c.State == callRefused {
		return nil, out.refusal("take the evidence")
	}
	d, _, err := s.disputeOf(ctx, d.ID)
	return d, err
}

func (s Disputes) askToAnswer(ctx context.Context, tx pgx.Tx, h *held, disputeID string, in EvidenceInput, evidence map[string]string) (*call, error) {
	st := stepDraft
	if in.Submit {
		st = stepSubmission
	}
	by := asked{}
	if in.IdempotencyKey != "" {
		digest, err := in.digest(ctx, tx, s.Keys, h.TenantID)
		if err != nil {
			return nil, err
		}
		by = asked{in.IdempotencyKey, digest}
		if c, err := h.askedBefore(ctx, tx, st, by); c != nil || err != nil {
			return c, err
		}
	}
	p, d := disputeIn(h.Payments, disputeID)
	if err := mayAnswer(ctx, tx, h, d, in.Submissions); err != nil {
		return nil, err
	}
	old, err := s.draftOf(ctx, tx, d.ID)
	if err != nil {
		return nil, err
	}
	if err := s.keepDraft(ctx, tx, h.TenantID, d.ID, evidence); err != nil {
		return nil, err
	}
	c := h.sends(p, st, "/v1/disputes/"+url.PathEscape(d.StripeDisputeID), nil, by)
	c.DisputeID, c.body = &d.ID, evidenceBody(c.ID, in.Submit, old, evidence).Encode()
	action := "dispute.drafted"
	if in.Submit {
		action = "dispute.submitted"
		h.tell("Submitting the answer to the dispute over " + ledger.Words(d.Amount, d.Currency) + ".")
	}
	return c, record(ctx, tx, h.Order, action, map[string]any{"dispute": d.ID, "fields": slices.Sorted(maps.Keys(evidence))})
}

// evidenceBody says all of the evidence, and takes away what is no more of it. Its stamp lets
// the call be found again by its effect.
func evidenceBody(callID string, submit bool, old, evidence map[string]string) url.Values {
	body := url.Values{"submit": {strconv.FormatBool(submit)}, "metadata[" + ledger.StampEvidence + "]": {callID}}
	for field := range old {
		body.Set("evidence["+field+"]", "")
	}
	for field, value := range evidence {
		body.Set("evidence["+field+"]", value)
	}
	return body
}

func disputeIn(payments []*ledger.Payment, id string) (*ledger.Payment, *ledger.Dispute) {
	for _, p := range payments {
		for _, d := range p.Disputes {
			if d.ID == id {
				return p, d
			}
		}
	}
	return nil, nil
}

// mayAnswer refuses what can't be answered, and whoever has not seen what was submitted. The
// journal counts, too: an answer that was just submitted may not have been read yet.
func mayAnswer(ctx context.Context, tx pgx.Tx, h *held, d *ledger.Dispute, seen int) error {
	var submitted, unheard int
	err := tx.QueryRow(ctx, `SELECT count(*) FILTER (WHERE state = 'DONE' AND step = 'submission'), count(*) FILTER (WHERE state = 'SENT')
		FROM stripe_calls WHERE order_id = $1 AND dispute_id = $2`, h.ID, d.ID).Scan(&submitted, &unheard)
	switch {
	case err != nil:
		return wrap(err, "look for answers")
	case seen != d.Submissions || submitted > d.Submissions:
		return fault.New(fault.VersionConflict, "Evidence was submitted %s meanwhile. Look at the dispute again.", times(max(submitted, d.Submissions)))
	case unheard > 0:
		return fault.New(fault.InvalidState, "Evidence of this dispute is just being sent to Stripe. Try again in a moment.")
	}
	if why := Unanswerable(d, h.now); why != "" {
		return fault.New(fault.InvalidState, "%s", why)
	}
	return nil
}

func times(n int) string {
	switch n {
	case 0:
		return "never"
	case 1:
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// Unanswerable says why no evidence can be submitted at a time, "" where it can.
func Unanswerable(d *ledger.Dispute, now time.Time) string {
	switch {
	case d.Status.Closed():
		return "The dispute is over."
	case !d.Answerable():
		return "The answer was submitted. The bank decides."
	case d.DueBy == nil:
		return "This dispute can't be answered."
	case !now.Before(*d.DueBy):
		return "The time to answer this dispute is over."
	}
	return ""
}

const selectDispute = `SELECT d.id, d.order_id, d.payment_id, d.status, d.amount, d.currency, d.reason, d.stripe_dispute_id, d.due_by, d.submissions,
	d.submitted_at, d.reminded, d.created_at FROM disputes d `

func disputeByID(ctx context.Context, db postgres.Querier, id string) (*ledger.Dispute, error) {
	missing := fault.New(fault.NotFound, "There's no dispute with this ID.")
	d, err := postgres.One(ctx, db, pgx.RowToAddrOfStructByName[ledger.Dispute], missing, selectDispute+`WHERE d.id = $1`, id)
	if postgres.IsBadID(err) {
		return nil, missing
	}
	return d, wrap(err, "read dispute")
}

// disputeOf is a dispute of an order that the actor may see, else NOT_FOUND.
func (s Disputes) disputeOf(ctx context.Context, id string) (*ledger.Dispute, *Order, error) {
	if _, err := tenant.ActorFrom(ctx); err != nil {
		return nil, nil, err
	}
	d, err := disputeByID(ctx, s.DB, id)
	if err != nil {
		return nil, nil, err
	}
	o, err := s.mine(ctx, d.OrderID, tenant.RoleViewer)
	if fault.CodeOf(err) == fault.NotFound {
		err = fault.New(fault.NotFound, "There's no dispute with this ID.")
	}
	return d, o, err
}

// Get returns a dispute of an order that the actor may see, else NOT_FOUND.
func (s Disputes) Get(ctx context.Context, id string) (*ledger.Dispute, error) {
	d, _, err := s.disputeOf(ctx, id)
	return d, err
}
