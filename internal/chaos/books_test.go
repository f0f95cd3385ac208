package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/stripesim"
)

// entry is what the judge looks at of any object of Stripe's.
type entry struct {
	ID, Status, Currency string
	Amount, Fee, Net     int64
	AmountReceived       int64  `json:"amount_received"`
	AmountCapturable     int64  `json:"amount_capturable"`
	AmountCaptured       int64  `json:"amount_captured"`
	PaymentIntent        string `json:"payment_intent"`
	BalanceTransaction   string `json:"balance_transaction"`
	Captured             bool
	Metadata             map[string]string
	EvidenceDetails      struct {
		SubmissionCount int `json:"submission_count"`
	} `json:"evidence_details"`
}

// books are Stripe's of one account.
type books struct {
	sessions, intents, charges, refunds, disputes, transactions map[string]entry
	// charged, returned and contested are of intents.
	charged, returned, contested map[string][]entry
}

func (s *stack) books(account string) (*books, error) {
	state, err := s.sim.Dump(account, stripesim.Test)
	if err != nil {
		return nil, err
	}
	b := &books{charged: map[string][]entry{}, returned: map[string][]entry{}, contested: map[string][]entry{}}
	for into, raw := range map[*map[string]entry][]json.RawMessage{
		&b.sessions: state.CheckoutSessions, &b.intents: state.PaymentIntents, &b.charges: state.Charges,
		&b.refunds: state.Refunds, &b.disputes: state.Disputes, &b.transactions: state.BalanceTransactions,
	} {
		if *into, err = entries(raw); err != nil {
			return nil, err
		}
	}
	for by, all := range map[*map[string][]entry]map[string]entry{&b.charged: b.charges, &b.returned: b.refunds, &b.contested: b.disputes} {
		for _, e := range all {
			(*by)[e.PaymentIntent] = append((*by)[e.PaymentIntent], e)
		}
	}
	return b, nil
}

func entries(raw []json.RawMessage) (map[string]entry, error) {
	all := map[string]entry{}
	for _, r := range raw {
		var e entry
		if err := json.Unmarshal(r, &e); err != nil {
			return nil, fmt.Errorf("%w: %s", err, r)
		}
		all[e.ID] = e
	}
	return all, nil
}

// slip is one payment as Golive has it, with its order.
type slip struct {
	ID       string               `db:"id"`
	Order    string               `db:"order_id"`
	Of       ledger.OrderStatus   `db:"of"`
	Due      int64                `db:"due"`
	Status   ledger.PaymentStatus `db:"status"`
	Session  string               `db:"session_id"`
	Intent   string               `db:"intent_id"`
	Held     int64                `db:"authorized"`
	Captured int64                `db:"captured"`
	Fee      *int64               `db:"fee"`
	// Refunded and Disputes are of the payment; Refunds how many Golive has asked for, and had.
	Refunded    int64 `db:"refunded"`
	Refunds     int   `db:"refunds"`
	Submissions int   `db:"submissions"`
	Disputes    int   `db:"disputes"`
}

const selectSlips = `SELECT p.id::text, p.order_id::text, o.status AS of, o.due, p.status, coalesce(p.session_id, '') AS session_id, coalesce(p.intent_id, '') AS intent_id,
	CASE p.status WHEN 'AUTHORIZED' THEN p.authorized ELSE 0 END AS authorized, p.captured, p.fee,
	(SELECT coalesce(sum(r.amount), 0)::bigint FROM refunds r WHERE r.payment_id = p.id AND r.status = 'SUCCEEDED') AS refunded,
	(SELECT count(*)::int FROM refunds r WHERE r.payment_id = p.id AND r.stripe_refund_id IS NOT NULL AND r.source <> 'DASHBOARD') AS refunds,
	(SELECT count(*)::int FROM disputes d WHERE d.payment_id = p.id) AS disputes,
	(SELECT coalesce(sum(d.submissions), 0)::int FROM disputes d WHERE d.payment_id = p.id) AS submissions
	FROM payments p JOIN orders o ON o.id = p.order_id `

func slips(ctx context.Context, db postgres.Querier, where string, args ...any) ([]slip, error) {
	return postgres.All(ctx, db, pgx.RowToStructByName[slip], selectSlips+where, args...)
}

// audit holds a shop's orders against Stripe's books.
func (b *bill) audit(ctx context.Context, t *till) error {
	theirs, err := t.books(t.account.ID)
	if err != nil {
		return err
	}
	ours, err := slips(ctx, t.pool, `WHERE p.tenant_id = $1`, t.tenant.ID)
	if err != nil {
		return err
	}
	var orders int
	if err := t.pool.QueryRow(ctx, `SELECT count(*) FROM orders WHERE tenant_id = $1`, t.tenant.ID).Scan(&orders); err != nil {
		return err
	}
	b.orders += orders
	known := map[string]slip{}
	for _, s := range ours {
		known[s.ID] = s
		b.payment(theirs, s)
	}
	b.made(theirs, known)
	b.once(theirs)
	return b.balance(ctx, t, theirs)
}

