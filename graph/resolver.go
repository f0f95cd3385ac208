// Package graph is the GraphQL face of the domain: the schema, resolvers that
// call one use case each, and the one place where errors become answers.
//
// Resolvers decide nothing. Who may do what, and everything else, is decided by
// the services, which other faces use too.
package graph

import (
	"context"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"

	pages "github.com/golive-hq/golive/graph/connection"
	"github.com/golive-hq/golive/graph/model"
	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/can"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/importing"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/insight"
	"github.com/golive-hq/golive/internal/localtime"
	"github.com/golive-hq/golive/internal/moment"
	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/overview"
	"github.com/golive-hq/golive/internal/payout"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/progress"
	"github.com/golive-hq/golive/internal/quota"
	"github.com/golive-hq/golive/internal/recipient"
	"github.com/golive-hq/golive/internal/tenant"
)

// Deps are the use cases that the API offers.
type Deps struct {
	Tenants     *tenant.Service
	Connections *connection.Service
	Products    *product.Service
	Imports     *importing.Service
	Inbox       *inbox.Service
	Orders      *order.Service
	Payouts     *payout.Service
	Deployments *deployment.Service
	Progress    *progress.Service
	Choices     *notify.Choices
	Recipients  *recipient.Service
	// Unavailable turns errors that are the database's trouble into UNAVAILABLE, and
	// leaves others; nil leaves all.
	Unavailable func(error) error
	Audit       *audit.Chain
	Identity    *identity.Service
	Overviews   *overview.Service
	Can         *can.Service
	Insight     *insight.Service
	// Rates hold callers to what they may do in a time; nil holds nobody.
	Rates *quota.Rates
	About About
	// Manifest are the documents that callers may name by their ids; with TrustedOnly no
	// others run.
	Manifest    Manifest
	TrustedOnly bool
}

// About is what anybody may know of the installation.
type About struct {
	// Build is the version that runs.
	Build string
	// Simulator tells that Stripe is not Stripe, Mail that mails go out.
	Simulator, Mail bool
}

// Resolver is the root of all resolvers. Its fields are not exported, for
// resolvers that embed it have methods of those names.
type Resolver struct {
	tenants     *tenant.Service
	connections *connection.Service
	products    *product.Service
	imports     *importing.Service
	inbox       *inbox.Service
	orders      *order.Service
	payouts     *payout.Service
	deployments *deployment.Service
	progress    *progress.Service
	choices     *notify.Choices
	recipients  *recipient.Service
	audit       *audit.Chain
	identity    *identity.Service
	overviews   *overview.Service
	can         *can.Service
	insight     *insight.Service
	about       About
}

// orZero returns what p points to: an optional argument that was left out, or
// null, is its type's zero.
func orZero[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// orNil returns nil for the empty string, which the domain uses for no value.
func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// tenantOf returns the tenant for a field of something that the actor may see.
func tenantOf(ctx context.Context, id string) (*tenant.Tenant, error) {
	t, err := tenant.ByID(ctx, id)
	return &t, err
}

// about is what the overview of a product says.
func about[T any](ctx context.Context, p *product.Product, what func(*overview.Overview) T) (said T, err error) {
	o, err := from(ctx).overviews.load(ctx, p.ID)
	if o == nil || err != nil {
		return said, err
	}
	return what(o), nil
}

// now is the time by which things are due, for whoever may ask something at all.
func (r *Resolver) now(ctx context.Context) (time.Time, error) {
	if _, err := tenant.ActorFrom(ctx); err != nil {
		return time.Time{}, err
	}
	return r.deployments.Now(ctx)
}

// counted tells that somebody wants to know how long a list is.
func counted(ctx context.Context) bool {
	return slices.Contains(graphql.CollectAllFields(ctx), "totalCount")
}

// pageOfDeployments answers every list of deployments.
func (r *Resolver) pageOfDeployments(ctx context.Context, f deployment.Filter) (*pages.Deployments, error) {
	f.Count = counted(ctx)
	leave, err := from(ctx).turn(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	page, err := r.deployments.List(ctx, f)
	return pageOf(page), err
}

func pageOf(page deployment.Page) *pages.Deployments {
	cursor := func(d *deployment.Deployment) string { return d.ID }
	return pages.Of(page.Deployments, cursor, page.HasNext, page.HasPrevious, page.Total)
}

// connectionInput is a key as an input says it.
func connectionInput(in model.ConnectStripeInput) connection.Input {
	return connection.Input{
		TenantID: in.TenantID, Mode: in.Mode, SecretKey: in.SecretKey,
		AllowDifferentAccount: orZero(in.AllowDifferentAccount), PublishableKey: in.PublishableKey,
	}
}

// when is the time that an input says.
func when(instant *time.Time, local *localtime.DateTime, zone string, how *localtime.Disambiguation) moment.When {
	return moment.When{Instant: instant, Local: local, Zone: zone, Disambiguation: orZero(how)}
}

// candidates are null where there is nothing to choose.
func candidates(s *deployment.Schedule) []*localtime.Candidate {
	if len(s.Candidates) == 0 {
		return nil
	}
	return pointers(s.Candidates)
}

func pointers[T any](values []T) []*T {
	pointers := make([]*T, len(values))
	for i := range values {
		pointers[i] = &values[i]
	}
	return pointers
}

// lastChange is null while nobody has changed anything.
func lastChange(ctx context.Context, d *deployment.Deployment) *model.ScheduleChange {
	if d.LastChange == nil {
		return nil
	}
	return &model.ScheduleChange{By: veiled(ctx, d.TenantID, *d.ChangedBy), At: *d.ChangedAt, What: *d.LastChange}
}

// settingsOf are a deployment's, with whose they are.
func settingsOf(d *deployment.Deployment) *notify.Settings {
	if d.Notifications == nil {
		return nil
	}
	settings := *d.Notifications
	settings.TenantID = d.TenantID
	return &settings
}

// ifMade returns v, or null where the use case made nothing and it has no id.
func ifMade[T any](v T, id string) *T {
	if id == "" {
		return nil
	}
	return &v
}

// feedURL is null where no feed was made.
func (r *Resolver) feedURL(secret string) *string {
	if secret == "" {
		return nil
	}
	url := tenant.FeedURL(r.identity.PublicURL, secret)
	return &url
}

// unanswered returns what somebody has scheduled who has no more than that role now. err
// is that of the change, which then did not happen.
func (r *Resolver) unanswered(ctx context.Context, m tenant.Member, role tenant.Role, err error) ([]*deployment.Deployment, error) {
	if err != nil || role.Covers(tenant.RoleDeployer) {
		return []*deployment.Deployment{}, err
	}
	page, err := r.deployments.List(ctx, deployment.Filter{
		TenantID: m.TenantID, Status: []deployment.Status{deployment.Scheduled}, Responsible: &m.Email, First: 100,
	})
	return page.Deployments, err
}
