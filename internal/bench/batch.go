package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/postgres"
)

const (
	batchProducts = 50
	batchPrices   = 3 * batchProducts
	// stripesLimit is what Stripe lets each endpoint do in a second.
	stripesLimit = 25
)

// batchFigures measures a batch of go-lives of one account, by two workers, at
// Stripe's limits: first with everything to create, then with nothing to change.
func batchFigures(ctx context.Context, s *stack, r *report) error {
	if err := errors.Join(s.startWorker(ctx), s.limit(ctx, stripesLimit), s.latency(ctx, distance)); err != nil {
		return err
	}
	var first, again []time.Duration
	for range rounds {
		sh, err := s.openBatch(ctx)
		if err != nil {
			return err
		}
		for _, pass := range []struct {
			took   *[]time.Duration
			writes int
		}{{&first, batchProducts + batchPrices}, {&again, 0}} {
			took, err := sh.goLiveWithAll(ctx, pass.writes)
			if err != nil {
				return err
			}
			*pass.took = append(*pass.took, took)
		}
	}
	r.add(fmt.Sprintf("%d go-lives, %d prices, %v a call, to the last COMPLETED", batchProducts, batchPrices, distance), median(first),
		7200*time.Millisecond, fmt.Sprintf("%d creates at Stripe's limit of %d a second %s", batchPrices, stripesLimit, ms(batchPrices*time.Second/stripesLimit)))
	r.add("the same again, with nothing to change", median(again), 1500*time.Millisecond, "no call at all, and so no proof")
	return errors.Join(s.limit(ctx, 0), s.latency(ctx, 0))
}

// limit sets the requests per second that each endpoint allows; 0 is any number.
func (s *stack) limit(ctx context.Context, perEndpoint int) error {
	_, err := request(ctx, http.MethodPut, s.stripe+"/_sim/limits", "", fmt.Appendf(nil, `{"per_endpoint_rps": %d}`, perEndpoint))
	return err
}

// openBatch opens a shop with many products, within the limits.
func (s *stack) openBatch(ctx context.Context) (*shop, error) {
	var products, prices []string
	for i := range batchProducts {
		products = append(products, fmt.Sprintf(`{"id": "prod_%02d", "name": "Product %d", "metadata": {"tier": "%d"}}`, i, i, i))
		for j, months := range []int{1, 3, 6} {
			prices = append(prices, fmt.Sprintf(`{"id": "price_%02d_%d", "product": "prod_%02d", "currency": "usd", "unit_amount": %d,
				"lookup_key": "key_%02d_%d", "recurring": {"interval": "month", "interval_count": %d}}`, i, j, i, 1000+10*i+j, i, j, months))
		}
	}
	return s.openShop(ctx, fmt.Sprintf(`{"products": [%s], "prices": [%s]}`, strings.Join(products, ","), strings.Join(prices, ",")))
}

// goLiveWithAll takes all products live, each in a deployment of its own, and
// returns how long that took. It fails where one did not complete, where Stripe's
// limit refused more than one call in fifty, and where there were more or fewer writes.
func (s *shop) goLiveWithAll(ctx context.Context, writes int) (time.Duration, error) {
	ids, err := s.products(ctx)
	if err != nil {
		return 0, err
	}
	before, err := s.calls(ctx, 0)
	if err != nil {
		return 0, err
	}
	start := time.Now()
	all, watching := errgroup.WithContext(ctx)
	for _, id := range ids {
		all.Go(func() error { return s.complete(watching, id) })
	}
	if err := all.Wait(); err != nil {
		return 0, err
	}
	took := time.Since(start)
	made, err := s.calls(ctx, before[len(before)-1].Seq)
	if err != nil {
		return 0, err
	}
	return took, judge(made, writes)
}

// products are the ids of all that the shop sells.
func (s *shop) products(ctx context.Context) ([]string, error) {
	return postgres.All(ctx, s.pool, pgx.RowTo[string],
		`SELECT p.id::text FROM products p JOIN tenants t ON t.id = p.tenant_id WHERE t.slug = $1`, s.slug)
}

// complete takes one product live.
func (s *shop) complete(ctx context.Context, productID string) error {
	one := *s
	one.productID = productID
	id, err := one.goLive(ctx)
	if err != nil {
		return err
	}
	var last client.Event
	err = one.watch(ctx, id, func(e client.Event) bool { last = e; return e.Terminal })
	if err != nil || last.Status != "COMPLETED" {
		return fmt.Errorf("a go-live ended %s, %s: %w", last.Status, last.Message, err)
	}
	return nil
}

func judge(calls []call, writes int) error {
	refused, wrote := 0, 0
	for _, c := range calls {
		switch {
		case c.Status == http.StatusTooManyRequests:
			refused++
		case c.Method == http.MethodPost:
			wrote++
		}
	}
	if refused*50 > len(calls) || wrote != writes {
		return fmt.Errorf("%d of %d calls refused for their rate, %d writes instead of %d", refused, len(calls), wrote, writes)
	}
	return nil
}
