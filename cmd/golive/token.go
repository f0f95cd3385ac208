package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/golive-hq/golive/internal/tenant"
)

type tokenCmds struct {
	Create tokenCreateCmd `cmd:"" help:"Create an API token and print it; it's shown only once."`
	List   tokenListCmd   `cmd:"" help:"List tokens."`
	Revoke tokenRevokeCmd `cmd:"" help:"Revoke a token immediately and permanently."`
}

type tokenCreateCmd struct {
	Tenant string `required:"" help:"The tenant's slug."`
	Email  string `help:"The member's email address; creates the member if new. Needed unless it's a service token."`
	tokenKind
}

// Run prints the token.
func (c *tokenCreateCmd) Run(ctx context.Context, t *terminal) error {
	role, err := tenant.ParseRole(c.Role)
	if err != nil {
		return err
	}
	expires, err := c.expiry(time.Now())
	if err != nil {
		return err
	}
	return withTenants(ctx, func(tenants *tenant.Service) error {
		token, err := tenants.IssueToken(ctx, tenant.Issue{
			Tenant: c.Tenant, Email: c.Email, Service: c.Service, Role: role, Scope: tenant.Scope(strings.ToUpper(c.Scope)), ExpiresAt: expires,
		})
		if err != nil {
			return err
		}
		return t.answer(token)
	})
}

type tokenListCmd struct {
	Tenant string `help:"The tenant's slug (default: all tenants)."`
}

// Run prints a line per token, the newest last.
func (c *tokenListCmd) Run(ctx context.Context, t *terminal) error {
	return withTenants(ctx, func(tenants *tenant.Service) error {
		tokens, err := tenants.ListTokens(ctx, c.Tenant)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		for _, token := range tokens {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", token.ID, token.Tenant, plain(token.Email), token.Role, token.Scope,
				token.Hint, token.CreatedAt.UTC().Format(time.RFC3339), stateOf(token.RevokedAt, token.ExpiresAt, time.Now()))
		}
		return w.Flush()
	})
}

func state(revokedAt *time.Time) string {
	if revokedAt == nil {
		return "active"
	}
	return "revoked " + revokedAt.UTC().Format(time.RFC3339)
}

type tokenRevokeCmd struct {
	ID string `arg:"" help:"The token's ID from token list."`
}

// Run is silent on standard output.
func (c *tokenRevokeCmd) Run(ctx context.Context, t *terminal) error {
	return withTenants(ctx, func(tenants *tenant.Service) error {
		if err := tenants.RevokeToken(ctx, c.ID); err != nil {
			return err
		}
		t.say("Token %s revoked.", c.ID)
		return nil
	})
}
