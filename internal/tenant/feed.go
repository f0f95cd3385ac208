package tenant

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
)

// feedPrefix lets people and secret scanners know a feed's secret when they see one.
const feedPrefix = "glc_"

// Feed is a secret address of a tenant's calendar as lists show it; the secret
// itself is shown once, when it is made.
type Feed struct {
	ID     string `db:"id"`
	Tenant string `db:"tenant"` // slug
	// CreatedBy is the address of the member whose it is, or Operator.
	CreatedBy string     `db:"created_by"`
	Hint      string     `db:"hint"`
	CreatedAt time.Time  `db:"created_at"`
	RevokedAt *time.Time `db:"revoked_at"`
}

// CreateFeed makes a secret by which a calendar program may read what the tenant
// has scheduled, and nothing else, and returns it: glc_ and 260 random bits, of
// which only the SHA-256 is stored. Calendar programs keep no API token and hand
// their addresses to servers of their makers, so this is no token.
//
// It is a use case for operators: no actor is asked for. An unknown tenant is
// NOT_FOUND.
func (s *Service) CreateFeed(ctx context.Context, slug string) (string, error) {
	ctx = postgres.Across(ctx, postgres.Operators)
	made := newFeed{id: uuid.Must(uuid.NewV7()).String(), secret: feedPrefix + rand.Text() + rand.Text()}
	err := postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		t, err := tenantBySlug(ctx, tx, slug)
		if err != nil {
			return err
		}
		made.tenantID = t.ID
		if err := insertFeed(ctx, tx, made); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{TenantID: t.ID, Actor: Operator, Action: "calendar.created", Subject: made.id})
	})
	if err != nil {
		return "", err
	}
	return made.secret, nil
}

// FeedURL is where a calendar program finds what a feed's secret opens; publicURL has no
// slash at its end.
func FeedURL(publicURL, secret string) string { return publicURL + "/calendar/" + secret + ".ics" }

// ListFeeds returns the feeds of one tenant, or of all where slug is "", newest
// last, the revoked ones among them. It is a use case for operators.
func (s *Service) ListFeeds(ctx context.Context, slug string) ([]Feed, error) {
	ctx = postgres.Across(ctx, postgres.Operators)
	if slug != "" {
		if _, err := tenantBySlug(ctx, s.DB, slug); err != nil {
			return nil, err
		}
	}
	return feeds(ctx, s.DB, slug)
}

// RevokeFeed ends the feed with that id, at once and for ever. Repeating it does
// nothing; an unknown id is NOT_FOUND. It is a use case for operators.
func (s *Service) RevokeFeed(ctx context.Context, id string) error {
	ctx = postgres.Across(ctx, postgres.Operators)
	return postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		tenantID, err := revokeFeed(ctx, tx, id)
		if err != nil || tenantID == "" {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{TenantID: tenantID, Actor: Operator, Action: "calendar.revoked", Subject: id})
	})
}

// ByFeed returns the tenant that a feed's secret is for. Unknown, malformed and
// revoked ones are the same NOT_FOUND, found out by the same query: nothing tells
// one from another.
func (s *Service) ByFeed(ctx context.Context, secret string) (Tenant, error) {
	return tenantByFeed(postgres.Across(ctx, postgres.Door), s.DB, hashToken(secret), errFeed())
}

func errFeed() error {
	return fault.New(fault.NotFound, "This calendar doesn't exist or was revoked.")
}
