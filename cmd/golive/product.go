package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// product is what commands need to know of one.
type product struct {
	ID              string `json:"id"`
	Name            string `json:"name"`
	StripeProductID string `json:"stripeProductId"`
	LiveProductID   string `json:"liveProductId,omitempty"`
}

const productFields = `id name stripeProductId liveProductId`

func (p product) String() string {
	return fmt.Sprintf("%s (%s)", plain(p.Name), plain(p.StripeProductID))
}

// productArg is how commands take a product.
type productArg struct {
	Product string `arg:"" help:"The product: its name or part of it, or its ID in Stripe or Golive."`
}

var ourID = regexp.MustCompile(`^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$`)

// product finds the one product that is meant: by our id, by Stripe's, by its name, or
// by a part of its name. Where several could be, it lists them and returns an error.
func (a *api) product(ctx context.Context, named string) (product, error) {
	if ourID.MatchString(named) {
		return a.productByID(ctx, named)
	}
	found, tenants, err := a.productsNamed(ctx, named)
	if err != nil {
		return product{}, err
	}
	return theOne(named, found, tenants)
}

func (a *api) productByID(ctx context.Context, id string) (product, error) {
	data, err := ask[struct{ Product *product }](ctx, a, `query($id: ID!) { product(id: $id) { `+productFields+` } }`,
		map[string]any{"id": id})
	if err != nil {
		return product{}, err
	}
	if data.Product == nil {
		return product{}, fmt.Errorf("no product %s, or this token can't see it", id)
	}
	return *data.Product, nil
}

// productsNamed asks all tenants of the token.
func (a *api) productsNamed(ctx context.Context, named string) (found []product, tenants []string, err error) {
	all, err := a.tenants(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, of := range all {
		some, err := a.products(ctx, of, named)
		if err != nil {
			return nil, nil, err
		}
		tenants = append(tenants, of.Slug)
		for _, p := range some {
			found = append(found, p.product)
		}
	}
	return found, tenants, nil
}

// theOne takes the best way in which any of the products found is meant; that only one
// is meant in this way is for the caller of the command to see to.
func theOne(named string, found []product, tenants []string) (product, error) {
	named = strings.TrimSpace(named)
	for _, meant := range []func(product) bool{
		func(p product) bool { return p.StripeProductID == named },
		func(p product) bool { return p.LiveProductID == named },
		func(p product) bool { return strings.EqualFold(p.Name, named) },
		func(p product) bool { return strings.Contains(strings.ToLower(p.Name), strings.ToLower(named)) },
	} {
		switch all := only(found, meant); len(all) {
		case 0:
		case 1:
			return all[0], nil
		default:
			return product{}, fmt.Errorf("%q could be any of these, so nothing was done; use the ID of the one you mean:%s", plain(named), listed(all))
		}
	}
	if len(found) > 0 {
		return product{}, fmt.Errorf("no product has the ID %s, so nothing was done; these are similar:%s", plain(named), listed(found))
	}
	return product{}, fmt.Errorf("no product of %s is named %q: see golive products, or import it with golive import", strings.Join(tenants, ", "), plain(named))
}

func only(all []product, meant func(product) bool) []product {
	return slices.DeleteFunc(slices.Clone(all), func(p product) bool { return !meant(p) })
}

const mostListed = 20

// listed has a line for each product, with an id that means it and no other.
func listed(all []product) string {
	var text strings.Builder
	for _, p := range all[:min(len(all), mostListed)] {
		same := only(all, func(other product) bool { return other.StripeProductID == p.StripeProductID })
		id := p.StripeProductID
		if len(same) > 1 {
			id = p.ID
		}
		fmt.Fprintf(&text, "\n  %s  %s", plain(id), plain(p.Name))
	}
	if more := len(all) - mostListed; more > 0 {
		fmt.Fprintf(&text, "\n  and %d more", more)
	}
	return text.String()
}
