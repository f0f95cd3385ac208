package stripegw

import (
	"context"
	"net/url"
	"slices"

	"github.com/golive-hq/golive/internal/catalog"
)

// maxLookupKeys is how many lookup keys one list call takes.
const maxLookupKeys = 10

type priceBody struct{ catalog.Price }

func (b *priceBody) whole() bool { return b.ID != "" }

// Price reads one price with its tiers and currency options; nil where it does
// not exist.
func (a *Account) Price(ctx context.Context, id string) (*catalog.Price, error) {
	expand := expansion{}
	query := url.Values{"expand[]": expand.paths()}
	for {
		got, err := get[priceBody](ctx, a, "/v1/prices/"+url.PathEscape(id), query)
		if err == nil && expand.again(query, []catalog.Price{got.Price}) {
			continue
		}
		return orNil(&got.Price, err)
	}
}

// PricesByLookupKeys reads the prices that hold one of keys, active or not.
func (a *Account) PricesByLookupKeys(ctx context.Context, keys []string) ([]catalog.Price, error) {
	return gather(ctx, lots(unique(keys), maxLookupKeys), func(ctx context.Context, lot []string) ([]catalog.Price, error) {
		return a.prices(ctx, url.Values{"lookup_keys[]": lot})
	})
}

// pricesOf reads all prices of a product; none where it does not exist, which
// Stripe calls a bad request here.
func (a *Account) pricesOf(ctx context.Context, productID string) ([]catalog.Price, error) {
	prices, err := a.prices(ctx, url.Values{"product": {productID}})
	if missing(err) {
		return nil, nil
	}
	return prices, err
}

// prices lists the prices that filter matches. Stripe's list holds either the
// active ones or the others, so both are asked for, side by side.
func (a *Account) prices(ctx context.Context, filter url.Values) ([]catalog.Price, error) {
	prices, err := gather(ctx, []string{"true", "false"}, func(ctx context.Context, active string) ([]catalog.Price, error) {
		expand := expansion{prefix: "data."}
		query := url.Values{"active": {active}, "expand[]": expand.paths()}
		for name, values := range filter {
			query[name] = values
		}
		return list(ctx, a, "/v1/prices", query, func(p *catalog.Price) string { return p.ID }, expand.again)
	})
	return once(prices), err
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
// only known once the price was read. Prices without that currency do not mind.
type expansion struct {
	prefix     string // "data." in a list
	currencies []string
}

func (e *expansion) paths() []string {
	paths := []string{e.prefix + "tiers", e.prefix + "currency_options"}
	for _, currency := range e.currencies {
		paths = append(paths, e.prefix+"currency_options."+currency+".tiers")
	}
	return paths
}

// again tells whether a price lacks tiers that query did not name, and then adds
// them to query. A currency is added once, so that this ends.
func (e *expansion) again(query url.Values, prices []catalog.Price) bool {
	known := len(e.currencies)
	for _, p := range prices {
		for currency, option := range p.CurrencyOptions {
			if p.BillingScheme == "tiered" && len(option.Tiers) == 0 && !slices.Contains(e.currencies, currency) {
				e.currencies = append(e.currencies, currency)
			}
		}
	}
	slices.Sort(e.currencies)
	query["expand[]"] = e.paths()
	return len(e.currencies) > known
}
