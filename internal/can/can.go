// Package can says what whoever asks may do, and why not in a sentence for people. It
// decides nothing: the use cases refuse by themselves what it says cannot be done.
package can

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/tenant"
)

// Can tells whether something may be done; Why not is nil where it may.
type Can struct {
	OK  bool
	Why *string
}

func no(format string, args ...any) Can {
	why := fmt.Sprintf(format, args...)
	return Can{Why: &why}
}

// because is what all of them say where the first of reasons is not "".
func because(reasons ...string) Can {
	for _, why := range reasons {
		if why != "" {
			return no("%s", why)
		}
	}
	return Can{OK: true}
}

// Service answers for products and deployments.
type Service struct {
	DB          *pgxpool.Pool
	Connections *connection.Service
	Deployments *deployment.Service
}

// rights are what of a tenant bears on what may be done there.
type rights struct {
	role     tenant.Role
	admin    string
	accounts map[catalog.Mode]string
}

// rightsIn reads those of each tenant once.
type rightsIn struct {
	*Service
	known map[string]rights
}

func (s *Service) rights() rightsIn { return rightsIn{s, map[string]rights{}} }

func (r rightsIn) of(ctx context.Context, tenantID string) (rights, error) {
	if known, is := r.known[tenantID]; is {
		return known, nil
	}
	if err := tenant.Require(ctx, tenantID, tenant.RoleViewer); err != nil {
		return rights{}, err
	}
	actor, _ := tenant.ActorFrom(ctx)
	m, _ := actor.Membership(tenantID)
	found := rights{role: m.Role, accounts: map[catalog.Mode]string{}}
	connections, err := r.Connections.List(ctx, tenantID)
	if err != nil {
		return rights{}, err
	}
	for _, c := range connections {
		found.accounts[c.Mode] = c.AccountID
	}
	if !m.Role.Covers(tenant.RoleDeployer) || len(found.accounts) < 2 && m.Role != tenant.RoleAdmin {
		admins, err := tenant.Admins(ctx, r.DB, tenantID)
		if err != nil {
			return rights{}, err
		}
		found.admin = named(admins)
	}
	r.known[tenantID] = found
	return found, nil
}

// named is whom to ask: a part of the address is enough for colleagues to know.
func named(admins []string) string {
	if len(admins) == 0 {
		return "an admin"
	}
	local, _, _ := strings.Cut(admins[0], "@")
	return local + "@… (admin)"
}

// mayNot says that the role is too low to do something: "to go live".
func (r rights) mayNot(do string) string {
	if r.role.Covers(tenant.RoleDeployer) {
		return ""
	}
	return fmt.Sprintf("Your role (%s) can look and plan. Ask %s %s.", strings.ToLower(string(r.role)), r.admin, do)
}

// notConnected says which key is missing.
func (r rights) notConnected() string {
	for _, mode := range []catalog.Mode{catalog.Test, catalog.Live} {
		if r.accounts[mode] != "" {
			continue
		}
		if r.role == tenant.RoleAdmin {
			return fmt.Sprintf("Stripe's %s mode isn't connected. Connect it in the settings first.", strings.ToLower(string(mode)))
		}
		return fmt.Sprintf("Stripe's %s mode isn't connected. Ask %s to connect it.", strings.ToLower(string(mode)), r.admin)
	}
	return ""
}
