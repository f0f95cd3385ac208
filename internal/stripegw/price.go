package stripegw

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/golive-hq/golive/internal/catalog"
)

// maxLookupKeys is how many lookup keys one list call takes.
const maxLookupKeys = 10

// priceBody is a price as Stripe answers it.
type priceBody struct{ catalog.Price }

func (b *priceBody) whole() bool { return b.ID != "" }

// UnmarshalJSON also notes what the catalogue has no place for. A price that cannot
// be read is no error, so that others in a list can, unless nobody knows whose it is.
func (b *priceBody) UnmarshalJSON(raw []byte) (err error) {
	if b.Price, err = readObject[catalog.Price](raw); err == nil {
		b.Unknown, err = catalog.Unknown[catalog.Price](raw)
	}
	n := nameOf(raw)
	if err == nil || n.ID == "" || n.Product == "" {
		return err
	}
	b.Price = catalog.Price{ID: n.ID, Product: n.Product, LookupKey: n.LookupKey, Unreadable: cmp.Or(misreading(err), "it is malformed")}
	return nil
}

func readable(prices ...catalog.Price) error {
	for _, p := range prices {
		if p.Unreadable != "" {
			return unreadable("price", p.ID, p.Unreadable)
		}
	}
	return nil
}

// Price reads one price with its tiers and currency options; nil where it does
// not exist.
func (a *Account) Price(ctx context.Context, id string) (*catalog.Price, error) {
	return a.readPrice(ctx, id, &expansion{})
}

func (a *Account) readPrice(ctx context.Context, id string, expand *expansion) (*catalog.Price, error) {
	if id == "" { // that would be the list
		return nil, nil
	}
	for {
		got, err := get[priceBody](ctx, a, catalog.ResourcePrice.Path(id), url.Values{"expand[]": expand.paths()})
		if err == nil && expand.learn(got) {
			continue
		}
		if err == nil {
			err = readable(got.Price)
		}
		return orNil(&got.Price, err)
	}
}

// PricesByLookupKeys reads the prices that hold one of keys, active or not.
func (a *Account) PricesByLookupKeys(ctx context.Context, keys []string) ([]catalog.Price, error) {
	if keys = unique(keys); len(keys) == 0 {
		return nil, nil
	}
	holders, err := a.keyHolders.ask(ctx, keys)
	if err == nil {
		err = readable(holders...)
	}
	return holders, err
}

func (a *Account) readKeyHolders(ctx context.Context, all []*question[[]string, []catalog.Price]) found[[]string, []catalog.Price] {
	needed := lots(unique(slices.Concat(abouts(all)...)), maxLookupKeys)
	most := len(needed)
	if len(all) == 1 {
		most = 0 // nobody else wants it
	}
	prices, err := a.pricesWithin(ctx, worth(all, most))
	whole := !errors.Is(err, errTooLong)
	if !whole {
		prices, err = gather(ctx, needed, func(ctx context.Context, lot []string) ([]catalog.Price, error) {
			return a.prices(ctx, url.Values{"lookup_keys[]": lot}, 0)
		})
	}
	of := func(keys []string) ([]catalog.Price, bool) {
		return pick(prices, func(p catalog.Price) bool { return slices.Contains(keys, p.LookupKey) }), true
	}
	if known := answerAll(all, of, err); whole {
		return known
	}
	return nil
}

// readPricesOf reads all prices of products; none where a product does not exist.
func (a *Account) readPricesOf(ctx context.Context, all []*question[string, []catalog.Price]) found[string, []catalog.Price] {
	ids := unique(abouts(all))
	prices, err := a.pricesWithin(ctx, worth(all, len(ids)))
	if !errors.Is(err, errTooLong) {
		of := func(id string) ([]catalog.Price, bool) {
			return pick(prices, func(p catalog.Price) bool { return p.Product == id }), true
		}
		return answerAll(all, of, err)
	}
	group := errgroup.Group{}
	group.SetLimit(sideBySide)
	for _, id := range ids {
		group.Go(func() error {
			prices, err := a.pricesOfOne(ctx, id)
			for _, q := range all {
				if q.about == id {
					q.is(slices.Clone(prices), err)
				}
			}
			return nil
		})
	}
	_ = group.Wait() // each question has its own error
	return nil
}

// pricesOfOne reads all prices of a product; none where it does not exist, which
// Stripe calls a bad request here.
func (a *Account) pricesOfOne(ctx context.Context, productID string) ([]catalog.Price, error) {
	prices, err := a.prices(ctx, url.Values{"product": {productID}}, 0)
	if missing(err) {
		return nil, nil
	}
	return prices, err
}

// pricesWithin reads the account's prices where they take most pages at most, and
// else returns errTooLong.
func (a *Account) pricesWithin(ctx context.Context, most int) ([]catalog.Price, error) {
	return within(&a.pricePages, most, func() ([]catalog.Price, error) { return a.prices(ctx, url.Values{}, most) })
}

