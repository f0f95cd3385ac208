package order_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/stripesim"
)

// crowd are a hundred who want something of an order at once.
const crowd = 100

// race has a crowd do things at once, each as often as the others, and returns by which name how
// many did so without an error. Whoever loses is told so by one of the codes, and nothing else.
func race(t *testing.T, lose []fault.Code, does map[string]func(i int) error) (won map[string]int) {
	t.Helper()
	won = map[string]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for name, do := range does {
		for i := range crowd / len(does) {
			all.Go(func() {
				err := do(i)
				mu.Lock()
				defer mu.Unlock()
				switch code := fault.CodeOf(err); {
				case err == nil:
					won[name]++
				case !slices.Contains(lose, code):
					t.Errorf("%s: %v", name, err)
				}
			})
		}
	}
	all.Wait()
	return won
}

func (st *stack) captures(o *order.Order) func(int) error {
	return func(i int) error {
		_, err := st.Orders.Capture(st.As, order.CaptureInput{OrderID: o.ID, IdempotencyKey: fmt.Sprint("capture-", o.ID, i)})
		return err
	}
}

func (st *stack) cancels(o *order.Order) func(int) error {
	return func(int) error {
		_, err := st.Orders.Cancel(st.As, order.CancelInput{OrderID: o.ID})
		return err
	}
}

func (st *stack) refunds(o *order.Order, amount string) func(int) error {
	return func(i int) error {
		_, _, err := st.Orders.Refund(st.As, order.RefundInput{
			OrderID: o.ID, Amount: &order.Amount{Amount: amount, Currency: "usd"}, IdempotencyKey: fmt.Sprint("refund-", o.ID, i),
		})
		return err
	}
}

// checkouts ask for both flows in turn.
func (st *stack) checkouts(o *order.Order) func(int) error {
	return func(i int) error {
		flow := []ledger.Flow{ledger.Hosted, ledger.Elements}[i%2]
		_, err := st.Orders.StartCheckout(st.As, order.CheckoutInput{OrderID: o.ID, Flow: flow, IdempotencyKey: fmt.Sprint("checkout-", o.ID, i)})
		return err
	}
}

// rings are webhooks.
func (st *stack) rings(t *testing.T, kind inbox.Kind, id string) func(int) error {
	t.Helper()
	return func(int) error {
		st.ring(t, kind, id)
		return nil
	}
}

// settles looks at an order as workers do, until nothing is under way.
func (st *stack) settles(t *testing.T, o *order.Order) *order.Order {
	t.Helper()
	for range 3 {
		st.check(t, o)
	}
	if n := st.one(t, `SELECT count(*) FROM stripe_calls WHERE order_id = $1 AND state = 'SENT'`, o.ID); n != 0 {
		t.Errorf("of %d calls nobody knows how they ended", n)
	}
	return st.look(t, o)
}

// effects is how many writes at a path Stripe carried out, and not only repeated.
func (st *stack) effects(t *testing.T, path string) int {
	t.Helper()
	return len(slices.DeleteFunc(st.posts(t, path), func(r stripesim.Request) bool { return r.Status != http.StatusOK || r.Replayed }))
}

// One of those wins who want to take what is held, and to let it go.
func TestOfAHundredWhoCaptureAndCancelOneWins(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	for range 3 {
		o, p := st.held(t, 1)
		won := race(t, []fault.Code{fault.InvalidState, fault.Unavailable}, map[string]func(int) error{
			"capture": st.captures(o), "cancel": st.cancels(o), "webhook": st.rings(t, inbox.Session, *p.SessionID),
		})
		now := st.settles(t, o)
		switch {
		case now.Status == ledger.Paid && now.Captured == 1850 && won["cancel"] == 0:
		case now.Status == ledger.Cancelled && now.Captured == 0 && now.Authorized == 0 && won["capture"] == 0:
		default:
			t.Errorf("%+v, where %v", now.Order, won)
		}
		if n := st.effects(t, *p.IntentID+"/(capture|cancel)$"); n != 1 {
			t.Errorf("Stripe did %d things", n)
		}
	}
	st.agrees(t)
}

// Someone refunds at Stripe's Dashboard while a hundred refund and cancel here: never more is given
// back than was taken.
func TestRefundsOfManySidesNeverExceedWhatWasPaid(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.paid(t, 1) // 18.50
	p := o.Payments[0]
	var mu sync.Mutex
	dashboard := int64(0)
	race(t, []fault.Code{fault.InvalidState, fault.InvalidInput}, map[string]func(int) error{
		"refund": st.refunds(o, "1"), "cancel": st.cancels(o), "webhook": st.rings(t, inbox.Charge, *p.ChargeID),
		"dashboard": func(i int) error {
			if _, err := st.Stripe.Sim.Refund(*p.ChargeID, 70); err == nil && i >= 0 {
				mu.Lock()
				defer mu.Unlock()
				dashboard += 70
			}
			return nil
		},
	})
	st.ring(t, inbox.Charge, *p.ChargeID)
	now := st.settles(t, o)
	ours := int64(0)
	for _, r := range now.Payments[0].Refunds {
		if r.Source == ledger.SourceOurs && r.Status == ledger.RefundSucceeded {
			ours += r.Amount
		}
	}
	if now.Captured != 1850 || now.Refunded != ours+dashboard || now.Refunded > now.Captured || ours == 0 || dashboard == 0 {
		t.Errorf("of %d, %d is given back, %d of it here and %d there", now.Captured, now.Refunded, ours, dashboard)
	}
	st.agrees(t)
}

// The customer pays while a hundred start checkouts, cancel and refund: the order ends paid or
// cancelled, and nobody pays twice.
func TestAllAtOnceEndsOneWay(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	for range 3 {
		o := st.order(t, st.input(1))
		c := st.checkout(t, o, ledger.Hosted)
		race(t, []fault.Code{fault.InvalidState, fault.InvalidInput, fault.Unavailable}, map[string]func(int) error{
			"checkout": st.checkouts(o), "cancel": st.cancels(o), "refund": st.refunds(o, "2"), "webhook": st.rings(t, inbox.Session, *c.Payment.SessionID),
			"customer": func(int) error {
				_ = st.Stripe.Sim.Pay(*c.Payment.SessionID, stripesim.Card) // who comes too late can't
				return nil
			},
		})
		now := st.settles(t, o)
		taken := 0
		for _, p := range now.Payments {
			if p.Captured > 0 {
				taken++
			}
		}
		switch {
		case now.Status == ledger.Paid && taken == 1 && now.Refunded <= now.Captured:
		case now.Status == ledger.Cancelled && now.Captured == now.Refunded:
		default:
			t.Errorf("%+v with %d payments taken", now.Order, taken)
		}
		if live := now.Live(); live != nil {
			t.Errorf("more may be paid by %+v", live)
		}
	}
	st.agrees(t)
}
