package tenant

import (
	"context"
	"errors"

	"github.com/golive-hq/golive/internal/postgres"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
)

// Tenant is one customer of the platform: whoever owns products.
type Tenant struct {
	// ID is a UUIDv7.
	ID string `db:"id"`
	// Slug is the short name in addresses and commands, unique for ever.
	Slug string `db:"slug"`
	Name string `db:"name"`
	// TimeZone is an IANA name, the zone that its people think in.
	TimeZone string `db:"time_zone"`
}

// Membership is what one actor may do in one tenant.
type Membership struct {
	Tenant Tenant
	Role   Role
}

// Service holds the use cases.
type Service struct {
	DB *pgxpool.Pool
	// Door is for finding out who is calling, which must not wait for what others do.
	Door *pgxpool.Pool
	// Lost is told of a member who may deploy no longer, in the transaction of what took that
	// right; nil where nobody needs to know.
	Lost func(ctx context.Context, tx pgx.Tx, m Member) error
}

// withdraw tells everybody whom it concerns that a member has lost a right, which had was.
func (s *Service) withdraw(ctx context.Context, tx pgx.Tx, m Member, had Role) error {
	if err := Withdrawn(ctx, tx); err != nil || !had.Covers(RoleDeployer) {
		return err
	}
	return s.lose(ctx, tx, m)
}

// withdrawHolder is withdraw for whoever a token acts for, which may be no member.
func (s *Service) withdrawHolder(ctx context.Context, tx pgx.Tx, tokenID string) error {
	m, err := memberByToken(ctx, tx, tokenID)
	if err != nil || m.ID == "" {
		return errors.Join(err, Withdrawn(ctx, tx))
	}
	had, err := roleOfToken(ctx, tx, tokenID)
	if err != nil {
		return err
	}
	return s.withdraw(ctx, tx, m, lesser(had, m.Role))
}

// lose tells Lost of a member who could deploy by what they have just lost, if what is left
// does not suffice for that.
func (s *Service) lose(ctx context.Context, tx pgx.Tx, m Member) error {
	if s.Lost == nil {
		return nil
	}
	now, err := RoleNow(ctx, tx, m.TenantID, m.Email, "")
	if err != nil || now.Covers(RoleDeployer) {
		return err
	}
	return s.Lost(ctx, tx, m)
}

// RecordEverywhere writes e into the log of every tenant, for what concerns them all.
func RecordEverywhere(ctx context.Context, tx pgx.Tx, e audit.Entry) error {
	ids, err := tenantIDs(postgres.Across(ctx, postgres.Operators), tx)
	if err != nil {
		return err
	}
	return audit.RecordEach(ctx, tx, ids, e)
}

// AuditLog returns a part of a tenant's audit log, as audit.List does. Any member may
// read it, but only an admin what it says of other people's addresses, and a viewer not
// even by which of them who acted: to ask for one by a filter is FORBIDDEN, too.
func (s *Service) AuditLog(ctx context.Context, f audit.Filter, first int, after string) (audit.Page, error) {
	actor, err := ActorFrom(ctx)
	if err == nil {
		err = Require(ctx, f.TenantID, RoleViewer)
	}
	if err != nil {
		return audit.Page{}, err
	}
	veiled, masked := Require(ctx, f.TenantID, RoleAdmin) != nil, Require(ctx, f.TenantID, RoleDeployer) != nil
	if masked && asksForOthers(f, actor.Email) || veiled && f.Subject != nil && audit.IsOthers(*f.Subject, actor.Email) {
		return audit.Page{}, fault.New(fault.Forbidden, "Your role doesn't show other people's addresses in the audit log, so you can't filter by them.")
	}
	page, err := audit.List(ctx, s.DB, f, first, after)
	if veiled {
		audit.Veil(page.Entries, actor.Email)
	}
	if masked {
		audit.Mask(page.Entries, actor.Email)
	}
	return page, err
}

func asksForOthers(f audit.Filter, reader string) bool {
	return f.Actor != nil && audit.IsOthers(*f.Actor, reader)
}
