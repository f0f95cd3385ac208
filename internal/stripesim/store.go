package stripesim

import (
	"crypto/rand"
	"encoding/json"
)

// Mode is Stripe's test or live mode.
type Mode string

// The two modes.
const (
	Test Mode = "test"
	Live Mode = "live"
)

func (m Mode) other() Mode {
	if m == Live {
		return Test
	}
	return Live
}

// store holds one mode of one account, guarded by the account's lock.
type store struct {
	products    *collection[product]
	prices      *collection[price]
	byProduct   map[string]*ordered[price]
	byLookupKey map[string]string // lookup key to the id of its holder
	coupons     *collection[coupon]
	webhooks    *collection[webhook]
	events      *collection[event]
	idempotency *idempotency

	intents      *collection[paymentIntent]
	charges      *collection[charge]
	sessions     *collection[session]
	sessionOf    map[string]string // payment intent to its session
	refunds      *collection[refund]
	disputes     *collection[dispute]
	transactions *collection[transaction]
	payouts      *collection[payout]
	agenda       agenda
	deliveries   []*delivery // yet to be made, by time
	sending      map[*delivery]bool
}

func newStore() *store {
	return &store{
		products:    newCollection[product](),
		prices:      newCollection[price](),
		byProduct:   map[string]*ordered[price]{},
		byLookupKey: map[string]string{},
		coupons:     newCollection[coupon](),
		webhooks:    newCollection[webhook](),
		events:      newCollection[event](),
		idempotency: newIdempotency(),

		intents:      newCollection[paymentIntent](),
		charges:      newGrouped(func(c *charge) string { return c.PaymentIntent.id }),
		sessions:     newCollection[session](),
		sessionOf:    map[string]string{},
		refunds:      newGrouped(func(r *refund) string { return r.PaymentIntent.id }),
		disputes:     newGrouped(func(d *dispute) string { return d.Charge.id }),
		transactions: newGrouped(func(t *transaction) string { return t.Source.id }),
		payouts:      newCollection[payout](),
		sending:      map[*delivery]bool{},
	}
}

func (st *store) addPrice(p *price) {
	e := st.prices.add(p.ID, p.Created, p)
	of := st.byProduct[p.Product.id]
	if of == nil {
		of = &ordered[price]{}
		st.byProduct[p.Product.id] = of
	}
	of.insert(e)
	if p.LookupKey != nil {
		st.byLookupKey[*p.LookupKey] = p.ID
	}
}

// replacePrice keeps the lookup keys' index true.
func (st *store) replacePrice(p *price) {
	old, _ := st.prices.get(p.ID)
	if old.LookupKey != nil && st.byLookupKey[*old.LookupKey] == p.ID {
		delete(st.byLookupKey, *old.LookupKey)
	}
	if p.LookupKey != nil {
		st.byLookupKey[*p.LookupKey] = p.ID
	}
	st.prices.replace(p.ID, p)
}

// has reports whether an object of the noun exists, for the hint that an id
// belongs to the other mode.
func (st *store) has(noun, id string) bool {
	of, known := map[string]interface{ holds(id string) bool }{
		nounProduct: st.products, nounPrice: st.prices, nounCoupon: st.coupons, nounWebhook: st.webhooks, nounEvent: st.events,
		nounIntent: st.intents, nounCharge: st.charges, nounSession: st.sessions, nounRefund: st.refunds, nounDispute: st.disputes,
		nounTransaction: st.transactions, nounPayout: st.payouts,
	}[noun]
	return known && of.holds(id)
}

// Nouns as Stripe's error texts spell them.
const (
	nounProduct     = "product"
	nounPrice       = "price"
	nounCoupon      = "coupon"
	nounWebhook     = "webhook endpoint"
	nounEvent       = "event"
	nounIntent      = "payment_intent"
	nounMethod      = "PaymentMethod"
	nounCharge      = "charge"
	nounSession     = "checkout.session"
	nounRefund      = "refund"
	nounDispute     = "dispute"
	nounTransaction = "balance transaction"
	nounPayout      = "payout"
)

const idAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// newID returns the prefix followed by n random letters and digits.
func newID(prefix string, n int) string {
	random := make([]byte, n)
	_, _ = rand.Read(random) // never fails
	for i, b := range random {
		random[i] = idAlphabet[int(b)%len(idAlphabet)]
	}
	return prefix + string(random)
}

// ref is an id that expansion replaces by the whole object; empty is null.
type ref struct {
	id     string
	object any
}

func (r ref) MarshalJSON() ([]byte, error) {
	switch {
	case r.object != nil:
		return json.Marshal(r.object)
	case r.id == "":
		return []byte("null"), nil
	default:
		return json.Marshal(r.id)
	}
}

// UnmarshalJSON takes an id or an expanded object, of which it keeps the id.
func (r *ref) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '{' {
		var object struct {
			ID string `json:"id"`
		}
		err := json.Unmarshal(data, &object)
		r.id = object.ID
		return err
	}
	return json.Unmarshal(data, &r.id)
}
