package insight

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/tenant"
)

// Kind is what somebody has to look at.
type Kind string

// The kinds, the most urgent first.
const (
	Partial      Kind = "PARTIAL"
	KeyRefused   Kind = "KEY_REFUSED"
	NotConnected Kind = "NOT_CONNECTED"
	Missed       Kind = "MISSED"
	Changed      Kind = "CHANGED_SINCE_SCHEDULED"
	Parked       Kind = "PARKED"
	Drifted      Kind = "DRIFTED"
	Dispute      Kind = "DISPUTE"
	Order        Kind = "ORDER"
	Webhooks     Kind = "WEBHOOKS"
)

var urgency = []Kind{Partial, KeyRefused, NotConnected, Webhooks, Dispute, Order, Missed, Changed, Parked, Drifted}

// Attention is one thing that needs somebody.
type Attention struct {
	Kind    Kind
	Since   time.Time
	Message string
	// ProductID, DeploymentID and OrderID are nil where it is about none.
	ProductID, DeploymentID, OrderID *string
}

const mostAttention = 100

// Attention returns what needs somebody in a tenant, the most urgent kind first, and of a
// kind what has waited longest.
func (s *Service) Attention(ctx context.Context, t *tenant.Tenant, first int) ([]Attention, error) {
	if first < 0 || first > mostAttention {
		return nil, fault.New(fault.InvalidInput, "first must be between 0 and %d.", mostAttention).At("first")
	}
	var all []Attention
	for _, look := range []func(context.Context, *tenant.Tenant) ([]Attention, error){s.keys, s.deployments, s.drifted, s.orders, s.webhooks} {
		found, err := look(ctx, t)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	slices.SortStableFunc(all, func(a, b Attention) int {
		return cmp.Or(slices.Index(urgency, a.Kind)-slices.Index(urgency, b.Kind), a.Since.Compare(b.Since))
	})
	return all[:min(len(all), first)], nil
}

// keys are those that are missing or that Stripe refused.
func (s *Service) keys(ctx context.Context, t *tenant.Tenant) (all []Attention, err error) {
	connections, err := s.Connections.List(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	missing := []catalog.Mode{catalog.Test, catalog.Live}
	for _, c := range connections {
		missing = slices.DeleteFunc(missing, func(m catalog.Mode) bool { return m == c.Mode })
		if c.Problem != nil {
			all = append(all, Attention{Kind: KeyRefused, Since: *c.ProblemAt, Message: *c.Problem})
		}
	}
	if len(missing) == 0 {
		return all, nil
	}
	since, err := tenant.CreatedAt(ctx, s.DB, t.ID)
	for _, mode := range missing {
		all = append(all, Attention{Kind: NotConnected, Since: since, Message: fmt.Sprintf("Stripe's %s mode isn't connected.", strings.ToLower(string(mode)))})
	}
	return all, err
}

// deployments are those that wait for somebody or for Stripe, or that left something behind.
func (s *Service) deployments(ctx context.Context, t *tenant.Tenant) (all []Attention, err error) {
	held, err := s.Deployments.Upcoming(ctx, deployment.Filter{
		TenantID: t.ID, First: mostAttention, Wait: []deployment.WaitReason{deployment.WaitMissed, deployment.WaitChanged},
	})
	if err != nil {
		return nil, err
	}
	left, err := s.Deployments.List(ctx, deployment.Filter{
		TenantID: t.ID, First: mostAttention, Outcome: []deployment.Outcome{deployment.Partial}, Unsettled: true,
	})
	if err != nil {
		return nil, err
	}
	active, err := s.Deployments.List(ctx, deployment.Filter{
		TenantID: t.ID, First: mostAttention, Status: []deployment.Status{deployment.Pending, deployment.Validating, deployment.Deploying},
		Wait: []deployment.WaitReason{deployment.WaitStripeUnavailable, deployment.WaitStripeRateLimit},
	})
	if err != nil {
		return nil, err
	}
	found := slices.Concat(held.Deployments, left.Deployments, active.Deployments)
	names, err := s.names(ctx, found)
	for _, d := range found {
		if kind := kindOf(d); kind != "" {
			all = append(all, Attention{
				Kind: kind, Since: d.UpdatedAt, Message: names[d.ProductID] + ": " + d.ProgressMessage, ProductID: &d.ProductID, DeploymentID: &d.ID,
			})
		}
	}
	return all, err
}

func (s *Service) names(ctx context.Context, of []*deployment.Deployment) (map[string]string, error) {
	ids := make([]string, len(of))
	for i, d := range of {
		ids[i] = d.ProductID
	}
	return product.Names(ctx, s.DB, ids)
}

// kindOf is "" for one that needs nobody: what waits for a moment between two calls is not
// parked.
func kindOf(d *deployment.Deployment) Kind {
	switch {
	case d.LiveOutcome != nil && *d.LiveOutcome == deployment.Partial:
		return Partial
	case d.Status == deployment.Scheduled && *d.WaitReason == deployment.WaitMissed:
		return Missed
	case d.Status == deployment.Scheduled:
		return Changed
	case d.RetryAt != nil:
		return Parked
	}
	return ""
}

// drifted are the products that somebody else changed in live.
func (s *Service) drifted(ctx context.Context, t *tenant.Tenant) (all []Attention, err error) {
	page, err := s.Products.List(ctx, product.Filter{TenantID: t.ID, First: mostAttention, LiveStatus: []product.LiveStatus{product.Drifted}})
	for _, p := range page.Products {
		all = append(all, Attention{Kind: Drifted, Since: *p.DriftedAt, Message: p.Name + " was changed in live mode by someone else.", ProductID: &p.ID})
	}
	return all, err
}
