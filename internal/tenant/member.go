package tenant

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
)

// Member is somebody who belongs to a tenant.
type Member struct {
	ID       string `db:"id"`
	TenantID string `db:"tenant_id"`
	Email    string `db:"email"`
	// Name is what the person's issuer says, nil for nothing.
	Name *string `db:"name"`
	Role Role    `db:"role"`
	// Since is when the person became a member, the last time.
	Since time.Time `db:"since"`
}

// Members returns a tenant's members by address; any of them may see the others.
func (s *Service) Members(ctx context.Context, tenantID string) ([]Member, error) {
	if err := Require(ctx, tenantID, RoleViewer); err != nil {
		return nil, err
	}
	return members(ctx, s.DB, tenantID)
}

// SetMemberRole changes what a member may do, from now on and in all that waits. It needs
// an admin. The last admin who can act keeps the role: INVALID_STATE.
func (s *Service) SetMemberRole(ctx context.Context, id string, role Role) (Member, error) {
	var m Member
	err := postgres.InTx(ctx, s.DB, func(tx pgx.Tx) (err error) {
		if m, err = s.lockOther(ctx, tx, id, RoleAdmin); err != nil || m.Role == role {
			return err
		}
		if err := keepAnAdmin(ctx, tx, m, role); err != nil {
			return err
		}
		before := m.Role
		m.Role = role
		if err := setMemberRole(ctx, tx, id, role); err != nil {
			return err
		}
		if err := s.withdraw(ctx, tx, m, before); err != nil {
			return err
		}
		return recordMember(ctx, tx, m, "member.role_changed", map[string]any{"email": m.Email, "before": before, "after": role})
	})
	if err != nil {
		return Member{}, err
	}
	return m, nil
}

// RemoveMember ends a membership, with the member's tokens and feeds; service tokens stay. It needs
// an admin, or is the member's own wish. The last admin who can act stays: INVALID_STATE.
func (s *Service) RemoveMember(ctx context.Context, id string) (Member, error) {
	var m Member
	err := postgres.InTx(ctx, s.DB, func(tx pgx.Tx) (err error) {
		if m, err = s.lockOther(ctx, tx, id, RoleViewer); err != nil {
			return err
		}
		actor, _ := ActorFrom(ctx)
		if actor.Email != m.Email || actor.Kind != audit.Person {
			if err := Require(ctx, m.TenantID, RoleAdmin); err != nil {
				return err
			}
			if err := RequireNow(ctx, tx, m.TenantID, RoleAdmin); err != nil {
				return err
			}
		}
		if err := keepAnAdmin(ctx, tx, m, ""); err != nil {
			return err
		}
		if err := removeMember(ctx, tx, id); err != nil {
			return err
		}
		if err := revokeTokensOf(ctx, tx, id); err != nil {
			return err
		}
		if err := revokeFeedsOf(ctx, tx, id); err != nil {
			return err
		}
		if err := s.withdraw(ctx, tx, m, m.Role); err != nil {
			return err
		}
		return recordMember(ctx, tx, m, "member.removed", map[string]any{"email": m.Email, "role": m.Role})
	})
	if err != nil {
		return Member{}, err
	}
	return m, nil
}

// lockOther returns a member of a tenant of the actor's, who has that role there, after
// all who change the tenant's members have ended: of two admins who remove each other
// only one may succeed.
func (s *Service) lockOther(ctx context.Context, tx pgx.Tx, id string, need Role) (Member, error) {
	if _, err := ActorFrom(ctx); err != nil {
		return Member{}, err
	}
	m, err := memberByID(ctx, tx, id)
	if err != nil {
		return Member{}, err
	}
	if err := Require(ctx, m.TenantID, need); err != nil {
		if fault.CodeOf(err) == fault.NotFound {
			err = noMember()
		}
		return Member{}, err
	}
	if err := Lock(ctx, tx, m.TenantID); err != nil {
		return Member{}, err
	}
	if err := RequireNow(ctx, tx, m.TenantID, need); err != nil {
		return Member{}, err
	}
	return memberByID(ctx, tx, id)
}

// keepAnAdmin refuses what would leave the tenant without an admin who can act.
func keepAnAdmin(ctx context.Context, tx pgx.Tx, m Member, becomes Role) error {
	if m.Role != RoleAdmin || becomes == RoleAdmin {
		return nil
	}
	others, err := hasOtherAdmin(ctx, tx, m)
	if err == nil && !others {
		err = fault.New(fault.InvalidState, "%s is the last admin. Make someone else an admin first.", m.Email)
	}
	return err
}

func recordMember(ctx context.Context, tx pgx.Tx, m Member, action string, details map[string]any) error {
	actor, err := ActorFrom(ctx)
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{TenantID: m.TenantID, Actor: actor.Email, Action: action, Subject: m.ID, Details: details})
}

func noMember() *fault.Error {
	return fault.New(fault.NotFound, "There's no member with this ID.").At("input", "memberId")
}

// Memberships returns the tenants that the person with this address is a member of, by
// slug, whoever asks. unseen tells that the person has not acted in some of them yet: Join
// notes that.
func Memberships(ctx context.Context, db postgres.Querier, email string) (all []Membership, unseen bool, err error) {
	ctx = postgres.Across(ctx, postgres.Door)
	return memberships(ctx, db, email)
}

// MembershipsOf is Memberships of many, by address.
func MembershipsOf(ctx context.Context, db postgres.Querier, emails []string) (map[string][]Membership, error) {
	ctx = postgres.Across(ctx, postgres.Door)
	return membershipsOf(ctx, db, emails)
}

// Join notes that the person with this address has signed in, in each tenant where no
// such note is: from then on the role counts there without any token.
func Join(ctx context.Context, tx pgx.Tx, email string, name *string) error {
	joined, err := markSignedIn(ctx, tx, email, name)
	if err != nil || len(joined) == 0 {
		return err
	}
	for _, m := range joined {
		err := audit.Record(ctx, tx, audit.Entry{
			TenantID: m.TenantID, Actor: email, Action: "member.joined", Subject: m.ID, Details: map[string]any{"email": email, "role": m.Role},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Admit makes the person with this address a member with that role, unless it is one
// already: nobody becomes more by being invited twice.
func Admit(ctx context.Context, tx pgx.Tx, tenantID, email string, role Role) error {
	if err := Lock(ctx, tx, tenantID); err != nil {
		return err
	}
	_, _, err := upsertMember(ctx, tx, uuid.Must(uuid.NewV7()).String(), tenantID, email, role)
	return err
}

// AddressOf returns the address of somebody who is or was a member, "" where that was
// forgotten, whoever asks.
func AddressOf(ctx context.Context, db postgres.Querier, memberID string) (string, error) {
	return addressOf(ctx, db, memberID)
}

// WasMember tells whether the address is that of somebody who was removed, whoever asks.
func WasMember(ctx context.Context, db postgres.Querier, tenantID, email string) (bool, error) {
	return wasMember(ctx, db, tenantID, email)
}

// IsMember tells whether the address is a member's, whoever asks.
func IsMember(ctx context.Context, db postgres.Querier, tenantID, email string) (bool, error) {
	return isMember(ctx, db, tenantID, email)
}
