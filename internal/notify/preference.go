package notify

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/mailbox"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/internal/tenant"
)

// Kind names what a mail tells of; rooms above have their own.
type Kind string

// Option is a kind of mails that people may switch on and off.
type Option struct {
	Kind Kind
	// Unasked tells that those get it who chose nothing.
	Unasked bool
}

// Choices keeps what people want to be told.
type Choices struct {
	DB *pgxpool.Pool
	// Keys make the tickets of unsubscribe links.
	Keys *seal.Keys
	// PublicURL is where those links lead, without a slash at the end.
	PublicURL string
	// Options are all that there are, in the order in which people think of them.
	Options []Option
}

// Preference tells whether somebody gets mails of a kind.
type Preference struct {
	Kind Kind `db:"kind"`
	// Wanted is what holds where the subject was scheduled. Of one that was not, kinds
	// without any choice are told only where they mean trouble.
	Wanted bool `db:"wanted"`
	// Own is the person's own choice, Tenant the tenant's; nil where there is none.
	Own    *bool `db:"own"`
	Tenant *bool `db:"tenant"`
}

// Preferences returns what the actor wants to be told of a tenant, every kind
// once.
func (s *Choices) Preferences(ctx context.Context, tenantID string) ([]Preference, error) {
	if err := tenant.Require(ctx, tenantID, tenant.RoleViewer); err != nil {
		return nil, err
	}
	actor, _ := tenant.ActorFrom(ctx)
	unasked := make([]bool, len(s.Options))
	for i, o := range s.Options {
		unasked[i] = o.Unasked
	}
	return postgres.All(ctx, s.DB, pgx.RowToStructByName[Preference], `SELECT k.kind, own.wanted AS own, tenant.wanted AS tenant,
			coalesce(own.wanted, tenant.wanted, k.unasked) AS wanted
		FROM unnest($3::text[], $4::boolean[]) WITH ORDINALITY AS k (kind, unasked, n)
		LEFT JOIN mail_preferences own ON own.tenant_id = $1 AND own.person = $2 AND own.kind = k.kind
		LEFT JOIN mail_preferences tenant ON tenant.tenant_id = $1 AND tenant.person = '' AND tenant.kind = k.kind
		ORDER BY k.n`, tenantID, mailbox.Normal(actor.Email), s.allKinds(), unasked)
}

// PreferenceInput is a choice of the actor's own, or, where ForTenant is set,
// one for all who made none, which needs an admin.
type PreferenceInput struct {
	TenantID  string
	ForTenant bool
	// Kinds are all where empty.
	Kinds []Kind
	// Wanted nil takes the choice back.
	Wanted *bool
}

// SetPreferences makes a choice and returns what holds for the actor then. It
// keeps nobody from hearing of trouble for which they are responsible.
func (s *Choices) SetPreferences(ctx context.Context, in PreferenceInput) ([]Preference, error) {
	if err := s.setPreferences(ctx, in); err != nil {
		return nil, err
	}
	return s.Preferences(ctx, in.TenantID)
}

func (s *Choices) setPreferences(ctx context.Context, in PreferenceInput) error {
	needs := tenant.RoleViewer
	if in.ForTenant {
		needs = tenant.RoleAdmin
	}
	if err := tenant.Require(ctx, in.TenantID, needs); err != nil {
		return err
	}
	for _, k := range in.Kinds {
		if !slices.ContainsFunc(s.Options, func(o Option) bool { return o.Kind == k }) {
			return fault.New(fault.InvalidInput, "There's no email kind %q.", k).At("input", "kinds")
		}
	}
	actor, _ := tenant.ActorFrom(ctx)
	c := choice{tenantID: in.TenantID, person: mailbox.Normal(actor.Email), by: actor.Email, kinds: in.Kinds, wanted: in.Wanted}
	if in.ForTenant {
		c.person = ""
	}
	if len(c.kinds) == 0 {
		c.kinds = s.allKinds()
	}
	return postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error { return c.make(ctx, tx) })
}

func (s *Choices) allKinds() []Kind {
	kinds := make([]Kind, len(s.Options))
	for i, o := range s.Options {
		kinds[i] = o.Kind
	}
	return kinds
}

// choice is what somebody wants for a person, ” for a tenant.
type choice struct {
	tenantID, person, by string
	kinds                []Kind
	wanted               *bool
}

// make changes nothing, and says so to nobody, where the choice is made already.
func (c choice) make(ctx context.Context, tx pgx.Tx) error {
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

// WantedSQL tells whether a notice's recipient wants its kind: by own choice, else
// by the tenant's, else by what unasked is.
func WantedSQL(tenantID, recipient, kind, unasked string) string {
	return `COALESCE((SELECT p.wanted FROM mail_preferences p
		WHERE p.tenant_id = ` + tenantID + ` AND p.person IN ('', ` + recipient + `) AND p.kind = ` + kind + `
		ORDER BY p.person = '' LIMIT 1), ` + unasked + `)`
}

// AnybodyWants tells whether somebody of a tenant, or the tenant, has asked for a kind.
func AnybodyWants(ctx context.Context, tx pgx.Tx, tenantID string, kind Kind) (asked bool, err error) {
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM mail_preferences WHERE tenant_id = $1 AND kind = $2 AND wanted)`, tenantID, kind).Scan(&asked)
	if err != nil {
		return false, fmt.Errorf("look who wants notices of %s: %w", kind, err)
	}
	return asked, nil
}
