package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/golive-hq/golive/internal/postgres"
)

const (
	// pageEvents come so many a second while somebody uses the page.
	pageEvents = 50
	// pageClicks are go-lives that are begun by a click.
	pageClicks = 20
)

// pageFigures measures what people wait for on the page, in Chromium.
func pageFigures(ctx context.Context, s *stack, r *report) error {
	if err := eventFigures(ctx, s, r); err != nil {
		return fmt.Errorf("events: %w", err)
	}
	if err := s.staffed(ctx, func() error { return clickFigures(ctx, s, r) }); err != nil {
		return fmt.Errorf("clicks: %w", err)
	}
	return nil
}

// eventFigures shows a deployment that is written of, before there is a worker.
func eventFigures(ctx context.Context, s *stack, r *report) error {
	shops, err := s.openShops(ctx, 1)
	if err != nil {
		return err
	}
	id, err := shops[0].goLive(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var beside sync.WaitGroup
	defer beside.Wait()
	defer cancel()
	notifier := postgres.NewNotifier(s.pool, slog.New(slog.DiscardHandler))
	beside.Go(func() { notifier.Run(ctx) })
	d := &deliveries{committed: map[string]time.Time{}}
	var writing sync.WaitGroup
	var failed error
	seen, err := shops[0].browser(ctx, "events", []string{shops[0].productID}, id, func() {
		writing.Go(func() { failed = s.writeEvents(ctx, 8*pageEvents, pageEvents, []string{id}, d, notifier) })
	})
	writing.Wait()
	if err != nil || failed != nil {
		return fmt.Errorf("%w, %w", err, failed)
	}
	pixels := seen.since(d.committed)
	if len(pixels) < pageEvents {
		return fmt.Errorf("the page showed %d of %d events", len(pixels), 8*pageEvents)
	}
	r.add(fmt.Sprintf("event commit to pixel, p95 at %d/s (%d shown)", pageEvents, len(pixels)), quantile(pixels, 0.95), 100*time.Millisecond, "two frames 33.3 ms")
	r.add(fmt.Sprintf("interaction to next paint at %d events/s, the slowest of %d", pageEvents, len(seen.figures["inp"])),
		quantile(seen.figures["inp"], 1), 100*time.Millisecond, "one frame 16.7 ms")
	return nil
}

// since pairs what was shown with its commit.
func (b *browsed) since(committed map[string]time.Time) (took []time.Duration) {
	for message, at := range b.shown {
		if began, known := committed[message]; known {
			took = append(took, at.Sub(began))
		}
	}
	return took
}

// clickFigures goes live with many products by clicks, and then looks at how views load.
func clickFigures(ctx context.Context, s *stack, r *report) error {
	sh, err := s.openShop(ctx, clickedProducts())
	if err != nil {
		return err
	}
	ids, err := sh.products(ctx)
	if err != nil {
		return err
	}
	seen, err := sh.browser(ctx, "clicks,loads,audits", ids, "", nil)
	if err != nil {
		return err
	}
	r.add(fmt.Sprintf("click to the first sign of progress, p95 of %d", pageClicks), quantile(seen.figures["click"], 0.95), 200*time.Millisecond, "two frames 33.3 ms")
	for _, view := range []string{"products", "product"} {
		r.add("largest contentful paint of "+view, quantile(seen.figures["lcp "+view], 0.5), time.Second, "loopback")
		r.addCount("layout shift of "+view+", in thousandths", int(slices.Max(seen.figures["cls "+view])), 20, "0")
		for category, most := range map[string]int{"performance": 10, "accessibility": 0, "best-practices": 0} {
			score := int(quantile(seen.figures[category+" "+view], 0.5) / time.Millisecond)
			r.addCount("Lighthouse, points off 100 in "+category+" of "+view, 100-score, most, "0")
		}
	}
	return nil
}

func clickedProducts() string {
	var products, prices []string
	for i := range pageClicks {
		products = append(products, fmt.Sprintf(`{"id": "prod_%02d", "name": "Product %d", "description": "Measured."}`, i, i))
		for j := range 2 {
			prices = append(prices, fmt.Sprintf(`{"id": "price_%02d_%d", "product": "prod_%02d", "currency": "usd", "unit_amount": %d}`, i, j, i, 1000+10*i+j))
		}
	}
	return fmt.Sprintf(`{"products": [%s], "prices": [%s]}`, strings.Join(products, ","), strings.Join(prices, ","))
}

// scrollFigure scrolls over a thousand rows of a large business.
func (s *shop) scrollFigure(ctx context.Context, r *report) error {
	seen, err := s.browser(ctx, "scrolls", []string{s.productID}, "", nil)
	if err != nil {
		return err
	}
	if seen.rows < 1000 {
		return fmt.Errorf("%d rows were scrolled over, of at least 1000", seen.rows)
	}
	r.add(fmt.Sprintf("longest task while %d rows are scrolled over", seen.rows), quantile(seen.figures["scroll"], 1), 100*time.Millisecond, "below 50 ms none is told")
	return nil
}