// payment: it is what Stripe says of it, to the unit.
func (b *bill) payment(theirs *books, s slip) {
	i := theirs.intents[s.Intent]
	if i.AmountReceived != s.Captured || i.AmountCapturable != s.Held {
		b.note(&b.off, "%s of order %s has %d held and %d captured, at Stripe it is %d and %d", s.ID, s.Order, s.Held, s.Captured, i.AmountCapturable, i.AmountReceived)
	}
	if s.Status != ledger.PaymentFailed && theirs.over(s) == s.Status.Live() {
		b.note(&b.off, "%s of order %s is %s, at Stripe it is %q and %q", s.ID, s.Order, s.Status, theirs.sessions[s.Session].Status, i.Status)
	}
	if (s.Of == ledger.Fulfilled || s.Of == ledger.Completed) && s.Captured > 0 && i.AmountReceived < s.Due {
		b.note(&b.unpaid, "order %s is %s, and %d of %d are paid", s.Order, s.Of, i.AmountReceived, s.Due)
	}
	back := theirs.back(s.Intent)
	if back != s.Refunded {
		b.note(&b.off, "%s of order %s has %d refunded, at Stripe it is %d", s.ID, s.Order, s.Refunded, back)
	}
	if back > i.AmountReceived {
		b.note(&b.over, "of order %s %d of %d were refunded", s.Order, back, i.AmountReceived)
	}
	for _, c := range theirs.charged[s.Intent] {
		fee := theirs.transactions[c.BalanceTransaction].Fee
		if c.Captured && c.BalanceTransaction != "" && (s.Fee == nil || *s.Fee != fee) {
			b.note(&b.off, "%s of order %s has another fee than %d", s.ID, s.Order, fee)
		}
	}
	disputes, answers := theirs.contested[s.Intent], 0
	for _, d := range disputes {
		answers += d.EvidenceDetails.SubmissionCount
	}
	if len(disputes) != s.Disputes || answers != s.Submissions {
		b.note(&b.lost, "%s of order %s has %d disputes and %d answers, at Stripe it has %d and %d", s.ID, s.Order, s.Disputes, s.Submissions, len(disputes), answers)
	}
}

// over tells that no money can come of a payment any more, or it has come. A debit that has
// failed leaves a session that is complete, which nobody can pay any more.
func (t *books) over(s slip) bool {
	intent, session := t.intents[s.Intent].Status, t.sessions[s.Session].Status
	return intent == "succeeded" || intent == "canceled" || session == "expired" || session == "complete" && intent == "requires_payment_method"
}

// back is what was given back of an intent.
func (t *books) back(intent string) (sum int64) {
	for _, r := range t.returned[intent] {
		if r.Status == "succeeded" {
			sum += r.Amount
		}
	}
	return sum
}

// made: whatever Golive has made at Stripe it knows of, and nothing twice.
func (b *bill) made(theirs *books, known map[string]slip) {
	sessions, intents := map[string]int{}, map[string]int{}
	for _, e := range theirs.sessions {
		sessions[e.Metadata[ledger.StampPayment]]++
		if known[e.Metadata[ledger.StampPayment]].Session != e.ID {
			b.note(&b.lost, "no payment knows of %s", e.ID)
		}
	}
	for _, e := range theirs.intents {
		intents[e.Metadata[ledger.StampPayment]]++
		if known[e.Metadata[ledger.StampPayment]].Intent != e.ID {
			b.note(&b.lost, "no payment knows of %s", e.ID)
		}
	}
	for id, s := range known {
		if sessions[id] > 1 || intents[id] > 1 {
			b.note(&b.doubled, "%s of order %s has %d sessions and %d intents", id, s.Order, sessions[id], intents[id])
		}
		if s.Status != ledger.PaymentFailed && sessions[id]+intents[id] == 0 {
			b.note(&b.lost, "nothing is at Stripe of %s of order %s", id, s.Order)
		}
	}
}

// once: nobody has paid twice, or got back more than was granted.
func (b *bill) once(theirs *books) {
	charges, refunds, stamps := map[string]int{}, map[string]int{}, map[string]int{}
	for _, c := range theirs.charges {
		if c.Captured {
			charges[c.Metadata[ledger.StampOrder]]++
		}
	}
	for _, r := range theirs.refunds {
		if stamp := r.Metadata[ledger.StampRefund]; stamp != "" {
			stamps[stamp]++
			refunds[r.Metadata[ledger.StampOrder]]++
		}
	}
	for order, n := range charges {
		if n > 1 {
			b.note(&b.doubled, "order %s was charged %d times", order, n)
		}
	}
	for stamp, n := range stamps {
		if n > 1 {
			b.note(&b.doubled, "refund %s was given %d times", stamp, n)
		}
	}
	for order, n := range refunds {
		if granted := b.refunds[order]; n > granted {
			b.note(&b.doubled, "of order %s %d refunds were given, and %d granted", order, n, granted)
		}
		b.refunds[order] -= n
	}
	for _, d := range theirs.disputes {
		if d.EvidenceDetails.SubmissionCount > 1 {
			b.note(&b.doubled, "dispute %s was answered %d times", d.ID, d.EvidenceDetails.SubmissionCount)
		}
	}
}

// balance: each movement of the balance is there as Stripe booked it.
func (b *bill) balance(ctx context.Context, t *till, theirs *books) error {
	type row struct {
		ID               string
		Amount, Fee, Net int64
		Currency         string
	}
	rows, err := postgres.All(ctx, t.pool, pgx.RowToStructByPos[row], `SELECT stripe_id, amount, fee, net, currency FROM balance_transactions WHERE tenant_id = $1`, t.tenant.ID)
	if err != nil {
		return err
	}
	if len(rows) != len(theirs.transactions) {
		b.note(&b.off, "%d balance transactions of %d", len(rows), len(theirs.transactions))
	}
	for _, r := range rows {
		if e := theirs.transactions[r.ID]; e.Amount != r.Amount || e.Fee != r.Fee || e.Net != r.Net || e.Currency != r.Currency {
			b.note(&b.off, "%+v differs from %+v", r, e)
			continue
		}
		b.transactions++
	}
	return nil
}
