package ledger

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Seen is what Stripe lists of the payments of some days, and what it was asked for by id.
type Seen struct {
	Intents  []Intent
	Refunds  []StripeRefund
	Disputes []StripeDispute
	// Absent are ids of intents that Stripe was asked for and doesn't have.
	Absent []string
}

// DifferenceKind says in what Stripe and Golive differ.
type DifferenceKind string

// The kinds of differences.
const (
	DiffersMissing  DifferenceKind = "PAYMENT_MISSING" // one of them doesn't have it
	DiffersCaptured DifferenceKind = "CAPTURED"
	DiffersFee      DifferenceKind = "FEE"
	DiffersRefund   DifferenceKind = "REFUND"
	DiffersDispute  DifferenceKind = "DISPUTE"
	DiffersPayout   DifferenceKind = "PAYOUT" // not explained by its transactions
)

// Difference is something in which they do.
type Difference struct {
	Kind DifferenceKind
	// Subject is Stripe's id of what differs.
	Subject string
	// OrderID and PaymentID are "" where Golive has none.
	OrderID, PaymentID string
	// Says is both sides in a sentence.
	Says string
	// AboutAt is when it was made at Stripe.
	AboutAt time.Time
}

// comparison is Stripe's side and ours.
type comparison struct {
	byID, byIntent map[string]*Payment
	found          []Difference
}

// Compare says in what Stripe and Golive differ. ours are all payments that Stripe's lists
// name or that should be in them; those whose payment was created before since may be absent
// there, unless Stripe was asked for them. elsewhere tells of a payment that it is kept for somebody else.
func Compare(ours []*Payment, seen Seen, since time.Time, elsewhere func(paymentID string) bool) []Difference {
	c := &comparison{byID: map[string]*Payment{}, byIntent: map[string]*Payment{}}
	for _, p := range ours {
		c.byID[p.ID] = p
		if p.IntentID != nil {
			c.byIntent[*p.IntentID] = p
		}
	}
	listed := map[string]bool{}
	for i := range seen.Intents {
		listed[seen.Intents[i].ID] = true
		c.intent(&seen.Intents[i], elsewhere)
	}
	for _, p := range ours {
		if p.Captured > 0 && p.IntentID != nil && !listed[*p.IntentID] && (p.CreatedAt.After(since) || slices.Contains(seen.Absent, *p.IntentID)) {
			c.differ(p, DiffersMissing, *p.IntentID, p.CreatedAt, "Golive has the payment %s, which Stripe doesn't list.", *p.IntentID)
		}
	}
	for i := range seen.Refunds {
		c.refund(&seen.Refunds[i])
	}
	for i := range seen.Disputes {
		c.dispute(&seen.Disputes[i])
	}
	return c.found
}

func (c *comparison) differ(p *Payment, kind DifferenceKind, subject string, at time.Time, says string, args ...any) {
	d := Difference{Kind: kind, Subject: subject, Says: fmt.Sprintf(says, args...), AboutAt: at}
	if p != nil {
		d.OrderID, d.PaymentID = p.OrderID, p.ID
	}
	c.found = append(c.found, d)
}

func (c *comparison) intent(i *Intent, elsewhere func(string) bool) {
	stamp, at := i.Metadata[StampPayment], time.Unix(i.Created, 0).UTC()
	p := c.byID[stamp]
	switch {
	case p == nil && (stamp == "" || elsewhere(stamp)):
		return
	case p == nil:
		c.differ(nil, DiffersMissing, i.ID, at, "Stripe has the payment %s, which is stamped as Golive's but isn't in Golive.", i.ID)
		return
	}
	captured, charge := i.AmountReceived, i.LatestCharge.Object
	if charge != nil && charge.Status == "succeeded" {
		captured = charge.AmountCaptured
	}
	if captured != p.Captured {
		c.differ(p, DiffersCaptured, i.ID, at, "Of the payment %s, Stripe captured %s and Golive knows of %s.", i.ID, Words(captured, i.Currency), Words(p.Captured, p.Currency))
	}
	if charge == nil || charge.BalanceTransaction.Object == nil || p.Fee == nil {
		return
	}
	if fees := charge.BalanceTransaction.Object; fees.Fee != *p.Fee || fees.Currency != or(p.FeeCurrency) {
		c.differ(p, DiffersFee, i.ID, at, "For the payment %s, Stripe took a fee of %s and Golive knows of %s.", i.ID, Words(fees.Fee, fees.Currency), Words(*p.Fee, or(p.FeeCurrency)))
	}
}

// refund compares one of a payment of ours; others are none of ours.
func (c *comparison) refund(s *StripeRefund) {
	p := c.byIntent[s.PaymentIntent]
	if p == nil {
		return
	}
	theirs := strings.ToLower(string(RefundStatusOf(s.Status)))
	at := time.Unix(s.Created, 0).UTC()
	switch r := p.refund(*s); {
	case r == nil:
		c.differ(p, DiffersRefund, s.ID, at, "Stripe has the refund %s of %s (%s), which Golive doesn't know of.", s.ID, Words(s.Amount, s.Currency), theirs)
	case r.Amount != s.Amount || r.Status != RefundStatusOf(s.Status):
		c.differ(p, DiffersRefund, s.ID, at, "The refund %s is %s (%s) at Stripe and %s (%s) in Golive.",
			s.ID, Words(s.Amount, s.Currency), theirs, Words(r.Amount, r.Currency), strings.ToLower(string(r.Status)))
	}
}

func (c *comparison) dispute(s *StripeDispute) {
	p := c.byIntent[s.PaymentIntent]
	if p == nil {
		return
	}
	at := time.Unix(s.Created, 0).UTC()
	switch d := p.dispute(s.ID); {
	case d == nil:
		c.differ(p, DiffersDispute, s.ID, at, "Stripe has the dispute %s over %s (%s), which Golive doesn't know of.", s.ID, Words(s.Amount, s.Currency), s.Status)
	case d.Amount != s.Amount || d.Status != DisputeStatus(strings.ToUpper(s.Status)):
		c.differ(p, DiffersDispute, s.ID, at, "The dispute %s is over %s (%s) at Stripe and over %s (%s) in Golive.",
			s.ID, Words(s.Amount, s.Currency), s.Status, Words(d.Amount, d.Currency), strings.ToLower(string(d.Status)))
	}
}

func or(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
