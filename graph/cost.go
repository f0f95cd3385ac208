package graph

import (
	"encoding/json"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Costs: a field costs 1, and more where it is a query to the database for each object
// that it is asked of, or asks Stripe.
const (
	costOfStatement = 20
	costOfStripe    = 2_000
	// costOfVerifying is how many statements a look at a whole audit log is worth; at a long
	// one workers look.
	costOfVerifying = 25
	// costOfFigures is how many statements one is worth that looks at a whole span.
	costOfFigures = 5
	// someEntries is how many entries lists without `first` are taken to have; how many
	// they do have, the answer's own limit counts.
	someEntries = 10
	mostEntries = 100
)

// statements are the fields that query the database by themselves, and how often. What is
// loaded for all objects at once costs no more than any field.
var statements = map[string]int{
	"Query.tenant": 0, "Query.viewer": 0, // who is calling says all of it
	"Query.product": 1, "Query.deployment": 1,
	"Tenant.products": 1, "Tenant.deployments": 1, "Tenant.upcoming": 1, "Tenant.auditLog": 2,
	"Tenant.stripeConnections": 1, "Tenant.import": 1, "Tenant.now": 1, "Tenant.auditState": costOfVerifying,
	"Tenant.mailDomains": 1, "Tenant.members": 1, "Tenant.invitations": 1, "Tenant.tokens": 1, "Tenant.calendarFeeds": 1,
	"Tenant.payments": 3, "Tenant.webhookEvents": 1,
	"Tenant.orders": 2, "Query.order": 1, "Order.events": 2,
	"Tenant.disputes": 1, "Query.dispute": 2, "Dispute.evidence": 6, "Tenant.payouts": 1, "Query.payout": 1, "Payout.lines": 1, "Payout.balanceTransactions": 1,
	"Tenant.reconciliation": 4 * costOfFigures, "Tenant.paymentFees": costOfFigures,
	"Viewer.sessions": 1, "Query.service": 1,
	"Tenant.productCounts": 1, "Tenant.attention": 7, "Tenant.metrics": costOfFigures,
	"Metrics.days": costOfFigures, "Metrics.failedChecks": costOfFigures, "Metrics.errors": costOfFigures,
	"Metrics.slowest": 3 * costOfFigures, "Metrics.journey": 1,
	"Query.readTime": 1, "Query.timeZones": 1,
	"GoLiveReview.scheduled": 1, "GoLiveReview.testAccount": 1, "GoLiveReview.liveAccount": 1,
	"DeploymentCan.rollBack": 3, "DeploymentCan.tryAgain": 4,
	"Membership.mailPreferences": 1,
	"Product.deployments":        1,
	// Those of many deployments are loaded at once only where they are the same part of all.
	"Deployment.events": 1,
	"Plan.passedOver":   1,
	// As counted, those of people and tokens as estimated; they lock, too.
	"Mutation.goLive": 15, "Mutation.deployNow": 15, "Mutation.rollbackDeployment": 18, "Mutation.cancelDeployment": 12,
	"Mutation.scheduleGoLive": 30, "Mutation.rescheduleDeployment": 12, "Mutation.setMailPreferences": 8,
	"Mutation.importProducts": 24, "Mutation.startImport": 14, "Mutation.connectStripe": 10, "Mutation.disconnectStripe": 10,
	"Mutation.checkStripeKey": 6, "Mutation.noteJourney": 6,
	"Mutation.inviteMember": 12, "Mutation.withdrawInvitation": 8, "Mutation.setMemberRole": 12, "Mutation.removeMember": 12,
	"Mutation.confirmMailDomain": 8, "Mutation.removeMailDomain": 8, "Mutation.createCalendarFeed": 8, "Mutation.revokeCalendarFeed": 8,
	"Mutation.enablePayments": 25, "Mutation.disablePayments": 8, "Mutation.replayWebhookEvents": 25,
	"Mutation.createOrder": 15, "Mutation.startCheckout": 30, "Mutation.captureOrder": 30, "Mutation.cancelOrder": 40,
	"Mutation.fulfillOrder": 12, "Mutation.refundOrder": 30, "Mutation.submitDisputeEvidence": 30,
	"Mutation.createToken": 8, "Mutation.revokeToken": 8, "Mutation.endSession": 8, "Mutation.setTimeZone": 8,
}

// asksStripe are the fields that do. Each takes as long as Stripe does.
var asksStripe = map[string]bool{
	"Query.validateProduct": true, "Query.reviewGoLive": true, "Mutation.checkStripeKey": true, "Query.planGoLive": true, "Query.planRollback": true,
	"Mutation.scheduleGoLive": true, "Mutation.connectStripe": true, "Mutation.enablePayments": true,
	"Mutation.startCheckout": true, "Mutation.captureOrder": true, "Mutation.cancelOrder": true, "Mutation.refundOrder": true, "Mutation.submitDisputeEvidence": true,
	"Mutation.importProducts": true,
}

// costing adds up what an operation costs. What @skip and @include leave out counts: a
// limit must not depend on what a resolver would have refused. It stops a little above
// maxCost: neither sums nor products overflow.
type costing struct {
	op *graphql.OperationContext
	// memberships is how many tenants the caller belongs to.
	memberships    int
	introspections int
}

// introspects tells that an operation asks for the schema.
func (c *costing) introspects() bool {
	c.set(c.op.Operation.SelectionSet, 1)
	return c.introspections > 0
}

func add(a, b int) int   { return min(a+b, maxCost+1) }
func times(a, b int) int { return min(a*b, maxCost+1) }

// set is what a set costs; entries is the size of the page where it is one.
func (c *costing) set(set ast.SelectionSet, entries int) int {
	total := 0
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			total = add(total, c.field(s, entries))
		case *ast.InlineFragment:
			total = add(total, c.set(s.SelectionSet, entries))
		case *ast.FragmentSpread:
			total = add(total, c.set(c.op.Doc.Fragments.ForName(s.Name).SelectionSet, entries))
		}
	}
	return total
}

