package tenant

import (
	"context"
	"crypto/rand"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
)

// serviceName is how service tokens are called: people read the name where they expect an
// address, and must not take it for one.
var serviceName = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,58}[A-Za-z0-9])?$`)

const (
	longestName = 60 // characters of a token's name
	mostTokens  = 50 // that work, of one member, and of a tenant itself
)

// TokenInput is what a token is to be.
type TokenInput struct {
	TenantID string
	Role     Role
	Scope    Scope
	// Service makes it the tenant's own: it acts under its Name and outlives its creator.
	Service bool
	// Name "" is none, which a service token may not have.
	Name string
	// ExpiresAt nil is never.
	ExpiresAt *time.Time
}

// MakeToken makes a token for the actor, or for the tenant, and returns it with its secret.
// A role above the actor's is FORBIDDEN, and so is a token made by one below ADMIN: what a
// script has leaked must not be able to make more of itself.
func (s *Service) MakeToken(ctx context.Context, in TokenInput) (Token, string, error) {
	actor, err := in.allowed(ctx)
	if err != nil {
		return Token{}, "", err
	}
	if err := in.check(); err != nil {
		return Token{}, "", err
	}
	made := newToken{
		id: uuid.Must(uuid.NewV7()).String(), role: in.Role, scope: in.Scope, createdBy: actor.Email,
		secret: tokenPrefix + rand.Text() + rand.Text(), expiresAt: in.ExpiresAt,
	}
	if in.Name != "" {
		made.name = &in.Name
	}
	var t ownedToken
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) (err error) {
		if err := in.place(ctx, tx, actor, &made); err != nil {
			return err
		}
		if err := insertToken(ctx, tx, made); err != nil {
			return err
		}
		if t, err = tokenByID(ctx, tx, made.id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			TenantID: in.TenantID, Actor: actor.Email, Action: "token.created", Subject: made.id,
			Details: map[string]any{"email": t.Email, "role": in.Role, "scope": in.Scope, "service": in.Service, "expiresAt": in.ExpiresAt},
		})
	})
	if err != nil {
		return Token{}, "", err
	}
	return t.Token, made.secret, nil
}

// allowed returns the actor, if it may make such a token.
func (in TokenInput) allowed(ctx context.Context) (Actor, error) {
	actor, err := ActorFrom(ctx)
	if err == nil {
		err = Require(ctx, in.TenantID, in.need(actor))
	}
	return actor, err
}

// need is the role that making such a token takes.
func (in TokenInput) need(actor Actor) Role {
	if in.Service || actor.Kind == audit.Token {
		return RoleAdmin
	}
	return in.Role
}

func (in *TokenInput) check() error {
	in.Name = strings.TrimSpace(in.Name)
	switch {
	case in.Service && !serviceName.MatchString(in.Name):
		return fault.New(fault.InvalidInput, "A service token needs a name of 1 to %d letters, digits, spaces, dots, hyphens and underscores.", longestName).At("input", "name")
	case len([]rune(in.Name)) > longestName:
		return fault.New(fault.InvalidInput, "A token's name can have at most %d characters.", longestName).At("input", "name")
	case in.ExpiresAt != nil && !in.ExpiresAt.After(time.Now()):
		return fault.New(fault.TimeInPast, "A token can't expire in the past.").At("input", "expiresAt")
	}
	return nil
}

// place gives the token its owner, if the actor may still make it and the owner may have
// one more.
func (in TokenInput) place(ctx context.Context, tx pgx.Tx, actor Actor, made *newToken) error {
	if err := Lock(ctx, tx, in.TenantID); err != nil {
		return err
	}
	if err := RequireNow(ctx, tx, in.TenantID, in.need(actor)); err != nil {
		return err
	}
	if err := in.own(ctx, tx, actor, made); err != nil {
		return err
	}
	has, err := countTokens(ctx, tx, *made)
	if err == nil && has >= mostTokens {
		err = in.tooMany(has)
	}
	return err
}

func (in TokenInput) tooMany(has int) error {
	if in.Service {
		return fault.New(fault.LimitReached, "This tenant already has %d service tokens, and can't have more. Revoke some first.", has)
	}
	return fault.New(fault.LimitReached, "You already have %d tokens here, and can't have more. Revoke some first.", has)
}

// own says whose the token is.
func (in TokenInput) own(ctx context.Context, tx pgx.Tx, actor Actor, made *newToken) error {
	if in.Service {
		made.tenantID = &in.TenantID
		return nil
	}
	id, err := memberIDOf(ctx, tx, in.TenantID, actor.Email)
	if fault.CodeOf(err) == fault.NotFound { // a service token acts for no member
		return fault.New(fault.InvalidInput, "A service token can only create service tokens.").At("input", "service")
	}
	made.memberID = &id
	return err
}

// Tokens returns a tenant's tokens, the newest last: all of them to an admin, to others
// their own.
func (s *Service) Tokens(ctx context.Context, tenantID string) ([]Token, error) {
	actor, err := ActorFrom(ctx)
	if err == nil {
		err = Require(ctx, tenantID, RoleViewer)
	}
	if err != nil {
		return nil, err
	}
	if Require(ctx, tenantID, RoleAdmin) == nil {
		return tokensOf(ctx, s.DB, tenantID, "")
	}
	return tokensOf(ctx, s.DB, tenantID, actor.Email)
}

// EndToken revokes a token of the actor's own, or, for an admin, any of the tenant's.
// Repeating it changes nothing.
func (s *Service) EndToken(ctx context.Context, id string) (Token, error) {
	if _, err := ActorFrom(ctx); err != nil {
		return Token{}, err
	}
	var t ownedToken
	err := postgres.InTx(ctx, s.DB, func(tx pgx.Tx) (err error) {
		if t, err = tokenByID(ctx, tx, id); err != nil {
			return err
		}
		actor, err := mayEndOwn(ctx, t.TenantID, t.Email, noToken())
		if err != nil {
			return err
		}
		if _, revoked, err := lockToken(ctx, tx, id); err != nil || revoked {
			return err
		}
		if err := markRevoked(ctx, tx, id); err != nil {
			return err
		}
		if err := s.withdrawHolder(ctx, tx, id); err != nil {
			return err
		}
		if t, err = tokenByID(ctx, tx, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{TenantID: t.TenantID, Actor: actor.Email, Action: "token.revoked", Subject: id})
	})
	if err != nil {
		return Token{}, err // it may be another tenant's
	}
	return t.Token, nil
}

// mayEndOwn returns the actor, if it may end what owner has in the tenant: its own, or
// anybody's as an admin. absent is for whoever is no member.
func mayEndOwn(ctx context.Context, tenantID, owner string, absent error) (Actor, error) {
	actor, err := ActorFrom(ctx)
	if err != nil {
		return Actor{}, err
	}
	need := RoleAdmin
	if owner == actor.Email {
		need = RoleViewer
	}
	err = Require(ctx, tenantID, need)
	if _, member := actor.Membership(tenantID); !member {
		err = absent
	}
	return actor, err
}

func noToken() *fault.Error {
	return fault.New(fault.NotFound, "There's no token with this ID.").At("input", "tokenId")
}
