package identity

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Session is a browser that somebody signed in with.
type Session struct {
	ID        string    `db:"id"`
	CreatedAt time.Time `db:"created_at"`
	// LastUsedAt is to the minute.
	LastUsedAt time.Time `db:"last_used_at"`
	UserAgent  string    `db:"user_agent"`
	// Current tells that it is the one that asks.
	Current bool `db:"current"`
}

// Authenticate returns the actor whose session this is, or UNAUTHENTICATED. Whoever was
// invited since the session began is a member from now on.
func (s *Service) Authenticate(ctx context.Context, secret string) (tenant.Actor, error) {
	ctx = postgres.Across(ctx, postgres.Door)
	if secret == "" {
		return tenant.Actor{}, tenant.SessionEnded()
	}
	v, err := visitBySecret(ctx, s.Door, hashOf(secret))
	if err != nil {
		return tenant.Actor{}, err
	}
	memberships, unseen, err := tenant.Memberships(ctx, s.Door, v.Email)
	if err == nil && (unseen || v.Invited) {
		memberships, err = s.arrived(ctx, v.person)
	}
	if err == nil && v.Unnoted {
		// A database that takes no changes tells who is calling all the same.
		_ = noteUsed(ctx, s.Door, v.SessionID)
	}
	return v.actor(memberships), err
}

func (v visit) actor(memberships []tenant.Membership) tenant.Actor {
	return tenant.Actor{
		Kind: audit.Person, Email: v.Email, Name: v.Name, TimeZone: v.TimeZone,
		Principal: tenant.SessionKind + "/" + v.SessionID, Memberships: memberships,
	}
}

// SessionHolders is tenant.Holders for sessions. It is no use of theirs.
func (s *Service) SessionHolders(ctx context.Context, principals []string) (map[string]tenant.Actor, error) {
	ctx = postgres.Across(ctx, postgres.Door)
	visits, err := visitsByID(ctx, s.Door, tenant.IDsOf(principals))
	if err != nil {
		return nil, err
	}
	emails := make([]string, len(visits))
	for i, v := range visits {
		emails[i] = v.Email
	}
	memberships, err := tenant.MembershipsOf(ctx, s.Door, emails)
	now := make(map[string]tenant.Actor, len(visits))
	for _, v := range visits {
		actor := v.actor(memberships[v.Email])
		now[actor.Principal] = actor
	}
	return now, err
}

// RoleNow is tenant.RoleNow, where the end of a session ends what it began, too: signing
// out ends what a browser that was left behind has asked for.
func RoleNow(ctx context.Context, db postgres.Querier, tenantID, email, principal string) (tenant.Role, error) {
	if kind, id, _ := strings.Cut(principal, "/"); kind == tenant.SessionKind {
		if lasts, err := sessionLasts(postgres.Across(ctx, postgres.Door), db, id, email); err != nil || !lasts {
			return "", err
		}
	}
	return tenant.RoleNow(ctx, db, tenantID, email, principal)
}

// IsVerified tells whether the person that memberships know by this address has proved to
// have it, and has no other by now.
func IsVerified(ctx context.Context, db postgres.Querier, email string) (bool, error) {
	return hasProved(postgres.Across(ctx, postgres.Door), db, email)
}

func (s *Service) arrived(ctx context.Context, p person) (memberships []tenant.Membership, err error) {
	ctx = postgres.Across(ctx, postgres.Door)
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		if err := arrive(ctx, tx, p.afterwards()); err != nil {
			return err
		}
		memberships, _, err = tenant.Memberships(ctx, tx, p.Email)
		return err
	})
	return memberships, err
}

// Sessions returns the actor's, the newest first. A token below ADMIN sees none: it may
// have been given away.
func (s *Service) Sessions(ctx context.Context) ([]Session, error) {
	ctx = postgres.Across(ctx, postgres.Door)
	actor, err := tenant.ActorFrom(ctx)
	if err != nil || !minds(actor) {
		return nil, err
	}
	return sessionsOf(ctx, s.DB, actor.Email, actor.SessionID())
}

// minds tells whether an actor may look after the sessions of the person it acts for.
func minds(a tenant.Actor) bool {
	if a.Kind == audit.Person {
		return true
	}
	for _, m := range a.Memberships {
		if m.Role.Covers(tenant.RoleAdmin) && a.Scope != tenant.ScopeOrders {
			return true
		}
	}
	return false
}

// EndSession ends one of the actor's sessions, or, where id is "", every one but that which
// asks, and returns how many. An id that is none of them is NOT_FOUND.
func (s *Service) EndSession(ctx context.Context, id string) (int, error) {
	ctx = postgres.Across(ctx, postgres.Door)
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return 0, err
	}
	if !minds(actor) {
		return 0, fault.New(fault.Forbidden, "A token below the admin role can't end sessions. Sign in for that.")
	}
	var ended []string
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) (err error) {
		if ended, err = endSessions(ctx, tx, actor.Email, id, actor.SessionID()); err != nil || len(ended) == 0 {
			return err
		}
		return recordFor(ctx, tx, actor.Email, audit.Entry{Actor: actor.Email, Action: "session.ended", Subject: ended[0], Details: map[string]any{"sessions": len(ended)}})
	})
	if err == nil && id != "" && len(ended) == 0 {
		err = fault.New(fault.NotFound, "There's no session with this ID, or it has ended.").At("input", "sessionId")
	}
	return len(ended), err
}

// SignOut ends the session with that secret; one that has ended is no error.
func (s *Service) SignOut(ctx context.Context, secret string) error {
	ctx = postgres.Across(ctx, postgres.Door)
	v, err := visitBySecret(ctx, s.DB, hashOf(secret))
	if fault.CodeOf(err) == fault.Unauthenticated {
		return nil
	}
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		if err := endBySecret(ctx, tx, secret); err != nil {
			return err
		}
		return recordFor(ctx, tx, v.Email, audit.Entry{Actor: v.Email, Action: "person.signed_out", Subject: v.ID})
	})
}

// SetTimeZone keeps the zone in which the person reads times; nil is the browser's. A zone
// that is none is TIME_ZONE_UNKNOWN.
func (s *Service) SetTimeZone(ctx context.Context, zone *string) (tenant.Actor, error) {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return actor, err
	}
	if actor.Kind != audit.Person {
		return actor, fault.New(fault.InvalidState, "A token has no time zone. Sign in to set yours.")
	}
	if err := checkZone(zone); err != nil {
		return actor, err
	}
	actor.TimeZone = zone
	return actor, setTimeZone(postgres.Across(ctx, postgres.Door), s.DB, actor.Email, zone)
}
