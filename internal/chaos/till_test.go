package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/fault"
)

// front is an API that comes back at its address whenever it has died, as Stripe and the
// shops know it by that.
type front struct {
	addr string
	env  []string

	mu sync.Mutex
	p  *process
}

// openFront starts an API at an address of its own. Limits of Stripe's are for others to
// test: one account takes here what many have in the field. more is for its environment alone.
func (s *stack) openFront(t *testing.T, more ...string) *front {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	f := &front{addr: l.Addr().String()}
	must(t, l.Close())
	s.env = append(s.env, "GOLIVE_PUBLIC_URL=http://"+f.addr, "GOLIVE_RATE_TEST=1000", "GOLIVE_RATE_ENDPOINT=1000")
	f.env = append(append(s.env[:len(s.env):len(s.env)], "GOLIVE_ADDR="+f.addr), more...)
	must(t, f.start())
	t.Cleanup(func() { f.process().kill() })
	return f
}

// start starts it, and again where its database was away.
func (f *front) start() error {
	p, err := spawn("api", f.env)
	for again := 60; again > 0 && databaseAway(err); again-- {
		p, err = spawn("api", f.env)
	}
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.p = p
	return nil
}

func (f *front) process() *process {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.p
}

// till is a shop that sells in test mode, by the API.
type till struct {
	*shop
	*client.Client
}

// sell opens a shop, and has it sell.
func (s *stack) sell(ctx context.Context, slug string, at *front) (*till, error) {
	sh, err := s.openWith(ctx, slug, wares())
	if err != nil {
		return nil, err
	}
	t := &till{sh, &client.Client{URL: "http://" + at.addr, Token: sh.token}}
	_, err = t.insist(ctx, "enablePayments", object{"tenantId": sh.tenant.ID, "mode": "TEST"}, "payments { enabled }")
	return t, err
}

// paper is what an answer may hold.
type paper struct {
	Order *struct {
		ID      string
		Version int
	}
	Payment *struct {
		ID, Status                             string
		StripeSessionID, StripePaymentIntentID string
	}
	Refund *struct{ ID, Status, StripeRefundID string }
}

// once asks for something once.
func (t *till) once(ctx context.Context, mutation string, input object, selection string) (paper, error) {
	return client.Mutate[paper](ctx, t.Client, mutation, input, selection)
}

// insist asks for something as often as it takes to learn what came of it, always by the
// same key.
func (t *till) insist(ctx context.Context, mutation string, input object, selection string) (p paper, err error) {
	waited := poll(ctx, func() bool {
		p, err = t.once(ctx, mutation, input, selection)
		return !vague(err)
	})
	if waited != nil {
		return p, fmt.Errorf("%s: %w; %w", mutation, waited, err)
	}
	return p, err
}

// vague tells that an answer leaves it open what came of a request, or that none came.
func vague(err error) bool {
	f := fault.As(err)
	switch {
	case err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return false
	case f == nil:
		return true
	}
	switch f.Code {
	case fault.Unavailable, fault.StripeUnavailable, fault.RateLimited, fault.Internal:
		return true
	}
	return f.Code == fault.InvalidState && strings.HasSuffix(f.Message, "in a moment.")
}

// money are currencies of all kinds: of 2, 0 and 3 decimals, and those of which Stripe
// charges whole coins only.
var money = strings.Fields("usd eur gbp inr brl huf twd czk aud chf jpy krw clp vnd isk ugx bhd jod kwd tnd")

// priceIn is the id of the price in a currency.
func priceIn(currency string) string { return "price_" + currency }

// unitIn is what one costs in the smallest unit: an odd sum, as far as Stripe takes one.
func unitIn(currency string) int64 {
	return map[int]int64{0: 1999, 2: 19999, 3: 19990}[catalog.MinorDigits(currency)] / catalog.ChargeStep(currency) * catalog.ChargeStep(currency)
}

// wares is a product that can be bought in each currency.
func wares() *catalogue {
	c := &catalogue{product: object{"id": productID, "name": "Wares"}}
	for _, currency := range money {
		c.prices = append(c.prices, object{
			"id": priceIn(currency), "product": productID, "currency": currency, "unit_amount": unitIn(currency), "active": true,
		})
	}
	return c
}

// pass moves the clock by which things are due.
func (s *stack) pass(ctx context.Context, while time.Duration) error {
	_, err := s.pool.Exec(ctx, `INSERT INTO clock (clock_offset) VALUES ($1::interval)
		ON CONFLICT (singleton) DO UPDATE SET clock_offset = clock.clock_offset + $1::interval`, while)
	return err
}
