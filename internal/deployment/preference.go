package deployment

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// MailPreference tells whether somebody gets mails of a kind.
type MailPreference struct {
	Kind NoticeKind `db:"kind"`
	// Wanted is what holds for scheduled go-lives. Of one that was not scheduled,
	// kinds without any choice are told only where they mean trouble.
	Wanted bool `db:"wanted"`
	// Own is the person's own choice, Tenant the tenant's; nil where there is none.
	Own    *bool `db:"own"`
	Tenant *bool `db:"tenant"`
}

// MailPreferences returns what the actor wants to be told of a tenant, every kind
// once.
func (s *Service) MailPreferences(ctx context.Context, tenantID string) ([]MailPreference, error) {
	if err := tenant.Require(ctx, tenantID, tenant.RoleViewer); err != nil {
		return nil, err
	}
	actor, _ := tenant.ActorFrom(ctx)
	unasked := make([]bool, len(NoticeKinds))
	for i, k := range NoticeKinds {
		unasked[i] = k.wantedUnasked(true)
	}
	return postgres.All(ctx, s.DB, pgx.RowToStructByName[MailPreference], `SELECT k.kind, own.wanted AS own, tenant.wanted AS tenant,
			coalesce(own.wanted, tenant.wanted, k.unasked) AS wanted
		FROM unnest($3::text[], $4::boolean[]) WITH ORDINALITY AS k (kind, unasked, n)
		LEFT JOIN mail_preferences own ON own.tenant_id = $1 AND own.person = $2 AND own.kind = k.kind
		LEFT JOIN mail_preferences tenant ON tenant.tenant_id = $1 AND tenant.person = '' AND tenant.kind = k.kind
		ORDER BY k.n`, tenantID, strings.ToLower(actor.Email), NoticeKinds, unasked)
}

// MailPreferenceInput is a choice of the actor's own, or, where ForTenant is set,
// one for all who made none, which needs an admin.
type MailPreferenceInput struct {
	TenantID  string
	ForTenant bool
	// Kinds are all where empty.
	Kinds []NoticeKind
	// Wanted nil takes the choice back.
	Wanted *bool
}

// SetMailPreferences makes a choice and returns what holds for the actor then. It
// keeps nobody from hearing of trouble for which they are responsible.
func (s *Service) SetMailPreferences(ctx context.Context, in MailPreferenceInput) ([]MailPreference, error) {
	if err := s.setMailPreferences(ctx, in); err != nil {
		return nil, err
	}
	return s.MailPreferences(ctx, in.TenantID)
}

func (s *Service) setMailPreferences(ctx context.Context, in MailPreferenceInput) error {
	needs := tenant.RoleViewer
	if in.ForTenant {
		needs = tenant.RoleAdmin
	}
	if err := tenant.Require(ctx, in.TenantID, needs); err != nil {
		return err
	}
	for _, k := range in.Kinds {
		if !slices.Contains(NoticeKinds, k) {
			return fault.New(fault.InvalidInput, "There is no kind of mail %q.", k).At("input", "kinds")
		}
	}
	actor, _ := tenant.ActorFrom(ctx)
	c := choice{tenantID: in.TenantID, person: strings.ToLower(actor.Email), by: actor.Email, kinds: in.Kinds, wanted: in.Wanted}
	if in.ForTenant {
		c.person = ""
	}
	return postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error { return c.make(ctx, tx) })
}

// choice is what somebody wants for a person, ” for a tenant.
type choice struct {
	tenantID, person, by string
	kinds                []NoticeKind
	wanted               *bool
}

// make changes nothing, and says so to nobody, where the choice is made already.
func (c choice) make(ctx context.Context, tx pgx.Tx) error {
	if len(c.kinds) == 0 {
		c.kinds = NoticeKinds
	}
	changed, err := c.save(ctx, tx)
	if err != nil || !changed {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		TenantID: c.tenantID, Actor: c.by, Action: "mail.preferences_changed", Subject: c.tenantID,
		Details: map[string]any{"person": c.person, "kinds": c.kinds, "wanted": c.wanted},
	})
}

func (c choice) save(ctx context.Context, tx pgx.Tx) (changed bool, err error) {
	var tag pgconn.CommandTag
	if c.wanted == nil {
		tag, err = tx.Exec(ctx, `DELETE FROM mail_preferences WHERE tenant_id = $1 AND person = $2 AND kind = ANY($3)`,
			c.tenantID, c.person, c.kinds)
	} else {
		tag, err = tx.Exec(ctx, `INSERT INTO mail_preferences AS p (tenant_id, person, kind, wanted)
			SELECT $1, $2, kind, $4 FROM unnest($3::text[]) AS kind ORDER BY kind
			ON CONFLICT (tenant_id, person, kind) DO UPDATE SET wanted = EXCLUDED.wanted WHERE p.wanted <> EXCLUDED.wanted`,
			c.tenantID, c.person, c.kinds, *c.wanted)
	}
	return tag.RowsAffected() > 0, err
}
