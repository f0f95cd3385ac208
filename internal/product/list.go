package product

import (
	"context"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Page is a part of a list of products.
type Page struct {
	Products             []*Product
	HasNext, HasPrevious bool
	// Total counts the products that the filter lets through, on all pages, where the
	// filter asks for it.
	Total int
}

// Filter says which products of a tenant a list holds.
type Filter struct {
	TenantID string
	// Search is a part of the name, of the id in test, or of ours, in any case;
	// nil or "" for all.
	Search *string
	// LiveStatus is empty for all.
	LiveStatus []LiveStatus
	// OrderBy is "" for by name.
	OrderBy Order
	// First is the size of the page, 0 to 100.
	First int
	// After is the id of the product that the page follows, nil for the first page.
	After *string
	// Count asks for the total, which costs a query.
	Count bool
}

// Order is how a list is sorted; products of which an order knows nothing come last, and
// equal ones by name.
type Order string

// The orders.
const (
	ByName Order = "NAME"
	// ByLastDeployed begins with the one that was deployed last.
	ByLastDeployed Order = "LAST_DEPLOYED"
	// ByNextScheduled begins with the one that goes live next.
	ByNextScheduled Order = "NEXT_SCHEDULED"
)

// List returns a part of a tenant's products. A number or cursor that
// cannot be is INVALID_INPUT.
func (s *Service) List(ctx context.Context, f Filter) (Page, error) {
	if err := tenant.Require(ctx, f.TenantID, tenant.RoleViewer); err != nil {
		return Page{}, err
	}
	if f.First < 0 || f.First > 100 {
		return Page{}, fault.New(fault.InvalidInput, "first must be between 0 and 100.").At("first")
	}
	rank := ""
	if f.OrderBy != "" && f.OrderBy != ByName {
		rank = s.Rank(f.OrderBy)
	}
	return list(ctx, s.DB, f, rank)
}

func list(ctx context.Context, db postgres.Querier, f Filter, rank string) (Page, error) {
	var after *position
	if f.After != nil {
		at, err := positionOf(ctx, db, f, rank)
		if err != nil {
			return Page{}, err
		}
		after = &at
	}
	// One more than asked for tells whether there is a next page.
	found, err := find(ctx, db, f, rank, after, f.First+1)
	if err != nil {
		return Page{}, err
	}
	total := 0
	if f.Count {
		if total, err = count(ctx, db, f); err != nil {
			return Page{}, err
		}
	}
	return Page{
		Products: found[:min(f.First, len(found))], HasNext: len(found) > f.First, HasPrevious: after != nil, Total: total,
	}, nil
}
