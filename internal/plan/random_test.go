package plan_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/golive-hq/golive/internal/catalog"
)

// dice make catalogues, and what people do to them, the same ones for the same seed.
type dice struct {
	*rand.Rand
	prices int
}

func newDice(seed uint64) *dice {
	return &dice{Rand: rand.New(rand.NewPCG(seed, 7))}
}

func oneOf[T any](d *dice, choices ...T) T { return choices[d.IntN(len(choices))] }

// catalogue is a product as somebody may have made it in test.
func (d *dice) catalogue() catalog.Snapshot {
	s := catalog.Snapshot{Product: catalog.Product{ID: "prod_pro", Name: "Pro", Active: true}}
	for range d.IntN(3) {
		d.editProduct(&s.Product)
	}
	for range d.IntN(5) {
		d.addPrice(&s)
	}
	d.chooseDefault(&s)
	return s
}

// edit does one thing that Stripe lets people do to a product and its prices in test.
func (d *dice) edit(s *catalog.Snapshot) {
	switch d.IntN(10) {
	case 0:
		d.editProduct(&s.Product)
	case 1:
		d.addPrice(s)
	case 2:
		d.reprice(s)
	case 3:
		d.chooseDefault(s)
	case 4:
		s.Product.Active = !s.Product.Active
	case 5:
		d.swapKeys(s)
	case 6: // Stripe deletes prices that nobody ever bought
		s.Prices = slices.DeleteFunc(s.Prices, func(p catalog.Price) bool {
			return p.ID != s.Product.DefaultPrice && d.IntN(4) == 0
		})
	default:
		if len(s.Prices) > 0 {
			d.editPrice(s, &s.Prices[d.IntN(len(s.Prices))])
		}
	}
}

func (d *dice) editProduct(p *catalog.Product) {
	switch d.IntN(8) {
	case 0:
		p.Name = oneOf(d, "Pro", "Pro & Co.", "Größe + {x}")
	case 1:
		p.Description = oneOf(d, "", "All of it.", "100 % = all")
	case 2:
		p.Metadata = d.metadata()
	case 3:
		p.Images = oneOf(d, nil, []string{"https://acme.com/a.png?x=1&y"}, []string{"https://acme.com/b.png", "https://acme.com/c.png"})
	case 4:
		p.Features = oneOf(d, nil, []catalog.Feature{{Name: "One"}, {Name: "Two"}})
	case 5:
		p.PackageDimensions = oneOf(d, nil, &catalog.PackageDimensions{Height: "1", Length: "2.5", Weight: "0.01", Width: "10"})
	case 6:
		p.Shippable = new(d.IntN(2) == 0)
	case 7:
		p.URL, p.UnitLabel = oneOf(d, "", "https://acme.com"), oneOf(d, "", "seat")
		p.TaxCode, p.StatementDescriptor = oneOf(d, "", "txcd_10000000"), oneOf(d, "", "ACME PRO")
	}
}

func (d *dice) metadata() map[string]string {
	return oneOf(d, nil, map[string]string{"a": "1"}, map[string]string{"a": "2", "b c": "x=y&z"}, map[string]string{"active": "true"})
}

func (d *dice) addPrice(s *catalog.Snapshot) *catalog.Price {
	d.prices++
	p := d.money(fmt.Sprintf("price_%02d", d.prices), oneOf(d, "usd", "jpy"))
	p.Active = d.IntN(6) > 0
	p.Nickname, p.Metadata = oneOf(d, "", "Monthly"), d.metadata()
	p.TaxBehavior = oneOf(d, "unspecified", "inclusive", "exclusive")
	s.Prices = append(s.Prices, p)
	added := &s.Prices[len(s.Prices)-1]
	d.giveKey(s, added)
	return added
}

// money is what of a price nobody can change, and its amounts in other currencies.
func (d *dice) money(id, currency string) catalog.Price {
	p := catalog.Price{ID: id, Currency: currency, BillingScheme: "per_unit"}
	p.UnitAmountDecimal = catalog.Decimal(oneOf(d, "0", "1900", "0.125", "99999999"))
	p.Recurring = oneOf(d, nil, &catalog.Recurring{Interval: "month", IntervalCount: 1, UsageType: "licensed"},
		&catalog.Recurring{Interval: "day", IntervalCount: 3, UsageType: "metered", AggregateUsage: "max"})
	ten, five := int64(10), int64(5)
	switch d.IntN(4) {
	case 0:
		p.BillingScheme, p.TiersMode, p.UnitAmountDecimal = "tiered", oneOf(d, "graduated", "volume"), ""
		p.Tiers = []catalog.Tier{{UpTo: &ten, FlatAmountDecimal: "0", UnitAmountDecimal: "5"}, {UnitAmountDecimal: "0.5"}}
	case 1:
		p.Recurring, p.UnitAmountDecimal = nil, ""
		p.CustomUnitAmount = oneOf(d, &catalog.CustomUnitAmount{}, &catalog.CustomUnitAmount{Minimum: &five, Preset: &ten})
	case 2:
		p.TransformQuantity = &catalog.TransformQuantity{DivideBy: 10, Round: oneOf(d, "up", "down")}
	}
	d.options(&p)
	return p
}

