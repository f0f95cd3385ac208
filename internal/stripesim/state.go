package stripesim

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
)

// State is one mode of one account as raw objects, the oldest first. Prices
// carry their tiers and currency options, as if expanded; webhook endpoints
// carry their secrets.
type State struct {
	Products         []json.RawMessage `json:"products"`
	Prices           []json.RawMessage `json:"prices"`
	Coupons          []json.RawMessage `json:"coupons"`
	WebhookEndpoints []json.RawMessage `json:"webhook_endpoints"`
	PaymentState
}

// Seed adds products and prices; see Add.
func (s *Sim) Seed(accountID string, mode Mode, products, prices []json.RawMessage) error {
	return s.Add(accountID, mode, State{Products: products, Prices: prices})
}

// Add stores the objects as they are, no rules applied, and replaces those
// with the same id. Fields left out get their defaults, livemode is the mode's,
// and a field that Stripe does not have is an error. Order is the order of
// creation where created is equal or left out. No events are made.
func (s *Sim) Add(accountID string, mode Mode, state State) error {
	return s.withStore(accountID, mode, func(a *account, st *store) error {
		return st.add(state, mode, s.Now().Unix())
	})
}

// Load is Add after the mode has been emptied, idempotency keys and events too.
func (s *Sim) Load(accountID string, mode Mode, state State) error {
	return s.withStore(accountID, mode, func(a *account, _ *store) error {
		fresh := newStore()
		if err := fresh.add(state, mode, s.Now().Unix()); err != nil {
			return err
		}
		a.setStore(mode, fresh)
		return nil
	})
}

// Dump returns everything that the mode holds.
func (s *Sim) Dump(accountID string, mode Mode) (State, error) {
	var state State
	err := s.withStore(accountID, mode, func(_ *account, st *store) error {
		state = st.dump()
		return nil
	})
	return state, err
}

func (s *Sim) withStore(accountID string, mode Mode, use func(*account, *store) error) error {
	if mode != Test && mode != Live {
		return fmt.Errorf("stripesim: mode is %q, want test or live", mode)
	}
	a, err := s.account(accountID)
	if err != nil {
		return err
	}
	defer s.saver.changed()
	a.mu.Lock()
	defer a.mu.Unlock()
	return use(a, a.store(mode))
}

func (a *account) setStore(mode Mode, st *store) {
	if mode == Live {
		a.live = st
	} else {
		a.test = st
	}
}

func (st *store) dump() State {
	return State{
		Products: rawAll(st.products, func(p *product) any { return p }),
		Prices: rawAll(st.prices, func(p *price) any {
			full := *p
			full.CurrencyOptions = p.allCurrencies(p.everyTier())
			return full
		}),
		Coupons:          rawAll(st.coupons, func(c *coupon) any { return c }),
		WebhookEndpoints: rawAll(st.webhooks, func(w *webhook) any { return w }),
		PaymentState:     st.dumpPayments(),
	}
}

// everyTier expands the tiers of every currency.
func (p *price) everyTier() expansion {
	x := expansion{p.Currency: {"tiers": nil}}
	for currency := range p.CurrencyOptions {
		x[currency] = expansion{"tiers": nil}
	}
	return x
}

func rawAll[T any](c *collection[T], full func(*T) any) []json.RawMessage {
	all := make([]json.RawMessage, 0, len(c.all))
	for _, e := range c.all {
		all = append(all, encode(full(e.value)))
	}
	return all
}

func (st *store) add(state State, mode Mode, now int64) error {
	live := mode == Live
	for _, raw := range state.Products {
		if err := st.addRawProduct(raw, live, now); err != nil {
			return fmt.Errorf("stripesim: product %.60s: %w", raw, err)
		}
	}
	for _, raw := range state.Prices {
		if err := st.addRawPrice(raw, live, now); err != nil {
			return fmt.Errorf("stripesim: price %.60s: %w", raw, err)
		}
	}
	for _, raw := range state.Coupons {
		c := &coupon{Object: "coupon", Created: now, Duration: "once", CurrencyOptions: map[string]couponOption{}, Metadata: map[string]string{}}
		if err := unmarshal(raw, c); err != nil {
			return fmt.Errorf("stripesim: coupon %.60s: %w", raw, err)
		}
		c.Livemode = live
		put(st.coupons, c.ID, c.Created, c)
	}
	for _, raw := range state.WebhookEndpoints {
		w := &webhook{ID: newID("we_1", 23), Object: "webhook_endpoint", Created: now, Metadata: map[string]string{}, Status: "enabled"}
		if err := unmarshal(raw, w); err != nil {
			return fmt.Errorf("stripesim: webhook endpoint %.60s: %w", raw, err)
		}
		w.Livemode = live
		put(st.webhooks, w.ID, w.Created, w)
	}
	return st.addPayments(state.PaymentState)
}

