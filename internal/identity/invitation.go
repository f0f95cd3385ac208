package identity

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/mail"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/quota"
	"github.com/golive-hq/golive/internal/tenant"
)

// Invited is the kind of the notice by which somebody is invited.
const Invited outbox.Kind = "INVITED"

// InvitedTraits are how such a notice travels.
var InvitedTraits = outbox.Traits{Kind: Invited, Importance: 3, Unasked: true, Alone: true}

// Invitation waits for whoever proves its address.
type Invitation struct {
	ID        string      `db:"id"`
	TenantID  string      `db:"tenant_id"`
	Email     string      `db:"email"`
	Role      tenant.Role `db:"role"`
	InvitedBy string      `db:"invited_by"`
	ExpiresAt time.Time   `db:"expires_at"`
}

// mostInvitations bounds how many may wait in a tenant.
const mostInvitations = 200

// Invite lets whoever proves that address join a tenant, within 14 days, and writes to it.
// It needs an admin. Another invitation for the same address is replaced; a member is
// INVALID_STATE, and what is more than a tenant may write in a day RATE_LIMITED.
func (s *Service) Invite(ctx context.Context, tenantID, email string, role tenant.Role) (Invitation, error) {
	if err := tenant.Require(ctx, tenantID, tenant.RoleAdmin); err != nil {
		return Invitation{}, err
	}
	actor, _ := tenant.ActorFrom(ctx)
	email, err := address(email)
	if err != nil {
		return Invitation{}, err
	}
	i := Invitation{ID: uuid.Must(uuid.NewV7()).String(), TenantID: tenantID, Email: email, Role: role, InvitedBy: actor.Email}
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		if err := tenant.Lock(ctx, tx, tenantID); err != nil {
			return err
		}
		if err := tenant.RequireNow(ctx, tx, tenantID, tenant.RoleAdmin); err != nil {
			return err
		}
		if err := mayInvite(ctx, tx, i); err != nil {
			return err
		}
		if err := quota.ToInvite(ctx, tx, tenantID); err != nil {
			return err
		}
		if err := insertInvitation(ctx, tx, &i); err != nil {
			return err
		}
		return s.tellInvited(ctx, tx, i)
	})
	if err != nil {
		return Invitation{}, err // it may be another tenant's
	}
	return i, nil
}

func mayInvite(ctx context.Context, tx pgx.Tx, i Invitation) error {
	member, err := tenant.IsMember(ctx, tx, i.TenantID, i.Email)
	if err != nil {
		return err
	}
	if member {
		return fault.New(fault.InvalidState, "%s is a member already. Change the role instead.", i.Email).At("input", "email")
	}
	waiting, err := countOpen(ctx, tx, i.TenantID)
	if err == nil && waiting >= mostInvitations {
		err = fault.New(fault.LimitReached, "%d invitations are waiting, and no more can. Withdraw some first.", waiting)
	}
	return err
}

func (s *Service) tellInvited(ctx context.Context, tx pgx.Tx, i Invitation) error {
	err := outbox.InsertInvitation(ctx, tx, outbox.Entry{
		TenantID: i.TenantID, Subject: i.ID, Version: 1, Kind: InvitedTraits, Actor: i.InvitedBy,
		To: []outbox.Addressee{{Address: i.Email, Required: true}},
	})
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		TenantID: i.TenantID, Actor: i.InvitedBy, Action: "member.invited", Subject: i.ID, Details: map[string]any{"email": i.Email, "role": i.Role},
	})
}

// Withdraw ends an invitation that nobody has accepted. It needs an admin.
func (s *Service) Withdraw(ctx context.Context, id string) (Invitation, error) {
	var i Invitation
	err := postgres.InTx(ctx, s.DB, func(tx pgx.Tx) (err error) {
		if i, err = lockToWithdraw(ctx, tx, id); err != nil {
			return err
		}
		if err := settle(ctx, tx, []string{id}); err != nil {
			return err
		}
		actor, _ := tenant.ActorFrom(ctx)
		return audit.Record(ctx, tx, audit.Entry{
			TenantID: i.TenantID, Actor: actor.Email, Action: "invitation.withdrawn", Subject: id, Details: map[string]any{"email": i.Email},
		})
	})
	if err != nil {
		return Invitation{}, err // it may be another tenant's
	}
	return i, nil
}

// lockToWithdraw locks the tenant first and the invitation then, as all do.
func lockToWithdraw(ctx context.Context, tx pgx.Tx, id string) (Invitation, error) {
	if _, err := tenant.ActorFrom(ctx); err != nil {
		return Invitation{}, err
	}
	i, err := openInvitation(ctx, tx, id)
	if err != nil {
		return Invitation{}, err
	}
	if err := tenant.Require(ctx, i.TenantID, tenant.RoleAdmin); err != nil {
		if fault.CodeOf(err) == fault.NotFound {
			err = noInvitation()
		}
		return Invitation{}, err
	}
	if err := tenant.Lock(ctx, tx, i.TenantID); err != nil {
		return Invitation{}, err
	}
	if err := tenant.RequireNow(ctx, tx, i.TenantID, tenant.RoleAdmin); err != nil {
		return Invitation{}, err
	}
	return lockInvitation(ctx, tx, id)
}

// Invitations returns those that wait, the newest last: to an admin, to others none.
func (s *Service) Invitations(ctx context.Context, tenantID string) ([]Invitation, error) {
	if err := tenant.Require(ctx, tenantID, tenant.RoleViewer); err != nil {
		return nil, err
	}
	if tenant.Require(ctx, tenantID, tenant.RoleAdmin) != nil {
		return nil, nil
	}
	return openInvitations(ctx, s.DB, tenantID)
}

// acceptAll makes a person a member wherever its verified address was invited to.
func acceptAll(ctx context.Context, tx pgx.Tx, p person) error {
	waiting, err := invitationsFor(ctx, tx, p.Address)
	if err != nil {
		return err
	}
	for _, i := range waiting {
		if err := accept(ctx, tx, p, i); err != nil {
			return err
		}
	}
	return nil
}

// accept does nothing where the invitation was withdrawn while the tenant was locked.
func accept(ctx context.Context, tx pgx.Tx, p person, i Invitation) error {
	if err := tenant.Lock(ctx, tx, i.TenantID); err != nil {
		return err
	}
	i, err := lockInvitation(ctx, tx, i.ID)
	if fault.CodeOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if err := tenant.Admit(ctx, tx, i.TenantID, p.Email, i.Role); err != nil {
		return err
	}
	return settle(ctx, tx, []string{i.ID})
}

// ComposeInvitation makes the mail of one notice, as long as its invitation waits.
func (s *Service) ComposeInvitation(ctx context.Context, n outbox.Notice) (outbox.Composed, error) {
	i, err := openInvitation(ctx, s.DB, n.Subject)
	if fault.CodeOf(err) == fault.NotFound {
		return outbox.Composed{Moot: []outbox.Notice{n}}, nil
	}
	if err != nil {
		return outbox.Composed{}, err
	}
	t, err := tenant.Load(ctx, s.DB, i.TenantID)
	return outbox.Composed{Live: []outbox.Notice{n}, Mail: mail.Notice{
		Kind: mail.Invited, Key: fmt.Sprintf("golive:invitation:%s", i.ID), Tenant: t.Name, By: i.InvitedBy,
		Role: strings.ToLower(string(i.Role)), URL: s.PublicURL + "/login",
	}}, err
}

func noInvitation() *fault.Error {
	return fault.New(fault.NotFound, "There's no invitation with this ID, or it was accepted.").At("input", "invitationId")
}
