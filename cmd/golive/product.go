package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"
)

// product is what commands need to know of one.
type product struct {
	ID              string `json:"id"`
	Name            string `json:"name"`
	StripeProductID string `json:"stripeProductId"`
	LiveProductID   string `json:"liveProductId"`
}

func (p product) String() string {
	return fmt.Sprintf("%s (%s)", plain(p.Name), plain(p.StripeProductID))
}

var ourID = regexp.MustCompile(`^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$`)

// product finds a product by our id or by Stripe's.
func (a *api) product(ctx context.Context, id string) (product, error) {
	if ourID.MatchString(id) {
		return a.productByOurs(ctx, id)
	}
	return a.productByStripes(ctx, id)
}

func (a *api) productByOurs(ctx context.Context, id string) (product, error) {
	data, err := ask[struct{ Product *product }](ctx, a, `query($id: ID!) { product(id: $id) { id name stripeProductId liveProductId } }`,
		map[string]any{"id": id})
	if err != nil {
		return product{}, err
	}
	if data.Product == nil {
		return product{}, fmt.Errorf("no product %s, or this token can't see it", id)
	}
	return *data.Product, nil
}

// productByStripes looks in all tenants of the token, test ids before live ones.
func (a *api) productByStripes(ctx context.Context, id string) (product, error) {
	type answer struct {
		Viewer struct {
			Memberships []struct {
				Tenant struct {
					Slug     string
					Products struct{ Nodes []product }
				}
			}
		}
	}
	data, err := ask[answer](ctx, a, `query($id: String!) { viewer { memberships { tenant {
		slug products(first: 100, search: $id) { nodes { id name stripeProductId liveProductId } }
	} } } }`, map[string]any{"id": id})
	if err != nil {
		return product{}, err
	}
	var byTest, byLive []product
	var slugs []string
	for _, m := range data.Viewer.Memberships {
		slugs = append(slugs, m.Tenant.Slug)
		for _, p := range m.Tenant.Products.Nodes {
			if p.StripeProductID == id {
				byTest = append(byTest, p)
			} else if p.LiveProductID == id {
				byLive = append(byLive, p)
			}
		}
	}
	return one(id, append(byTest, byLive...), slugs)
}

func one(id string, found []product, slugs []string) (product, error) {
	if len(found) == 0 {
		return product{}, fmt.Errorf("product %s hasn't been imported for tenant %s; import it first (importProducts)", plain(id), strings.Join(slugs, ", "))
	}
	for _, p := range found[1:] {
		if p.StripeProductID == found[0].StripeProductID {
			return product{}, fmt.Errorf("several products match %s: use a Golive ID instead, %s or %s", plain(id), found[0].ID, p.ID)
		}
	}
	return found[0], nil
}