// unmarshal refuses fields that Stripe's objects don't have.
func unmarshal(raw json.RawMessage, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

func put[T any](c *collection[T], id string, created int64, value *T) {
	if _, exists := c.get(id); exists {
		c.remove(id)
	}
	c.add(id, created, value)
}

func (st *store) addRawProduct(raw json.RawMessage, live bool, now int64) error {
	p := &product{ID: newID("prod_", 14), Object: "product", Active: true, Created: now}
	if err := unmarshal(raw, p); err != nil {
		return err
	}
	p.Livemode = live
	if p.Updated == 0 {
		p.Updated = p.Created
	}
	if p.Features == nil {
		p.Features = []feature{}
	}
	if p.Images == nil {
		p.Images = []string{}
	}
	if p.Metadata == nil {
		p.Metadata = map[string]string{}
	}
	put(st.products, p.ID, p.Created, p)
	return nil
}

func (st *store) addRawPrice(raw json.RawMessage, live bool, now int64) error {
	p := &price{ID: newID("price_1", 23), Object: "price", Active: true, BillingScheme: "per_unit", Created: now, TaxBehavior: "unspecified"}
	if err := unmarshal(raw, p); err != nil {
		return err
	}
	if _, ok := st.products.get(p.Product.id); !ok {
		return fmt.Errorf("its product %q is not there", p.Product.id)
	}
	p.Livemode = live
	p.Type = "one_time"
	if p.Recurring != nil {
		p.Type = "recurring"
		p.Recurring.complete()
	}
	if p.Metadata == nil {
		p.Metadata = map[string]string{}
	}
	delete(p.CurrencyOptions, p.Currency)
	p.UnitAmount, p.UnitAmountDecimal = completeAmount(p.UnitAmount, p.UnitAmountDecimal)
	completeTiers(p.Tiers)
	for currency, option := range p.CurrencyOptions {
		p.CurrencyOptions[currency] = option.completed()
	}
	if old, exists := st.prices.get(p.ID); exists {
		st.removePrice(old)
	}
	st.addPrice(p)
	return nil
}

func (r *recurring) complete() {
	if r.IntervalCount == 0 {
		r.IntervalCount = 1
	}
	if r.UsageType == "" {
		r.UsageType = "licensed"
	}
}

func (option currencyOption) completed() currencyOption {
	option.UnitAmount, option.UnitAmountDecimal = completeAmount(option.UnitAmount, option.UnitAmountDecimal)
	completeTiers(option.Tiers)
	option.TaxBehavior = cmp.Or(option.TaxBehavior, "unspecified")
	return option
}

func completeTiers(tiers []tier) {
	for i := range tiers {
		t := &tiers[i]
		t.FlatAmount, t.FlatAmountDecimal = completeAmount(t.FlatAmount, t.FlatAmountDecimal)
		t.UnitAmount, t.UnitAmountDecimal = completeAmount(t.UnitAmount, t.UnitAmountDecimal)
	}
}

// completeAmount fills in the half that a hand-written seed left out.
func completeAmount(whole *int64, decimal *string) (*int64, *string) {
	switch {
	case whole != nil && decimal == nil:
		s := fmt.Sprint(*whole)
		return whole, &s
	case whole == nil && decimal != nil:
		return wholeOf(*decimal), decimal
	default:
		return whole, decimal
	}
}

func (st *store) removePrice(p *price) {
	st.byProduct[p.Product.id].remove(st.prices.byID[p.ID])
	st.prices.remove(p.ID)
	if p.LookupKey != nil && st.byLookupKey[*p.LookupKey] == p.ID {
		delete(st.byLookupKey, *p.LookupKey)
	}
}
