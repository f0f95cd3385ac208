package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/golive-hq/golive/graph/generated"
	"github.com/golive-hq/golive/graph/model"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/product"
)

// Limits of one operation. A page of 100 products with prices and deployments
// costs about 10,000.
const (
	maxTokens     = 4_000
	maxDepth      = 15
	maxSelections = 5_000
	maxComplexity = 25_000
)

// Costs of fields that ask Stripe, and the number of entries that lists without
// `first` are taken to have.
const (
	costOfStripe = 2_000
	someEntries  = 10
)

// complexities tells what fields cost that give lists or ask Stripe; all others
// cost 1.
func complexities() generated.ComplexityRoot {
	var c generated.ComplexityRoot
	some := func(child int) int { return 1 + someEntries*child }
	c.Tenant.Products = func(child, first int, _, _ *string, _ []product.LiveStatus) int { return page(child, first) }
	c.Tenant.Deployments = func(child, first int, _ *string, _ []deployment.Status, _ *string) int { return page(child, first) }
	c.Tenant.Upcoming = func(child, first int, _ *string) int { return page(child, first) }
	c.Tenant.AuditLog = func(child, first int, _ *string) int { return page(child, first) }
	c.Product.Deployments = func(child, first int, _ *string) int { return page(child, first) }
	c.Product.Prices = some
	c.Deployment.Steps = some
	c.Deployment.Events = func(child int, _, first *int) int { return page(child, orZero(first)) }
	c.Plan.Changes = some
	c.PlannedChange.Fields = some
	c.ValidationReport.Results = some
	c.Query.ValidateProduct = func(child int, _ string, _ bool) int { return costOfStripe + child }
	c.Query.PlanGoLive = func(child int, _ string, _ bool) int { return costOfStripe + child }
	c.Query.PlanRollback = func(child int, _ string) int { return costOfStripe + child }
	c.Mutation.ScheduleGoLive = func(child int, _ model.ScheduleGoLiveInput) int { return costOfStripe + child }
	c.Mutation.ConnectStripe = func(child int, _ model.ConnectStripeInput) int { return costOfStripe + child }
	c.Mutation.ImportProducts = func(child int, _ model.ImportProductsInput) int { return costOfStripe + child }
	return c
}

func page(child, first int) int { return 1 + max(first, 1)*child }

// sizeLimit refuses operations that are too deep, or too large once fragments
// are spread. It comes before anything that walks an operation spread by spread:
// fragments that spread fragments twice each grow without bound in few words.
type sizeLimit struct{}

// ExtensionName names the limit to gqlgen.
func (sizeLimit) ExtensionName() string { return "SizeLimit" }

// Validate accepts every schema.
func (sizeLimit) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext changes nothing; it refuses what is too large.
func (sizeLimit) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	m := measure{doc: op.Doc, fragments: map[string]size{}}
	got := m.of(op.Operation.SelectionSet)
	if got.depth > maxDepth || got.selections > maxSelections {
		err := gqlerror.Errorf("the operation is too large: it can have at most %d levels and %d fields, counting fragments", maxDepth, maxSelections)
		errcode.Set(err, errcode.ValidationFailed)
		return err
	}
	return nil
}

type size struct{ depth, selections int }

// measure knows each fragment's size once, so that it takes linear time. The
// document was validated: no fragment contains itself.
type measure struct {
	doc       *ast.QueryDocument
	fragments map[string]size
}

func (m measure) of(set ast.SelectionSet) size {
	var total size
	for _, s := range set {
		one := m.one(s)
		total.depth = max(total.depth, one.depth)
		total.selections = min(total.selections+one.selections, maxSelections+1)
	}
	return total
}

func (m measure) one(s ast.Selection) size {
	switch s := s.(type) {
	case *ast.Field:
		inner := m.of(s.SelectionSet)
		if s.Name == "__schema" || s.Name == "__type" {
			inner.depth = 0 // introspection is deep by nature, and has a limit of its own
		}
		return size{inner.depth + 1, inner.selections + 1}
	case *ast.InlineFragment:
		return m.of(s.SelectionSet)
	case *ast.FragmentSpread:
		return m.fragment(s.Name)
	}
	return size{}
}

func (m measure) fragment(name string) size {
	known, ok := m.fragments[name]
	if !ok {
		known = m.of(m.doc.Fragments.ForName(name).SelectionSet)
		m.fragments[name] = known
	}
	return known
}