// prices lists the prices that filter matches. Stripe's list holds either the
// active ones or the others, so both are asked for, side by side. Where one has
// more than most pages (0 for any number) it returns errTooLong.
func (a *Account) prices(ctx context.Context, filter url.Values, most int) ([]catalog.Price, error) {
	prices, err := gather(ctx, []bool{true, false}, func(ctx context.Context, active bool) ([]catalog.Price, error) {
		return a.listPrices(ctx, active, filter, most)
	})
	return once(prices), err
}

// listPrices reads one of the two lists.
func (a *Account) listPrices(ctx context.Context, active bool, filter url.Values, most int) ([]catalog.Price, error) {
	expand := expansion{prefix: "data."}
	query := url.Values{"active": {strconv.FormatBool(active)}}
	maps.Copy(query, filter)
	bodies, err := listing[priceBody]{
		path: "/v1/prices", query: query, few: len(filter) > 0, id: func(b *priceBody) string { return b.ID }, most: most,
		page: func(ctx context.Context, query url.Values) (page[priceBody], error) {
			return a.pageOfPrices(ctx, query, &expand)
		},
	}.read(ctx, a)
	return each(bodies, func(b priceBody) catalog.Price { return b.Price }), err
}

// activePricesOf reads the active prices of a product, and the others only where one of
// known is not among them: mostly none is, and a list less to read for each of many
// deployments is what lets them end in time.
func (a *Account) activePricesOf(ctx context.Context, productID string, known []string) ([]catalog.Price, error) {
	of := url.Values{"product": {productID}}
	active, err := a.listPrices(ctx, true, of, 0)
	if missing(err) {
		return nil, nil
	}
	if err != nil || len(unseen(known, productID, active)) == 0 {
		return active, err
	}
	archived, err := a.listPrices(ctx, false, of, 0)
	return once(append(active, archived...)), err
}

// pageOfPrices reads one page of a list of prices with all their tiers.
func (a *Account) pageOfPrices(ctx context.Context, query url.Values, expand *expansion) (page[priceBody], error) {
	for {
		query["expand[]"] = expand.paths()
		got, err := get[page[priceBody]](ctx, a, "/v1/prices", query)
		switch {
		case expand.refused(err):
			*expand = expansion{prefix: expand.prefix, oneByOne: true}
		case err == nil && expand.oneByOne:
			got.Data, err = a.withTiers(ctx, got.Data)
			return got, err
		case err != nil || !expand.learn(got.Data...):
			return got, err
		}
	}
}

// withTiers reads those of prices again, one by one, that lack tiers of a currency.
func (a *Account) withTiers(ctx context.Context, prices []priceBody) ([]priceBody, error) {
	return gather(ctx, prices, func(ctx context.Context, p priceBody) ([]priceBody, error) {
		own := &expansion{}
		if !own.learn(p) {
			return []priceBody{p}, nil
		}
		whole, err := a.readPrice(ctx, p.ID, own)
		if whole == nil || err != nil {
			return nil, err
		}
		return []priceBody{{Price: *whole}}, nil
	})
}

// pick returns those of prices that are wanted, in a slice of its own.
func pick(prices []catalog.Price, wanted func(catalog.Price) bool) []catalog.Price {
	var picked []catalog.Price
	for _, p := range prices {
		if wanted(p) {
			picked = append(picked, p)
		}
	}
	return picked
}

// once drops repetitions: a price archived between the two lists is in both.
func once(prices []catalog.Price) []catalog.Price {
	seen := map[string]bool{}
	return slices.DeleteFunc(prices, func(p catalog.Price) bool {
		again := seen[p.ID]
		seen[p.ID] = true
		return again
	})
}

// expansion asks for what Stripe leaves out of a price unless named. The tiers
// inside a currency option have to be named by currency, and which there are is
// only known once the price was read.
//
// Whether Stripe minds when prices of a list lack a currency that is named is
// unverified. Where it does, each price is read by itself.
type expansion struct {
	prefix     string // "data." in a list
	currencies []string
	oneByOne   bool
}

func (e *expansion) paths() []string {
	paths := []string{e.prefix + "tiers", e.prefix + "currency_options"}
	for _, currency := range e.currencies {
		paths = append(paths, e.prefix+"currency_options."+currency+".tiers")
	}
	return paths
}

// learn names the currencies of which prices lack tiers, and tells whether there
// are new ones. A currency is added once, so that asking again ends.
func (e *expansion) learn(prices ...priceBody) bool {
	known := len(e.currencies)
	for _, p := range prices {
		for currency, option := range p.CurrencyOptions {
			if p.BillingScheme == "tiered" && len(option.Tiers) == 0 && !slices.Contains(e.currencies, currency) {
				e.currencies = append(e.currencies, currency)
			}
		}
	}
	slices.Sort(e.currencies)
	return len(e.currencies) > known
}

// refused tells whether err may come of the currencies that were named. Stripe's
// words for it are unknown, and asking without them shows whether it did.
func (e *expansion) refused(err error) bool {
	var failed *catalog.Error
	return len(e.currencies) > 0 && errors.As(err, &failed) && failed.Kind == catalog.KindRequest && !failed.CursorMissing()
}
