package tenant

import (
	"context"
	"slices"
	"strings"

	"github.com/golive-hq/golive/internal/postgres"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
)

// Role is what a member may do; each role may do all that the ones before it may.
type Role string

// The roles, from least to most.
const (
	RoleViewer   Role = "VIEWER"
	RoleDeployer Role = "DEPLOYER"
	RoleAdmin    Role = "ADMIN"
)

var ranks = []Role{RoleViewer, RoleDeployer, RoleAdmin}

// ParseRole reads a role in any case; INVALID_INPUT names the roles there are.
func ParseRole(text string) (Role, error) {
	role := Role(strings.ToUpper(text))
	if !slices.Contains(ranks, role) {
		return "", fault.New(fault.InvalidInput, "%q is not one of viewer, deployer, admin.", text).At("role")
	}
	return role, nil
}

// Covers tells whether r may do what needs the role need.
func (r Role) Covers(need Role) bool {
	return slices.Index(ranks, r) >= slices.Index(ranks, need)
}

// lesser returns the role that may do less.
func lesser(a, b Role) Role {
	if a.Covers(b) {
		return b
	}
	return a
}

// Actor is who acts, with the tenants that it may act in. The same struct
// answers the API's question who the viewer is.
type Actor struct {
	// Kind is a person who has signed in, or a token.
	Kind audit.ActorKind
	// Email is the person's address, also for a token that acts for one; a service token
	// has "service:" and its own name.
	Email string
	// Principal is what was shown to prove it, and what counts for limits and for
	// withdrawing rights: "token/" or "session/" and its id; "" where nothing was shown.
	Principal string
	// Name and TimeZone are a person's own, nil where nobody has told them.
	Name, TimeZone *string
	// Scope is what a token is for; "" is all.
	Scope       Scope
	Memberships []Membership
}

// Membership returns what the actor may do in a tenant; not ok means no member.
func (a Actor) Membership(tenantID string) (m Membership, ok bool) {
	for _, m := range a.Memberships {
		if m.Tenant.ID == tenantID {
			return m, true
		}
	}
	return Membership{}, false
}

// TenantIDs lists the tenants that the actor may see: the filter of every query
// that starts from an id.
func (a Actor) TenantIDs() []string {
	if a.Scope == ScopeOrders {
		return []string{}
	}
	ids := make([]string, 0, len(a.Memberships))
	for _, m := range a.Memberships {
		ids = append(ids, m.Tenant.ID)
	}
	return ids
}

type actorKey struct{}

// WithActor returns a context in which actor acts, and reaches the rows of its tenants.
func WithActor(ctx context.Context, actor Actor) context.Context {
	ids := make([]string, len(actor.Memberships))
	for i, m := range actor.Memberships {
		ids[i] = m.Tenant.ID
	}
	return context.WithValue(postgres.For(ctx, ids...), actorKey{}, actor)
}

// ActorFrom returns who acts, or UNAUTHENTICATED where nobody does.
func ActorFrom(ctx context.Context) (Actor, error) {
	actor, ok := ctx.Value(actorKey{}).(Actor)
	if !ok {
		return Actor{}, fault.New(fault.Unauthenticated, "Sign in, or send an API token: Authorization: Bearer glt_…")
	}
	return actor, nil
}

// Require refuses unless the actor in ctx has at least role in the tenant:
// UNAUTHENTICATED without an actor, NOT_FOUND without membership, FORBIDDEN with
// too low a role.
func Require(ctx context.Context, tenantID string, role Role) error {
	actor, err := ActorFrom(ctx)
	if err != nil {
		return err
	}
	m, ok := actor.Membership(tenantID)
	if !ok {
		return fault.New(fault.NotFound, "There's no tenant with this ID.")
	}
	if actor.Scope == ScopeOrders {
		return fault.New(fault.Forbidden, "This token is for orders only. Use one without that limit.")
	}
	if !m.Role.Covers(role) {
		return fault.New(fault.Forbidden, "This needs the %s role in %s, but %s has %s. Ask an admin of %s.",
			role, m.Tenant.Slug, actor.credential(), m.Role, m.Tenant.Slug)
	}
	return nil
}

// credential is what the actor acts by, as people call it.
func (a Actor) credential() string {
	if a.Kind == audit.Token {
		return "your token"
	}
	return "your account"
}

// BySlug returns the actor's tenant with that slug, else NOT_FOUND. Whatever the actor's
// scope is: orders are below their tenant, and all else there Requires a role.
func BySlug(ctx context.Context, slug string) (Tenant, error) {
	actor, err := ActorFrom(ctx)
	if err != nil {
		return Tenant{}, err
	}
	for _, m := range actor.Memberships {
		if m.Tenant.Slug == slug {
			return m.Tenant, nil
		}
	}
	return Tenant{}, fault.New(fault.NotFound, "There's no tenant %q.", slug)
}

// ByID returns the actor's tenant with that id, else NOT_FOUND. It asks no
// database.
func ByID(ctx context.Context, id string) (Tenant, error) {
	if err := Require(ctx, id, RoleViewer); err != nil {
		return Tenant{}, err
	}
	actor, _ := ActorFrom(ctx)
	m, _ := actor.Membership(id)
	return m.Tenant, nil
}
