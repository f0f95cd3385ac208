package main

import (
	"context"
	"fmt"
	"strings"
)

// membership is a tenant that the token has access to.
type membership struct {
	ID   string
	Slug string
	clock
}

// ofTenant is how commands take a tenant: most tokens have one.
type ofTenant struct {
	Tenant string `placeholder:"SLUG" help:"The tenant's slug; needed only if your token has several tenants."`
}

// tenants are all that the token has access to.
func (a *api) tenants(ctx context.Context) ([]membership, error) {
	type answer struct {
		Viewer struct{ Memberships []struct{ Tenant membership } }
	}
	data, err := ask[answer](ctx, a, `{ viewer { memberships { tenant { id slug now timeZone } } } }`, nil)
	var all []membership
	for _, m := range data.Viewer.Memberships {
		all = append(all, m.Tenant)
	}
	return all, err
}

// of is the tenant that is named, or the only one.
func (o ofTenant) of(ctx context.Context, a *api) (membership, error) {
	all, err := a.tenants(ctx)
	if err != nil {
		return membership{}, err
	}
	var slugs []string
	for _, m := range all {
		if m.Slug == o.Tenant || o.Tenant == "" && len(all) == 1 {
			return m, nil
		}
		slugs = append(slugs, m.Slug)
	}
	if o.Tenant == "" {
		return membership{}, fmt.Errorf("this token has several tenants: choose one with --tenant (%s)", strings.Join(slugs, ", "))
	}
	return membership{}, fmt.Errorf("this token has no access to a tenant %s, only to %s", plain(o.Tenant), strings.Join(slugs, ", "))
}