// options gives a price new options, as they are where all old ones were cleared
// first: each says anew whether it includes tax.
func (d *dice) options(p *catalog.Price) {
	options := map[string]catalog.CurrencyOption{}
	for _, currency := range []string{"chf", "eur"} {
		if d.IntN(3) > 0 {
			continue
		}
		o := catalog.CurrencyOption{
			UnitAmountDecimal: catalog.Decimal(oneOf(d, "1700", "17.5")), TaxBehavior: oneOf(d, "unspecified", "exclusive", "inclusive"),
		}
		switch {
		case p.Tiers != nil:
			o.UnitAmountDecimal, o.Tiers = "", []catalog.Tier{{FlatAmountDecimal: oneOf[catalog.Decimal](d, "700", "7.25")}}
		case p.CustomUnitAmount != nil:
			o.UnitAmountDecimal, o.CustomUnitAmount = "", &catalog.CustomUnitAmount{Maximum: new(int64(d.IntN(2)))}
		}
		options[currency] = o
	}
	p.CurrencyOptions = options
}

// giveKey lets a price take a lookup key that is free, or another one's.
func (d *dice) giveKey(s *catalog.Snapshot, p *catalog.Price) {
	key := oneOf(d, "", "gold", "silver", "bronze")
	if holder := s.PriceByLookupKey(key); holder != nil {
		holder.LookupKey = ""
	}
	p.LookupKey = key
}

func (d *dice) swapKeys(s *catalog.Snapshot) {
	if n := len(s.Prices); n > 1 {
		i := d.IntN(n)
		a, b := &s.Prices[i], &s.Prices[(i+1+d.IntN(n-1))%n]
		a.LookupKey, b.LookupKey = b.LookupKey, a.LookupKey
	}
}

// reprice puts a new price in the place of one that is for sale.
func (d *dice) reprice(s *catalog.Snapshot) {
	for i := range s.Prices {
		if !s.Prices[i].Active {
			continue
		}
		id, key := s.Prices[i].ID, s.Prices[i].LookupKey
		heir := d.addPrice(s)
		heir.Active = true
		if key != "" {
			heir.LookupKey, s.Price(id).LookupKey = key, ""
		}
		if s.Product.DefaultPrice == id {
			s.Product.DefaultPrice = heir.ID
		}
		s.Price(id).Active = false
		return
	}
}

func (d *dice) chooseDefault(s *catalog.Snapshot) {
	s.Product.DefaultPrice = ""
	if active := s.ActivePrices(); len(active) > 0 && d.IntN(4) > 0 {
		s.Product.DefaultPrice = active[d.IntN(len(active))].ID
	}
}

func (d *dice) editPrice(s *catalog.Snapshot, p *catalog.Price) {
	switch d.IntN(6) {
	case 0:
		p.Active = !p.Active || p.ID == s.Product.DefaultPrice
	case 1:
		p.Nickname = oneOf(d, "", "Monthly", "Best")
	case 2:
		stamp, stamped := p.Metadata[catalog.StampKey]
		if p.Metadata = maps.Clone(d.metadata()); stamped {
			p.Metadata = map[string]string{catalog.StampKey: stamp}
		}
	case 3:
		d.giveKey(s, p)
	case 4:
		d.options(p)
	case 5:
		if !settled(p.TaxBehavior) {
			p.TaxBehavior = oneOf(d, "inclusive", "exclusive")
		}
	}
}

// drift is what somebody may do in live behind Golive's back, and be overruled.
func (d *dice) drift(a *liveAccount) {
	switch d.IntN(6) {
	case 0:
		a.live.Product.Description = "changed in live"
	case 1:
		a.live.Product.Active = !a.live.Product.Active
	case 2:
		theirs := d.money(fmt.Sprintf("price_theirs_%d", d.IntN(1000)), "usd")
		theirs.Active, theirs.LookupKey = true, theirs.ID
		a.live.Prices = append(a.live.Prices, theirs)
	case 3:
		a.live.Product.Shippable = new(d.IntN(2) == 0)
	default:
		d.driftPrice(a)
	}
}

// driftPrice changes one of Golive's prices in live.
func (d *dice) driftPrice(a *liveAccount) {
	linked := slices.Sorted(maps.Keys(a.links))
	testID := linked[d.IntN(len(linked))]
	p := a.live.Price(a.links[testID])
	if p == nil {
		return
	}
	switch d.IntN(4) {
	case 0:
		p.Nickname, p.LookupKey = "changed in live", ""
	case 1:
		p.Active = p.ID == a.live.Product.DefaultPrice
	case 2:
		if !settled(p.TaxBehavior) { // which a price of test may never say: it is replaced then
			p.TaxBehavior = "inclusive"
		}
	case 3: // likewise
		p.CurrencyOptions = maps.Clone(p.CurrencyOptions)
		for currency, o := range p.CurrencyOptions {
			if !settled(o.TaxBehavior) {
				o.TaxBehavior = "exclusive"
				p.CurrencyOptions[currency] = o
			}
		}
	}
}