func (c *costing) field(f *ast.Field, entries int) int {
	if strings.HasPrefix(f.Definition.Type.Name(), "__") && !strings.HasPrefix(f.ObjectDefinition.Name, "__") {
		c.introspections++ // its answer is counted as it is made
		return 1
	}
	name := f.ObjectDefinition.Name + "." + f.Name
	own := 1 + costOfStatement*statements[name]
	if asksStripe[name] {
		own += costOfStripe
	}
	first, paged := c.first(f)
	switch {
	case isPage(f.ObjectDefinition) && f.Name == "totalCount":
		return costOfStatement
	case isPage(f.ObjectDefinition) && f.Definition.Type.Elem != nil:
		return add(own, times(entries, 1+c.set(f.SelectionSet, 1)))
	case paged && f.Definition.Type.Elem == nil:
		return add(own, c.set(f.SelectionSet, max(first, 1)))
	case paged:
		return add(own, times(max(first, 1), 1+c.set(f.SelectionSet, 1)))
	case name == "Viewer.memberships":
		return add(own, times(c.memberships, 1+c.set(f.SelectionSet, 1)))
	case f.Definition.Type.Elem != nil && len(f.SelectionSet) > 0:
		return add(own, times(someEntries, 1+c.set(f.SelectionSet, 1)))
	}
	return add(own, c.set(f.SelectionSet, 1))
}

func isPage(object *ast.Definition) bool { return strings.HasSuffix(object.Name, "Connection") }

// first is how many entries a field is asked for, as far as it will give them.
func (c *costing) first(f *ast.Field) (n int, paged bool) {
	if f.Definition.Arguments.ForName("first") == nil {
		return 0, false
	}
	switch v := f.ArgumentMap(c.op.Variables)["first"].(type) {
	case int64:
		return int(max(0, min(v, mostEntries))), true
	case json.Number:
		if asked, err := v.Int64(); err == nil {
			return int(max(0, min(asked, mostEntries))), true
		}
	case int:
		return max(0, min(v, mostEntries)), true
	}
	return mostEntries, true
}
