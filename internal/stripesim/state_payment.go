package stripesim

import (
	"encoding/json"
	"fmt"
)

// PaymentState is the part of State that payments are. Objects carry what Stripe keeps to
// itself in members that begin with an underscore.
type PaymentState struct {
	PaymentIntents      []json.RawMessage `json:"payment_intents,omitempty"`
	Charges             []json.RawMessage `json:"charges,omitempty"`
	CheckoutSessions    []json.RawMessage `json:"checkout_sessions,omitempty"`
	Refunds             []json.RawMessage `json:"refunds,omitempty"`
	Disputes            []json.RawMessage `json:"disputes,omitempty"`
	BalanceTransactions []json.RawMessage `json:"balance_transactions,omitempty"`
	Payouts             []json.RawMessage `json:"payouts,omitempty"`
	// Agenda is what will happen by itself.
	Agenda []json.RawMessage `json:"agenda,omitempty"`
}

func (st *store) dumpPayments() PaymentState {
	return PaymentState{
		PaymentIntents: whole(st.intents), Charges: whole(st.charges), CheckoutSessions: whole(st.sessions),
		Refunds: whole(st.refunds), Disputes: whole(st.disputes), BalanceTransactions: whole(st.transactions),
		Payouts: whole(st.payouts), Agenda: rawSlice(st.agenda),
	}
}

func whole[T any](c *collection[T]) []json.RawMessage {
	return rawAll(c, func(v *T) any { return *v })
}

func rawSlice[T any](all []T) []json.RawMessage {
	raw := make([]json.RawMessage, 0, len(all))
	for _, each := range all {
		raw = append(raw, encode(each))
	}
	return raw
}

func (st *store) addPayments(state PaymentState) error {
	for _, add := range []func() error{
		func() error {
			return addWhole(st.intents, state.PaymentIntents, func(pi *paymentIntent) (string, int64) { return pi.ID, pi.Created })
		},
		func() error {
			return addWhole(st.charges, state.Charges, func(c *charge) (string, int64) { return c.ID, c.Created })
		},
		func() error {
			return addWhole(st.sessions, state.CheckoutSessions, func(s *session) (string, int64) {
				if s.PaymentIntent.id != "" {
					st.sessionOf[s.PaymentIntent.id] = s.ID
				}
				return s.ID, s.Created
			})
		},
		func() error {
			return addWhole(st.refunds, state.Refunds, func(r *refund) (string, int64) { return r.ID, r.Created })
		},
		func() error {
			return addWhole(st.disputes, state.Disputes, func(d *dispute) (string, int64) { return d.ID, d.Created })
		},
		func() error {
			return addWhole(st.transactions, state.BalanceTransactions, func(t *transaction) (string, int64) { return t.ID, t.Created })
		},
		func() error {
			return addWhole(st.payouts, state.Payouts, func(p *payout) (string, int64) { return p.ID, p.Created })
		},
	} {
		if err := add(); err != nil {
			return err
		}
	}
	for _, raw := range state.Agenda {
		var a appointment
		if err := unmarshal(raw, &a); err != nil {
			return fmt.Errorf("stripesim: agenda %.60s: %w", raw, err)
		}
		st.agenda.plan(a)
	}
	return nil
}

// addWhole stores objects that carry all of their fields.
func addWhole[T any](c *collection[T], all []json.RawMessage, key func(*T) (id string, created int64)) error {
	for _, raw := range all {
		v := new(T)
		if err := unmarshal(raw, v); err != nil {
			return fmt.Errorf("stripesim: %.60s: %w", raw, err)
		}
		id, created := key(v)
		put(c, id, created, v)
	}
	return nil
}
