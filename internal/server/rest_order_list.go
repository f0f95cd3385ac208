package server

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/tenant"
	"github.com/golive-hq/golive/internal/text"
)

// listFilters are the parameters of GET /api/v1/orders, by the variable that each sets.
var listFilters = map[string]string{
	"tenant_id": "tenant", "mode": "mode", "status": "status", "customer": "customer",
	"changed_since": "changedSince", "after": "after", "first": "first",
}

// listed are the variables that list what the URL asks for.
func listed(r *http.Request) (map[string]any, error) {
	asked, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fault.New(fault.BadRequest, "The parameters of the URL can't be read.")
	}
	variables := map[string]any{}
	for name, values := range asked {
		variable, known := listFilters[name]
		if !known {
			return nil, fault.New(fault.InvalidInput, "Unknown parameter `%s` in the URL. Check the spelling.", shown([]string{name})).At(shown([]string{name}))
		}
		if err := saysOnce(name, values); err != nil {
			return nil, err
		}
		variables[variable] = values[0]
	}
	if names, given := variables["status"].(string); given {
		variables["status"] = strings.Split(names, ",")
	}
	if number, given := variables["first"].(string); given {
		first, err := strconv.ParseInt(number, 10, 32)
		if err != nil {
			return nil, fault.New(fault.InvalidInput, "first must be a number.").At("first")
		}
		variables["first"] = first
	}
	id, _ := variables["tenant"].(string)
	t, err := tenantOf(r.Context(), id, "tenant_id")
	variables["tenant"] = t.Slug
	return variables, err
}

// saysOnce refuses a parameter that has several values, or one that says nothing: who meant
// to ask for one customer's orders must not get everybody's.
func saysOnce(name string, values []string) error {
	switch {
	case len(values) > 1:
		return fault.New(fault.BadRequest, "`%s` is set more than once in the URL. Set it once.", name).At(name)
	case values[0] == "":
		return fault.New(fault.InvalidInput, "`%s` in the URL is empty.", name).At(name)
	}
	if flaw := text.Flaw(values[0]); flaw != "" {
		return fault.New(fault.InvalidInput, "`%s` contains %s. Remove it and try again.", name, flaw).At(name)
	}
	return nil
}

// tenantOf is the caller's tenant with that id, or its only one where none is named; field
// is what names it.
func tenantOf(ctx context.Context, id, field string) (tenant.Tenant, error) {
	actor, err := tenant.ActorFrom(ctx)
	switch {
	case err != nil:
		return tenant.Tenant{}, err
	case id == "" && len(actor.Memberships) == 1:
		return actor.Memberships[0].Tenant, nil
	case id == "":
		return tenant.Tenant{}, fault.New(fault.InvalidInput, "You don't belong to exactly one tenant. Name the tenant's ID as %s.", field).At(field)
	}
	known, _ := uuid.Parse(id)
	at := slices.IndexFunc(actor.Memberships, func(m tenant.Membership) bool { return m.Tenant.ID == known.String() })
	if at < 0 {
		return tenant.Tenant{}, fault.New(fault.NotFound, "There's no tenant with this ID.").At(field)
	}
	return actor.Memberships[at].Tenant, nil
}

// inTenant puts the caller's only tenant where an input names none.
func inTenant(ctx context.Context, given map[string]any) error {
	if _, named := given["tenantId"]; named {
		return nil
	}
	t, err := tenantOf(ctx, "", "tenantId")
	given["tenantId"] = t.ID
	return err
}
