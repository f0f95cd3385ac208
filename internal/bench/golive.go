package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/golive-hq/golive/internal/client"
)

const (
	nearSamples = 15
	// distance is what a call to Stripe takes from most places.
	distance       = 120 * time.Millisecond
	distantSamples = 5
	// waves is the critical path of the calls of a first go-live: what can be read
	// at once, the product, its prices side by side, its default price, and live
	// read back.
	waves = 5
)

// sample is one go-live.
type sample struct {
	toValidating, toEnd time.Duration
	calls               []call
}

// goLiveFigures measures one product with three prices against a Stripe that
// answers at once, beside a plain loop that makes the same calls.
func goLiveFigures(ctx context.Context, s *stack, r *report) error {
	var validating, end, loop []time.Duration
	for range rounds {
		samples, loops, err := s.nearRound(ctx)
		if err != nil {
			return err
		}
		var v, e []time.Duration
		for _, one := range samples {
			v, e = append(v, one.toValidating), append(e, one.toEnd)
		}
		validating, end = append(validating, quantile(v, 0.5)), append(end, quantile(e, 0.5))
		loop = append(loop, quantile(loops, 0.5))
	}
	r.add("goLive commit to the first VALIDATING event, p50", median(validating), 50*time.Millisecond, s.floors.String())
	r.add("goLive sent to the terminal event, 3 prices, 0 ms a call, p50", median(end), 400*time.Millisecond,
		"the same calls in a plain loop "+ms(median(loop)))
	return nil
}

func (s *stack) nearRound(ctx context.Context) (samples []sample, loops []time.Duration, err error) {
	shops, err := s.openShops(ctx, 2*nearSamples)
	if err != nil {
		return nil, nil, err
	}
	for i := range nearSamples {
		one, err := shops[2*i].measure(ctx)
		if err != nil {
			return nil, nil, err
		}
		took, err := shops[2*i+1].repeat(ctx, one.calls)
		if err != nil {
			return nil, nil, fmt.Errorf("plain loop: %w", err)
		}
		samples, loops = append(samples, one), append(loops, took)
	}
	return samples, loops, nil
}

// openShops opens n and waits until what that cost of their limits is forgotten.
func (s *stack) openShops(ctx context.Context, n int) ([]*shop, error) {
	shops := make([]*shop, n)
	err := s.staffed(ctx, func() (err error) {
		for i := 0; i < n && err == nil; i++ {
			shops[i], err = s.openShop(ctx, demoProduct)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	select {
	case <-time.After(time.Second):
		return shops, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// distantFigures measures the same against a Stripe that is far away, where only
// the number of calls in a row counts.
func distantFigures(ctx context.Context, s *stack, r *report) error {
	var end []time.Duration
	var calls []int
	for range rounds {
		shops, err := s.openShops(ctx, distantSamples)
		if err != nil {
			return err
		}
		if err := s.latency(ctx, distance); err != nil {
			return err
		}
		var e []time.Duration
		for _, sh := range shops {
			one, err := sh.measure(ctx)
			if err != nil {
				return err
			}
			e, calls = append(e, one.toEnd), append(calls, len(one.calls))
		}
		end = append(end, quantile(e, 0.5))
		if err := s.latency(ctx, 0); err != nil {
			return err
		}
	}
	path := waves * distance
	r.add(fmt.Sprintf("goLive sent to the terminal event, 3 prices, %v a call, p50", distance), median(end), path*5/4,
		fmt.Sprintf("critical path of %d calls %s", waves, ms(path)))
	r.addCount("calls to Stripe, all checks included", median(calls), 22, "5 of them write")
	return nil
}

func (s *stack) latency(ctx context.Context, d time.Duration) error {
	_, err := request(ctx, http.MethodPut, s.stripe+"/_sim/latency", "", fmt.Appendf(nil, `{"latency": %q}`, d))
	return err
}

// measure takes the shop's product live.
func (s *shop) measure(ctx context.Context) (sample, error) {
	before, err := s.calls(ctx, 0)
	if err != nil {
		return sample{}, err
	}
	var one sample
	var committed time.Time
	sent := time.Now()
	id, err := s.goLive(ctx)
	if err != nil {
		return one, err
	}
	var last client.Event
	err = s.watch(ctx, id, func(e client.Event) bool {
		switch {
		case e.Sequence == 1:
			committed = e.At // a little before the commit: the figure is no better for it
		case e.Status == "VALIDATING" && one.toValidating == 0:
			one.toValidating = e.At.Sub(committed)
		}
		last = e
		return e.Terminal
	})
	one.toEnd = time.Since(sent)
	if err != nil || last.Status != "COMPLETED" {
		return one, fmt.Errorf("the go-live ended %s, %s: %w", last.Status, last.Message, err)
	}
	one.calls, err = s.calls(ctx, before[len(before)-1].Seq)
	return one, err
}

// defaultPrice is the one place where a call names what an earlier one made.
var defaultPrice = regexp.MustCompile(`default_price=price_\w+`)

// repeat makes calls, which were made for another shop, one after another for
// this one, and returns how long that took: no journal, no checks, no safety.
func (s *shop) repeat(ctx context.Context, calls []call) (time.Duration, error) {
	var made struct{ ID string }
	start := time.Now()
	for _, c := range calls {
		key := s.account.TestKey
		if c.Mode == "live" {
			key = s.account.LiveKey
		}
		body := defaultPrice.ReplaceAllString(c.Body, "default_price="+made.ID)
		answer, err := request(ctx, c.Method, s.stripe+c.Path+"?"+c.Query, key, []byte(body))
		if err != nil && c.Method != http.MethodGet { // in live there is nothing to read yet
			return 0, err
		}
		if c.Path == "/v1/prices" && strings.Contains(c.Body, "lookup_key=a&") {
			if err := json.Unmarshal(answer, &made); err != nil {
				return 0, err
			}
		}
	}
	return time.Since(start), nil
}
