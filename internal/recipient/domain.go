package recipient

import (
	"context"
	_ "embed" // for the list beside this file
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/mailbox"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// providers are those where anybody can have an address, which says nothing of a business.
// The list is short and will miss some: an admin who has an address there could then have
// mails sent to others who have one, no more.
//
//go:embed providers.txt
var providers string

// isProvider tells that anybody can have an address in a domain. Of the large providers a
// line names what precedes the country: "yahoo." is yahoo.com and yahoo.co.uk.
func isProvider(domain string) bool {
	return slices.ContainsFunc(strings.Fields(providers), func(line string) bool {
		return line == domain || strings.HasSuffix(line, ".") && strings.HasPrefix(domain, line)
	})
}

// Domains returns the domains that a tenant has confirmed, in alphabetical order.
func (s *Service) Domains(ctx context.Context, tenantID string) ([]string, error) {
	if err := tenant.Require(ctx, tenantID, tenant.RoleViewer); err != nil {
		return []string{}, err
	}
	return domains(ctx, s.DB, tenantID)
}

func domains(ctx context.Context, db postgres.Querier, tenantID string) ([]string, error) {
	all, err := postgres.All(ctx, db, pgx.RowTo[string], `SELECT domain FROM mail_domains WHERE tenant_id = $1 ORDER BY domain`, tenantID)
	if err != nil {
		return nil, fmt.Errorf("list mail domains: %w", err)
	}
	return all, nil
}

// ConfirmDomain lets all addresses of a domain get the tenant's mails unasked, and returns
// the tenant's domains. It needs an admin who has signed in with an address of that very
// domain, which no provider of mailboxes may be. Subdomains are others.
func (s *Service) ConfirmDomain(ctx context.Context, tenantID, domain string) ([]string, error) {
	return s.change(ctx, tenantID, domain, "mail_domain.confirmed", confirm)
}

// RemoveDomain ends what ConfirmDomain began; where it did not, it changes nothing. Those who
// have confirmed by themselves stay confirmed. It needs an admin.
func (s *Service) RemoveDomain(ctx context.Context, tenantID, domain string) ([]string, error) {
	return s.change(ctx, tenantID, domain, "mail_domain.removed", remove)
}

// change is what both have in common; do tells whether anything has changed.
func (s *Service) change(ctx context.Context, tenantID, domain, action string,
	do func(ctx context.Context, tx pgx.Tx, tenantID, domain string, by tenant.Actor) (bool, error),
) (all []string, err error) {
	if err := tenant.Require(ctx, tenantID, tenant.RoleAdmin); err != nil {
		return []string{}, err
	}
	actor, _ := tenant.ActorFrom(ctx)
	domain = domainOf(mailbox.Normal("x@" + strings.TrimPrefix(strings.TrimSpace(domain), "@")))
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		if err := tenant.Lock(ctx, tx, tenantID); err != nil {
			return err
		}
		if err := tenant.RequireNow(ctx, tx, tenantID, tenant.RoleAdmin); err != nil {
			return err
		}
		changed, err := do(ctx, tx, tenantID, domain, actor)
		if err != nil {
			return err
		}
		if all, err = domains(ctx, tx, tenantID); err != nil || !changed {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			TenantID: tenantID, Actor: actor.Email, Action: action, Subject: tenantID, Details: map[string]any{"domain": domain},
		})
	})
	if err != nil {
		return []string{}, err
	}
	return all, nil
}

func confirm(ctx context.Context, tx pgx.Tx, tenantID, domain string, by tenant.Actor) (bool, error) {
	if err := mayConfirm(ctx, tx, tenantID, domain, by); err != nil {
		return false, err
	}
	tag, err := tx.Exec(ctx, `INSERT INTO mail_domains (tenant_id, domain, confirmed_by)
		VALUES ($1, $2, $3) ON CONFLICT (tenant_id, domain) DO NOTHING`, tenantID, domain, by.Email)
	if err != nil {
		return false, fmt.Errorf("confirm a mail domain: %w", err)
	}
	return tag.RowsAffected() == 1, nil
}

func mayConfirm(ctx context.Context, tx pgx.Tx, tenantID, domain string, by tenant.Actor) error {
	switch {
	case isProvider(domain):
		return fault.New(fault.InvalidInput, "Anyone can have an address at %s, so it can't be confirmed. Its people confirm one by one.", domain).At("input", "domain")
	case domain != domainOf(mailbox.Normal(by.Email)) || !strings.Contains(by.Email, "@"):
		return fault.New(fault.InvalidInput, "You can only confirm the domain of your own address. Subdomains don't count.").At("input", "domain")
	}
	proved, err := identity.IsVerified(ctx, tx, by.Email)
	if err == nil && !proved {
		err = fault.New(fault.InvalidState, "Your address isn't verified yet. Sign in with it once, then confirm its domain.")
	}
	return err
}

func remove(ctx context.Context, tx pgx.Tx, tenantID, domain string, _ tenant.Actor) (bool, error) {
	tag, err := tx.Exec(ctx, `DELETE FROM mail_domains WHERE tenant_id = $1 AND domain = $2`, tenantID, domain)
	if err != nil {
		return false, fmt.Errorf("remove a mail domain: %w", err)
	}
	return tag.RowsAffected() == 1, nil
}
