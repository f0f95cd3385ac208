package tenant_test

import (
	"context"
	"testing"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/tenant"
)

func TestRequire(t *testing.T) {
	t.Parallel()
	acme := tenant.Tenant{ID: "0190a000-0000-7000-8000-000000000001", Slug: "acme"}
	roles := []tenant.Role{tenant.RoleViewer, tenant.RoleDeployer, tenant.RoleAdmin}
	for i, has := range roles {
		for j, needs := range roles {
			want := fault.Code("")
			if i < j {
				want = fault.Forbidden
			}
			wantCode(t, tenant.Require(as(acme, has), acme.ID, needs), want)
		}
	}
	// Even an admin elsewhere must not learn that acme exists.
	stranger := as(tenant.Tenant{ID: "0190a000-0000-7000-8000-000000000002", Slug: "other"}, tenant.RoleAdmin)
	wantCode(t, tenant.Require(stranger, acme.ID, tenant.RoleViewer), fault.NotFound)
	wantCode(t, tenant.Require(stranger, "no id at all", tenant.RoleViewer), fault.NotFound)
	wantCode(t, tenant.Require(context.Background(), acme.ID, tenant.RoleViewer), fault.Unauthenticated)
	// A role that no version knows may do nothing.
	wantCode(t, tenant.Require(as(acme, "OWNER"), acme.ID, tenant.RoleViewer), fault.Forbidden)
}

func TestTenantsOfTheActor(t *testing.T) {
	t.Parallel()
	acme := tenant.Tenant{ID: "0190a000-0000-7000-8000-000000000001", Slug: "acme"}
	ctx := as(acme, tenant.RoleViewer)
	if got, err := tenant.BySlug(ctx, "acme"); err != nil || got != acme {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := tenant.ByID(ctx, acme.ID); err != nil || got != acme {
		t.Errorf("%+v, %v", got, err)
	}
	_, err := tenant.BySlug(ctx, "other")
	wantCode(t, err, fault.NotFound)
	_, err = tenant.ByID(ctx, "other")
	wantCode(t, err, fault.NotFound)
	_, err = tenant.BySlug(context.Background(), "acme")
	wantCode(t, err, fault.Unauthenticated)
}

func TestParseRole(t *testing.T) {
	t.Parallel()
	if role, err := tenant.ParseRole("deployer"); err != nil || role != tenant.RoleDeployer {
		t.Errorf("%s, %v", role, err)
	}
	_, err := tenant.ParseRole("root")
	wantCode(t, err, fault.InvalidInput)
}
