// Package connection shapes the domain's lists as pages with cursors.
package connection

import (
	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/payout"
	"github.com/golive-hq/golive/internal/product"
)

// Connection is one page of a list.
type Connection[T any] struct {
	Nodes      []*T
	Edges      []Edge[T]
	PageInfo   PageInfo
	TotalCount int
}

// Edge is an entry of a page with the cursor to read on from.
type Edge[T any] struct {
	Cursor string
	Node   *T
}

// PageInfo tells where a page stands; the cursors are nil where it is empty.
type PageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool
	StartCursor     *string
	EndCursor       *string
}

type (
	// Products is the schema's ProductConnection.
	Products = Connection[product.Product]
	// ProductEdge is an entry of Products.
	ProductEdge = Edge[product.Product]
	// Deployments is the schema's DeploymentConnection.
	Deployments = Connection[deployment.Deployment]
	// DeploymentEdge is an entry of Deployments.
	DeploymentEdge = Edge[deployment.Deployment]
	// AuditEntries is the schema's AuditEntryConnection.
	AuditEntries = Connection[audit.Entry]
	// AuditEntryEdge is an entry of AuditEntries.
	AuditEntryEdge = Edge[audit.Entry]
	// Orders is the schema's OrderConnection.
	Orders = Connection[order.Order]
	// OrderEdge is an entry of Orders.
	OrderEdge = Edge[order.Order]
	// Disputes is the schema's DisputeConnection.
	Disputes = Connection[ledger.Dispute]
	// DisputeEdge is an entry of Disputes.
	DisputeEdge = Edge[ledger.Dispute]
	// Payouts is the schema's PayoutConnection.
	Payouts = Connection[payout.Payout]
	// PayoutEdge is an entry of Payouts.
	PayoutEdge = Edge[payout.Payout]
	// BalanceTransactions is the schema's BalanceTransactionConnection.
	BalanceTransactions = Connection[payout.Transaction]
	// BalanceTransactionEdge is an entry of BalanceTransactions.
	BalanceTransactionEdge = Edge[payout.Transaction]
	// WebhookEvents is the schema's WebhookEventConnection.
	WebhookEvents = Connection[inbox.Event]
	// WebhookEventEdge is an entry of WebhookEvents.
	WebhookEventEdge = Edge[inbox.Event]
)

// Of returns the page of nodes; cursor tells each one's.
func Of[T any](nodes []*T, cursor func(*T) string, hasNext, hasPrevious bool, total int) *Connection[T] {
	c := &Connection[T]{
		Nodes:      nodes,
		Edges:      make([]Edge[T], len(nodes)),
		PageInfo:   PageInfo{HasNextPage: hasNext, HasPreviousPage: hasPrevious},
		TotalCount: total,
	}
	for i, n := range nodes {
		c.Edges[i] = Edge[T]{Cursor: cursor(n), Node: n}
	}
	if len(nodes) > 0 {
		c.PageInfo.StartCursor = &c.Edges[0].Cursor
		c.PageInfo.EndCursor = &c.Edges[len(nodes)-1].Cursor
	}
	return c
}

// OfAudit returns the page of an audit log, whose length nobody counts: it only
// grows.
func OfAudit(page audit.Page, hasPrevious bool) *AuditEntries {
	nodes := make([]*audit.Entry, len(page.Entries))
	for i := range page.Entries {
		nodes[i] = &page.Entries[i]
	}
	cursor := func(e *audit.Entry) string { return e.ID }
	return Of(nodes, cursor, page.HasNextPage, hasPrevious, 0)
}
