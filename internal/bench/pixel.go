package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"sync"
	"time"

	"github.com/golive-hq/golive/internal/client"
)

const (
	pixelSales = 150
	// pixelPace is how many customers pay in a second.
	pixelPace = 3
)

// pixelFigures measures how soon somebody who watches orders sees that one is paid, from the
// payment on, of which Stripe tells at once; Stripe is far away.
func pixelFigures(ctx context.Context, s *stack, r *report) error {
	sh, err := s.openSeller(ctx)
	if err != nil {
		return err
	}
	sessions, err := sh.sell(ctx, pixelSales)
	if err != nil {
		return err
	}
	if err := errors.Join(s.latency(ctx, distance), s.deliverAtOnce(ctx, 16)); err != nil {
		return err
	}
	before, err := sh.reads(ctx)
	if err != nil {
		return err
	}
	took, err := sh.watchPaid(ctx, sessions)
	if err != nil {
		return err
	}
	if err := s.untilApplied(ctx, sh); err != nil {
		return err
	}
	after, err := sh.reads(ctx)
	if err != nil {
		return err
	}
	r.add(fmt.Sprintf("paid at Stripe to the watcher's socket, %v a call, p99", distance), quantile(took, 0.99), 2*time.Second,
		fmt.Sprintf("one call %v, p50 %s", distance, ms(quantile(took, 0.5))))
	r.addCount(fmt.Sprintf("reads at Stripe for %d checkouts", pixelSales), after-before, 2*pixelSales, "one each")
	return s.latency(ctx, 0)
}

// deliverAtOnce lets Stripe send so many events to an endpoint side by side.
func (s *stack) deliverAtOnce(ctx context.Context, n int) error {
	_, err := request(ctx, http.MethodPut, s.stripe+"/_sim/delivery", "", fmt.Appendf(nil, `{"parallel": %d}`, n))
	return err
}

// sell makes orders that wait to be paid, and returns the orders by their sessions.
func (s *shop) sell(ctx context.Context, n int) (map[string]string, error) {
	sessions := map[string]string{}
	for i := range n {
		id, err := s.order(ctx, fmt.Sprintf("pixel-%d", i), "")
		if err != nil {
			return nil, err
		}
		session, err := s.checkout(ctx, id)
		if err != nil {
			return nil, err
		}
		sessions[session] = id
	}
	return sessions, nil
}

// watchPaid has customers pay, and returns how long it took until each order was seen paid.
func (s *shop) watchPaid(ctx context.Context, sessions map[string]string) ([]time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	type changed struct{ ID, Status string }
	sub, err := client.Subscribe[changed](ctx, s.as, `subscription ($tenant: ID!) { ordersChanged(tenantId: $tenant, mode: TEST) { id status } }`, map[string]any{"tenant": s.tenantID})
	if err != nil {
		return nil, err
	}
	defer sub.Close()
	if err := until(ctx, time.Now().Add(time.Second)); err != nil { // the subscription has begun
		return nil, err
	}
	sales := &sales{paid: map[string]time.Time{}}
	failed := make(chan error, 1)
	go func() { failed <- s.customers(ctx, sessions, sales) }()
	var took []time.Duration
	for len(took) < len(sessions) {
		c, err := sub.Next(ctx)
		if err != nil || c == nil {
			return nil, fmt.Errorf("%d of %d orders were seen paid: %w", len(took), len(sessions), err)
		}
		if c.Status != "PAID" {
			continue
		}
		if at, first := sales.seen(c.ID); first {
			took = append(took, time.Since(at))
		}
	}
	return took, <-failed
}

// sales are when orders were paid, until that is seen.
type sales struct {
	mu   sync.Mutex
	paid map[string]time.Time
}

func (s *sales) pays(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paid[id] = time.Now()
}

// seen tells when an order was paid, the first time that somebody asks.
func (s *sales) seen(id string) (at time.Time, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, first = s.paid[id]
	delete(s.paid, id)
	return at, first
}

// customers pay one after another, at their pace.
func (s *shop) customers(ctx context.Context, sessions map[string]string, sales *sales) error {
	next := time.Now()
	for session, id := range sessions {
		if err := until(ctx, next); err != nil {
			return err
		}
		next = next.Add(time.Second / pixelPace)
		sales.pays(id)
		if err := s.pay(ctx, session); err != nil {
			return err
		}
	}
	return nil
}

var aboutPayments = regexp.MustCompile(`^/v1/(checkout/sessions|payment_intents|charges|refunds|disputes|balance_transactions)`)

// reads are how often the shop's account was asked about payments.
func (s *shop) reads(ctx context.Context) (n int, err error) {
	calls, err := s.calls(ctx, 0)
	for _, c := range calls {
		if c.Method == http.MethodGet && aboutPayments.MatchString(c.Path) {
			n++
		}
	}
	return n, err
}

// untilApplied waits until what Stripe told of a shop has been read.
func (s *stack) untilApplied(ctx context.Context, sh *shop) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		var open int
		err := s.pool.QueryRow(ctx, `SELECT count(*) FROM stripe_events WHERE tenant_id = $1 AND status = 'RECEIVED'`, sh.tenantID).Scan(&open)
		if err != nil || open == 0 {
			return err
		}
		if err := until(ctx, time.Now().Add(100*time.Millisecond)); err != nil {
			return fmt.Errorf("%d events are not applied: %w", open, err)
		}
	}
}
