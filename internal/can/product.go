package can

import (
	"context"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/product"
)

// Product is what may be done with a product.
type Product struct{ GoLive, Schedule Can }

// OfProducts says what may be done with each of products.
func (s *Service) OfProducts(ctx context.Context, products []*product.Product) (map[*product.Product]Product, error) {
	ids := make([]string, len(products))
	for i, p := range products {
		ids[i] = p.ID
	}
	active, err := s.Deployments.ActiveOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	in, out := s.rights(), make(map[*product.Product]Product, len(products))
	for _, p := range products {
		r, err := in.of(ctx, p.TenantID)
		if err != nil {
			return nil, err
		}
		out[p] = r.product(p, active[p.ID])
	}
	return out, nil
}

func (r rights) product(p *product.Product, active *deployment.Deployment) Product {
	missing := r.notConnected()
	if p.GoneAt != nil && missing == "" {
		missing = "It's no longer in Stripe's test mode. Restore it there and import again, or archive it in live mode yourself."
	}
	return Product{
		GoLive:   because(r.mayNot("to go live"), missing, running(active)),
		Schedule: because(r.mayNot("to schedule it"), missing),
	}
}

// running says that the product is busy.
func running(active *deployment.Deployment) string {
	switch {
	case active == nil:
		return ""
	case active.Kind == deployment.Rollback:
		return "It's being rolled back right now. Watch that, or wait until it has finished."
	}
	return "It's going live right now. Watch that, or wait until it has finished."
}
