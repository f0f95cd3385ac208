package main

import (
	"context"
	"fmt"
	"text/tabwriter"
)

type productsCmd struct {
	api
	ofTenant
	Search string `arg:"" optional:"" help:"Only products whose name or Stripe ID contains this."`
	JSON   bool   `name:"json" help:"Print the products as JSON."`
}

// listedProduct is a product in a list.
type listedProduct struct {
	product
	LiveStatus string `json:"liveStatus"`
	ImportedAt string `json:"importedAt"`
}

// liveStatuses say how a product stands in live mode.
var liveStatuses = map[string]string{
	"NOT_LIVE": "not live",
	"LIVE":     "live",
	"CHANGED":  "live, changed in test mode since",
	"DRIFTED":  "live, changed there by someone else",
}

// Run lists the products of one tenant by name.
func (c *productsCmd) Run(ctx context.Context, t *terminal) error {
	of, err := c.of(ctx, &c.api)
	if err != nil {
		return err
	}
	all, err := c.products(ctx, of, c.Search)
	if err != nil {
		return err
	}
	if c.JSON {
		return t.document(all)
	}
	if len(all) == 0 {
		t.say("%s", c.none())
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, p := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\n", plain(p.Name), plain(p.StripeProductID), words(liveStatuses, p.LiveStatus))
	}
	return w.Flush()
}

func (c *productsCmd) none() string {
	if c.Search != "" {
		return fmt.Sprintf("No product matches %q.", plain(c.Search))
	}
	return "There are no products yet. Import them from Stripe's test mode with: golive import"
}

// products are those of a tenant whose name or id contains search, or all: by name.
func (a *api) products(ctx context.Context, of membership, search string) ([]listedProduct, error) {
	type answer struct {
		Tenant struct {
			Products struct {
				Nodes    []listedProduct
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
		}
	}
	all := []listedProduct{}
	variables := map[string]any{"slug": of.Slug, "search": search}
	for {
		data, err := ask[answer](ctx, a, `query($slug: String!, $search: String, $after: String) { tenant(slug: $slug) {
			products(first: 100, search: $search, after: $after) {
				nodes { `+productFields+` liveStatus importedAt } pageInfo { hasNextPage endCursor }
			}
		} }`, variables)
		if err != nil {
			return nil, err
		}
		page := data.Tenant.Products
		all = append(all, page.Nodes...)
		if !page.PageInfo.HasNextPage {
			return all, nil
		}
		variables["after"] = page.PageInfo.EndCursor
	}
}

// words are what is said for one of the service's words, which may be newer than this
// command.
func words(said map[string]string, word string) string {
	if text := said[word]; text != "" {
		return text
	}
	return word
}
