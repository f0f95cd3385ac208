package tenant

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/mailbox"
	"github.com/golive-hq/golive/internal/postgres"
)

// tokenPrefix lets people and secret scanners know a token when they see one.
const tokenPrefix = "glt_"

// tokenKind is what the Principal of whoever shows a token begins with.
const tokenKind = "token"

// Token is an API token as lists show it; the token itself is shown once, when
// it is made.
type Token struct {
	ID        string     `db:"id"`
	Tenant    string     `db:"tenant"` // slug
	Email     string     `db:"email"`
	Role      Role       `db:"role"`
	Hint      string     `db:"hint"`
	CreatedAt time.Time  `db:"created_at"`
	RevokedAt *time.Time `db:"revoked_at"`
}

// CreateToken makes a token that acts for the member with that e-mail address,
// who is created if need be, and returns its text: glt_ and 260 random bits, of
// which only the SHA-256 is stored.
//
// The role is the token's. A member may hold tokens of several roles, and becomes
// capable of the highest; no other token changes. It is a use case for operators:
// no actor is asked for. An unknown tenant is NOT_FOUND, an address that is none
// INVALID_INPUT.
func (s *Service) CreateToken(ctx context.Context, slug, email string, role Role) (string, error) {
	email, err := normalEmail(email)
	if err != nil {
		return "", err
	}
	text := tokenPrefix + rand.Text() + rand.Text()
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		t, err := tenantBySlug(ctx, tx, slug)
		if err != nil {
			return err
		}
		memberID, err := admitMember(ctx, tx, t.ID, email, role)
		if err != nil {
			return err
		}
		id := uuid.Must(uuid.NewV7()).String()
		if err := insertToken(ctx, tx, id, memberID, role, hashToken(text), Hint(tokenPrefix, text)); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			TenantID: t.ID, Actor: Operator, Action: "token.created", Subject: id,
			Details: map[string]any{"email": email, "role": role},
		})
	})
	if err != nil {
		return "", err
	}
	return text, nil
}

// admitMember returns the id of the tenant's member with that address, who is
// created, or becomes capable of role, if need be.
func admitMember(ctx context.Context, tx pgx.Tx, tenantID, email string, role Role) (string, error) {
	id, had, err := upsertMember(ctx, tx, uuid.Must(uuid.NewV7()).String(), tenantID, email, role)
	if err != nil || had.Covers(role) {
		return id, err
	}
	return id, setMemberRole(ctx, tx, id, role)
}

// ListTokens returns the tokens of one tenant, or of all where slug is "", newest
// last, the revoked ones among them. It is a use case for operators.
func (s *Service) ListTokens(ctx context.Context, slug string) ([]Token, error) {
	if slug != "" {
		if _, err := tenantBySlug(ctx, s.DB, slug); err != nil {
			return nil, err
		}
	}
	return tokens(ctx, s.DB, slug)
}

// RevokeToken ends the token with that id, at once and for ever; what is open or under
// way by it ends in every process within five seconds. Repeating it does nothing; an unknown id is NOT_FOUND. It is a use case for operators.
func (s *Service) RevokeToken(ctx context.Context, id string) error {
	return postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		tenantID, revoked, err := lockToken(ctx, tx, id)
		if err != nil || revoked {
			return err
		}
		if err := markRevoked(ctx, tx, id); err != nil {
			return err
		}
		if err := Withdrawn(ctx, tx); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{TenantID: tenantID, Actor: Operator, Action: "token.revoked", Subject: id})
	})
}

// Authenticate returns the actor whose token this is, or UNAUTHENTICATED. It is
// one query. The actor is a member of the token's tenant alone, even where the
// same address is a member elsewhere: a leaked token opens one tenant.
func (s *Service) Authenticate(ctx context.Context, token string) (Actor, error) {
	if !strings.HasPrefix(token, tokenPrefix) {
		return Actor{}, errToken()
	}
	return authenticate(ctx, cmp.Or(s.Door, s.DB), hashToken(token))
}

// TokenHolders is Holders for API tokens.
func (s *Service) TokenHolders(ctx context.Context, principals []string) (map[string]Actor, error) {
	ids := make([]string, len(principals))
	for i, p := range principals {
		ids[i] = strings.TrimPrefix(p, tokenKind+"/")
	}
	found, err := holdersOf(ctx, s.DB, ids)
	now := make(map[string]Actor, len(found))
	for _, h := range found {
		now[h.Principal] = h.actor()
	}
	return now, err
}

func errToken() error {
	return fault.New(fault.Unauthenticated, "This API token is unknown or was revoked. An operator can create a new one with `golive token create`.")
}

func hashToken(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// Hint shows enough of a secret to recognise it and too little to use it. What
// follows the prefix must be long for its end to be shown.
func Hint(prefix, secret string) string {
	if len(secret) < len(prefix)+12 {
		return prefix + "…"
	}
	return prefix + "…" + secret[len(secret)-4:]
}

func normalEmail(text string) (string, error) {
	email := mailbox.Normal(strings.TrimSpace(text))
	name, domain, _ := strings.Cut(email, "@")
	if name == "" || domain == "" || strings.ContainsAny(email, " \t\r\n<>,;\"") || strings.Contains(domain, "@") {
		return "", fault.New(fault.InvalidInput, "%q isn't an email address.", text).At("email")
	}
	return email, nil
}
