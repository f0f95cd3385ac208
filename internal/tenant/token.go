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
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/mailbox"
	"github.com/golive-hq/golive/internal/postgres"
)

// tokenPrefix lets people and secret scanners know a token when they see one.
const tokenPrefix = "glt_"

// Token is an API token as lists show it; the token itself is shown once, when
// it is made.
type Token struct {
	ID     string `db:"id"`
	Tenant string `db:"tenant"` // slug
	// Name is what its creator called it, nil for nothing.
	Name *string `db:"name"`
	// Email is the actor's, as Actor has it.
	Email string `db:"email"`
	Role  Role   `db:"role"`
	Scope Scope  `db:"scope"`
	// Service tells that it acts for the tenant and not for a member.
	Service   bool      `db:"service"`
	CreatedBy string    `db:"created_by"`
	Hint      string    `db:"hint"`
	CreatedAt time.Time `db:"created_at"`
	// ExpiresAt is nil for a token that lasts until it is revoked.
	ExpiresAt *time.Time `db:"expires_at"`
	// LastUsedAt is to the minute, nil for never.
	LastUsedAt *time.Time `db:"last_used_at"`
	RevokedAt  *time.Time `db:"revoked_at"`
}

// Scope is what a token may be used for.
type Scope string

// The scopes. ScopeOrders is for a shop's server: orders and nothing else.
const (
	ScopeAll    Scope = "ALL"
	ScopeOrders Scope = "ORDERS"
)

// CreateToken issues a token for everything to the member with that e-mail address, as
// IssueToken does.
func (s *Service) CreateToken(ctx context.Context, slug, email string, role Role) (string, error) {
	return s.IssueToken(ctx, Issue{Tenant: slug, Email: email, Role: role, Scope: ScopeAll})
}

// Issue is what a token of an operator's making is to be.
type Issue struct {
	Tenant string // slug
	// Email is the member whose it is, Service the name of the tenant's own: one of both.
	Email, Service string
	Role           Role
	Scope          Scope
	// ExpiresAt nil is never.
	ExpiresAt *time.Time
}

// IssueToken makes a token and returns its text: glt_ and 260 random bits, of which only
// the SHA-256 is stored. It acts for a member, who is created if need be, or for the tenant.
//
// The role is the token's. A member may hold tokens of several roles, and becomes
// capable of the highest; no other token changes. It is a use case for operators:
// no actor is asked for. An unknown tenant is NOT_FOUND, an address that is none
// INVALID_INPUT.
func (s *Service) IssueToken(ctx context.Context, in Issue) (string, error) {
	ctx = postgres.Across(ctx, postgres.Operators)
	made := newToken{
		id: uuid.Must(uuid.NewV7()).String(), role: in.Role, scope: in.Scope, createdBy: Operator,
		secret: tokenPrefix + rand.Text() + rand.Text(), expiresAt: in.ExpiresAt,
	}
	if err := in.check(); err != nil {
		return "", err
	}
	err := postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		t, err := tenantBySlug(ctx, tx, in.Tenant)
		if err != nil {
			return err
		}
		if err := in.own(ctx, tx, t.ID, &made); err != nil {
			return err
		}
		if err := insertToken(ctx, tx, made); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			TenantID: t.ID, Actor: Operator, Action: "token.created", Subject: made.id, Details: in.details(),
		})
	})
	if err != nil {
		return "", err
	}
	return made.secret, nil
}

// check needs an address or a name, and makes the address normal.
func (in *Issue) check() (err error) {
	if in.Email != "" && in.Service != "" {
		return fault.New(fault.InvalidInput, "A service token belongs to no member: give an email address or a service, not both.").At("email")
	}
	if in.Service == "" {
		in.Email, err = normalEmail(in.Email)
		if err != nil {
			return err
		}
	}
	like := TokenInput{Service: in.Service != "", Name: in.Service, ExpiresAt: in.ExpiresAt}
	err = like.check()
	in.Service = like.Name
	return err
}

// own says whose the token is.
func (in Issue) own(ctx context.Context, tx pgx.Tx, tenantID string, made *newToken) error {
	if in.Service != "" {
		made.tenantID, made.name = &tenantID, &in.Service
		return nil
	}
	memberID, err := admitMember(ctx, tx, tenantID, in.Email, in.Role)
	made.memberID = &memberID
	return err
}

func (in Issue) details() map[string]any {
	email := in.Email
	if in.Service != "" {
		email = servicePrefix + in.Service
	}
	return map[string]any{"email": email, "role": in.Role, "scope": in.Scope, "service": in.Service != "", "expiresAt": in.ExpiresAt}
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
	ctx = postgres.Across(ctx, postgres.Operators)
	if slug != "" {
		if _, err := tenantBySlug(ctx, s.DB, slug); err != nil {
			return nil, err
		}
	}
	return tokens(ctx, s.DB, slug)
}

// RevokeToken ends the token with that id, at once and for ever; what is open or under
// way by it ends in every process within five seconds. Repeating it does nothing; an
// unknown id is NOT_FOUND. It is a use case for operators.
func (s *Service) RevokeToken(ctx context.Context, id string) error {
	ctx = postgres.Across(ctx, postgres.Operators)
	return postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		tenantID, revoked, err := lockToken(ctx, tx, id)
		if err != nil || revoked {
			return err
		}
		if err := markRevoked(ctx, tx, id); err != nil {
			return err
		}
		if err := s.withdrawHolder(ctx, tx, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{TenantID: tenantID, Actor: Operator, Action: "token.revoked", Subject: id})
	})
}

// Authenticate returns the actor whose token this is, or UNAUTHENTICATED. It is
// one query, and once a minute a note that the token was used. The actor is a member
// of the token's tenant alone, even where the same address is a member elsewhere: a
// leaked token opens one tenant.
func (s *Service) Authenticate(ctx context.Context, token string) (Actor, error) {
	ctx = postgres.Across(ctx, postgres.Door)
	if !strings.HasPrefix(token, tokenPrefix) {
		return Actor{}, errToken()
	}
	k, err := keyBySecret(ctx, s.door(), hashToken(token))
	if err == nil && k.Unnoted {
		// A database that takes no changes tells who is calling all the same.
		_ = noteTokenUsed(ctx, s.door(), k.TokenID)
	}
	return k.actor(), err
}

// door is what is asked about whoever calls.
func (s *Service) door() *pgxpool.Pool { return cmp.Or(s.Door, s.DB) }

// TokenHolders is Holders for API tokens.
func (s *Service) TokenHolders(ctx context.Context, principals []string) (map[string]Actor, error) {
	ctx = postgres.Across(ctx, postgres.Door)
	found, err := keysByID(ctx, s.door(), IDsOf(principals))
	now := make(map[string]Actor, len(found))
	for _, k := range found {
		now[k.actor().Principal] = k.actor()
	}
	return now, err
}

func errToken() error {
	return fault.New(fault.Unauthenticated, "This API token is unknown, has expired or was revoked. Create a new one, or ask an operator for one (`golive token create`).")
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
