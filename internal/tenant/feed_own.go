package tenant

import (
	"context"
	"crypto/rand"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
)

const mostFeeds = 20 // that work, of one member

// MakeFeed makes a feed of the actor's own, which ends with the membership, and returns it
// with its secret. It needs DEPLOYER, and of a token ADMIN, as MakeToken does; a service
// token, which is no member, can have none: FORBIDDEN.
func (s *Service) MakeFeed(ctx context.Context, tenantID string) (Feed, string, error) {
	actor, err := ActorFrom(ctx)
	if err == nil {
		err = Require(ctx, tenantID, feedNeeds(actor))
	}
	if err != nil {
		return Feed{}, "", err
	}
	made := newFeed{id: uuid.Must(uuid.NewV7()).String(), tenantID: tenantID, secret: feedPrefix + rand.Text() + rand.Text()}
	var f ownedFeed
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) (err error) {
		if err := made.place(ctx, tx, actor); err != nil {
			return err
		}
		if err := insertFeed(ctx, tx, made); err != nil {
			return err
		}
		if f, err = feedByID(ctx, tx, made.id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{TenantID: tenantID, Actor: actor.Email, Action: "calendar.created", Subject: made.id})
	})
	if err != nil {
		return Feed{}, "", err
	}
	return f.Feed, made.secret, nil
}

func feedNeeds(actor Actor) Role {
	if actor.Kind == audit.Token {
		return RoleAdmin
	}
	return RoleDeployer
}

// place gives the feed its owner, if the actor may still make it and have one more.
func (f *newFeed) place(ctx context.Context, tx pgx.Tx, actor Actor) error {
	if err := Lock(ctx, tx, f.tenantID); err != nil {
		return err
	}
	if err := RequireNow(ctx, tx, f.tenantID, feedNeeds(actor)); err != nil {
		return err
	}
	id, err := memberIDOf(ctx, tx, f.tenantID, actor.Email)
	if fault.CodeOf(err) == fault.NotFound {
		return fault.New(fault.Forbidden, "A service token can't create calendars. Sign in, or use a token of your own.")
	}
	if err != nil {
		return err
	}
	f.memberID = &id
	has, err := countFeeds(ctx, tx, id)
	if err == nil && has >= mostFeeds {
		err = fault.New(fault.LimitReached, "You already have %d calendars here, and can't have more. Revoke some first.", has)
	}
	return err
}

// Feeds returns a tenant's feeds, the newest last: all of them to an admin, to others their
// own.
func (s *Service) Feeds(ctx context.Context, tenantID string) ([]Feed, error) {
	if err := Require(ctx, tenantID, RoleViewer); err != nil {
		return nil, err
	}
	if Require(ctx, tenantID, RoleAdmin) == nil {
		return feedsOf(ctx, s.DB, tenantID, "")
	}
	actor, err := ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	return feedsOf(ctx, s.DB, tenantID, actor.Email)
}

// EndFeed revokes a feed of the actor's own, or, for an admin, any of the tenant's. Repeating
// it changes nothing.
func (s *Service) EndFeed(ctx context.Context, id string) (Feed, error) {
	if _, err := ActorFrom(ctx); err != nil {
		return Feed{}, err // before a look that would find nothing
	}
	var f ownedFeed
	err := postgres.InTx(ctx, s.DB, func(tx pgx.Tx) (err error) {
		if f, err = feedByID(ctx, tx, id); err != nil {
			return err
		}
		actor, err := mayEndOwn(ctx, f.TenantID, f.CreatedBy, noFeed())
		if err != nil {
			return err
		}
		if ended, err := revokeFeed(ctx, tx, id); err != nil || ended == "" {
			return err
		}
		if f, err = feedByID(ctx, tx, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{TenantID: f.TenantID, Actor: actor.Email, Action: "calendar.revoked", Subject: id})
	})
	if err != nil {
		return Feed{}, err // it may be another tenant's
	}
	return f.Feed, nil
}

func noFeed() *fault.Error {
	return fault.New(fault.NotFound, "There's no calendar with this ID.").At("input", "feedId")
}
