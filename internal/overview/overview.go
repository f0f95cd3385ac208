// Package overview shows what stands of products in test and in live, and what has changed
// in test since, without a question to Stripe.
package overview

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/product"
)

// InMode is a product as it stands in one mode.
type InMode struct {
	Name   string
	Active bool
	// Price is what the default price costs, or else the only one for sale; nil where
	// there is none of a fixed amount.
	Price *catalog.Money
	// Prices counts those for sale.
	Prices int
	// Interval and IntervalCount are those of Price, nil where it is paid once.
	Interval      *string
	IntervalCount *int
	// AsOf is when that was seen.
	AsOf time.Time
}

// Overview is what is known of one product.
type Overview struct {
	*product.Contents
	// InTest and InLive are nil where the product is not there.
	InTest, InLive *InMode
	// Known is nil where nothing ever went live.
	Known *Known
}

// Service reads overviews.
type Service struct{ Products *product.Service }

// Of returns the overviews of those products among ids that the actor may see, by id.
func (s *Service) Of(ctx context.Context, ids []string) (map[string]*Overview, error) {
	contents, err := s.Products.ContentsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]*Overview, len(contents))
	for id, c := range contents {
		o := &Overview{Contents: c}
		if c.GoneAt == nil {
			o.InTest = inMode(c.Test, c.ImportedAt)
		}
		if err := o.compare(); err != nil {
			return nil, fmt.Errorf("read what is in live of %s: %w", id, err)
		}
		out[id] = o
	}
	return out, nil
}

func inMode(s *catalog.Snapshot, asOf time.Time) *InMode {
	forSale := s.ActivePrices()
	m := &InMode{Name: s.Product.Name, Active: s.Product.Active, Prices: len(forSale), AsOf: asOf}
	i := slices.IndexFunc(forSale, func(p catalog.Price) bool { return p.ID == s.Product.DefaultPrice })
	if len(forSale) == 1 {
		i = 0
	}
	if i < 0 {
		return m
	}
	m.Price = forSale[i].Amount()
	if r := forSale[i].Recurring; r != nil {
		count := int(r.IntervalCount)
		m.Interval, m.IntervalCount = &r.Interval, &count
	}
	return m
}

// compare adds live as it was seen last, or else as the last deployment left it, and what
// has changed in test since the latter.
func (o *Overview) compare() error {
	left, at, err := lastLeft(o.Contents)
	if err != nil {
		return err
	}
	if left != nil && o.LiveProductID != nil {
		o.InLive, o.Known = inMode(left, at), o.since(left)
	}
	if o.Seen == nil {
		return nil
	}
	var seen *catalog.Snapshot
	if err := json.Unmarshal(o.Seen, &seen); err != nil {
		return err
	}
	if o.InLive = nil; seen != nil {
		o.InLive = inMode(seen, *o.SeenAt)
	}
	return nil
}

// lastLeft is live as the last completed deployment left it, nil before; at is when the
// newest of it was linked.
func lastLeft(c *product.Contents) (left *catalog.Snapshot, at time.Time, err error) {
	var live catalog.Snapshot
	for _, l := range c.Links {
		if l.Base == nil {
			continue
		}
		if l.CreatedAt.After(at) {
			at = l.CreatedAt
		}
		if l.Resource == catalog.ResourceProduct {
			left, err = &live, json.Unmarshal(l.Base, &live.Product)
		} else {
			var p catalog.Price
			err = json.Unmarshal(l.Base, &p)
			live.Prices = append(live.Prices, p)
		}
		if err != nil {
			return nil, at, err
		}
	}
	return left, at, nil
}
