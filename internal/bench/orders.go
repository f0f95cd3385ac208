package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"github.com/golive-hq/golive/internal/client"
)

// sold is a catalogue of which orders can be made.
const sold = `{
	"products": [{"id": "prod_bench", "name": "Coffee"}],
	"prices": [{"id": "price_bench", "product": "prod_bench", "currency": "usd", "unit_amount": 1850, "lookup_key": "coffee"}]}`

// openSeller opens a shop that sells in test.
func (s *stack) openSeller(ctx context.Context) (sh *shop, err error) {
	err = s.staffed(ctx, func() error {
		if sh, err = s.openShop(ctx, sold); err != nil {
			return err
		}
		_, err = client.Mutate[struct{}](ctx, sh.as, "enablePayments", map[string]any{"tenantId": sh.tenantID, "mode": "TEST"}, "")
		return err
	})
	return sh, err
}

// order makes one in test and returns its id.
func (s *shop) order(ctx context.Context, key, email string) (string, error) {
	type made struct{ Order struct{ ID string } }
	o, err := client.Mutate[made](ctx, s.as, "createOrder", map[string]any{
		"tenantId": s.tenantID, "mode": "TEST", "customer": "customer-" + key, "email": email, "idempotencyKey": key,
		"lines": []map[string]any{{"lookupKey": "coffee", "quantity": 1}},
	}, "order { id }")
	return o.Order.ID, err
}

// checkout lets an order be paid and returns the session.
func (s *shop) checkout(ctx context.Context, orderID string) (string, error) {
	type started struct {
		Payment struct{ StripeSessionID string }
	}
	c, err := client.Mutate[started](ctx, s.as, "startCheckout", map[string]any{"orderId": orderID, "idempotencyKey": "bench"}, "payment { stripeSessionId }")
	return c.Payment.StripeSessionID, err
}

// pay does what a customer does on Stripe's page.
func (s *stack) pay(ctx context.Context, session string) error {
	b, err := json.Marshal(map[string]string{"id": session, "method": "pm_card_visa"})
	if err != nil {
		return err
	}
	_, err = request(ctx, http.MethodPost, s.stripe+"/_sim/pay", "", b)
	return err
}

// addShare is add for what has to reach a share, in percent, of what it is beside.
func (r *report) addShare(name string, got, beside float64, least int, floor string) {
	verdict, share := "ok", int(100*got/beside)
	if share < least {
		verdict, r.met = "MISSED", false
	}
	fmt.Fprintf(os.Stdout, "%-58s %7d %%  at least %5d %%  %-6s  floor: %s\n", name, share, least, verdict, floor)
}

// tell prints a figure that nothing bounds.
func (r *report) tell(name, figure, floor string) {
	fmt.Fprintf(os.Stdout, "%-58s %9s   %-24s  floor: %s\n", name, figure, "", floor)
}
