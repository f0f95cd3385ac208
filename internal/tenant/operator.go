package tenant

import (
	"context"
	"regexp"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/localtime"
	"github.com/golive-hq/golive/internal/postgres"
)

// Operator is the actor of what the command line does in the database.
const Operator = "operator"

var slugForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// CreateTenant makes a tenant; zone "" is UTC. It is a use case for operators: no
// actor is asked for. A bad or taken slug, an empty name and an unknown zone are
// told as INVALID_INPUT or TIME_ZONE_UNKNOWN.
func (s *Service) CreateTenant(ctx context.Context, slug, name, zone string) (Tenant, error) {
	ctx = postgres.Across(ctx, postgres.Operators)
	if zone == "" {
		zone = "UTC"
	}
	t := Tenant{ID: uuid.Must(uuid.NewV7()).String(), Slug: slug, Name: strings.TrimSpace(name), TimeZone: zone}
	if err := t.check(); err != nil {
		return Tenant{}, err
	}
	err := postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		if err := insertTenant(ctx, tx, t); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			TenantID: t.ID, Actor: Operator, Action: "tenant.created", Subject: t.ID,
			Details: map[string]any{"slug": t.Slug, "name": t.Name, "timeZone": t.TimeZone},
		})
	})
	if err != nil {
		return Tenant{}, err
	}
	return t, nil
}

func (t Tenant) check() error {
	if !slugForm.MatchString(t.Slug) {
		return fault.New(fault.InvalidInput,
			"%q isn't a valid slug. Use 1 to 63 lowercase letters, digits and hyphens, starting with a letter or digit.", t.Slug).At("slug")
	}
	if t.Name == "" {
		return fault.New(fault.InvalidInput, "A tenant needs a name.").At("name")
	}
	if _, err := localtime.Load(t.TimeZone); err != nil {
		return fault.Wrap(err, fault.TimeZoneUnknown, "%v", err).At("timeZone")
	}
	return nil
}

// ListTenants returns all tenants by slug. It is a use case for operators.
func (s *Service) ListTenants(ctx context.Context) ([]Tenant, error) {
	return allTenants(postgres.Across(ctx, postgres.Operators), s.DB)
}
