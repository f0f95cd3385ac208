package stripegw

import (
	"context"
	"net/url"
	"strconv"

	"github.com/golive-hq/golive/internal/catalog"
)

// Page reads one page of a list of all that an account has: the one after the object with
// that id, or the first for "". It is for those who keep what they read page by page; that
// lists change meanwhile, and may repeat themselves, is theirs to notice.
func (a *Account) Page(ctx context.Context, list catalog.List, after string) (catalog.Page, error) {
	query := url.Values{"limit": {strconv.Itoa(pageSize)}}
	if after != "" {
		query.Set("starting_after", after)
	}
	if list == catalog.Products {
		got, err := get[page[productBody]](ctx, a, "/v1/products", query)
		made := catalog.Page{More: got.HasMore, Products: each(got.Data, func(b productBody) catalog.Product { return b.Product })}
		if len(made.Products) > 0 {
			made.Last = made.Products[len(made.Products)-1].ID
		}
		return made, err
	}
	query.Set("active", strconv.FormatBool(list == catalog.ActivePrices))
	got, err := a.pageOfPrices(ctx, query, &expansion{prefix: "data."})
	made := catalog.Page{More: got.HasMore, Prices: each(got.Data, func(b priceBody) catalog.Price { return b.Price })}
	if len(made.Prices) > 0 {
		made.Last = made.Prices[len(made.Prices)-1].ID
	}
	return made, err
}
