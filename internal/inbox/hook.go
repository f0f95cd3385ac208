package inbox

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
)

// HookPath is where endpoints are, before the secret end of each one's path.
const HookPath = "/hooks/stripe/"

var secretPath = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// newPath draws the secret end of a path: 256 bits.
func newPath() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // it never fails
	return base64.RawURLEncoding.EncodeToString(raw)
}

func hashOf(path string) []byte {
	sum := sha256.Sum256([]byte(path))
	return sum[:]
}

// Hook is an endpoint that somebody sends events to.
type Hook struct {
	TenantID, AccountID string
	Mode                catalog.Mode
	// secrets is a function because fmt prints even unexported fields.
	secrets func() []string
	endpoint
}

// endpoint is a row of payments_modules with its secrets, as hooks see it.
type endpoint struct {
	Tenant     string  `db:"tenant_id"`
	Account    string  `db:"account_id"`
	Livemode   bool    `db:"livemode"`
	EndpointID *string `db:"endpoint_id"`
}

var errUnknownHook = fault.New(fault.NotFound, "There's no such webhook endpoint.")

// HookAt returns the endpoint whose path ends like this, or NOT_FOUND. Nothing is written.
func (s *Service) HookAt(ctx context.Context, path string) (Hook, error) {
	if !secretPath.MatchString(path) {
		return Hook{}, errUnknownHook
	}
	ctx = postgres.Across(ctx, postgres.Door)
	e, err := postgres.One(ctx, s.DB, pgx.RowToStructByNameLax[sealedEndpoint], errUnknownHook, `SELECT tenant_id, account_id, livemode, endpoint_id,
			(SELECT jsonb_agg(jsonb_build_object('sealed', encode(w.sealed, 'base64'), 'version', w.seal_version)) FROM webhook_secrets w
				WHERE w.tenant_id = m.tenant_id AND w.livemode = m.livemode AND (w.until IS NULL OR w.until > now())) AS secrets
		FROM payments_modules m WHERE path_hash = $1`, hashOf(path))
	if err != nil {
		return Hook{}, wrap(err, "look for a webhook endpoint")
	}
	secrets := make([]string, len(e.Secrets))
	for i, k := range e.Secrets {
		if secrets[i], err = s.Keys.Open(k.Sealed, secretSlot(e.Tenant, modeOf(e.Livemode), k.Version)); err != nil {
			return Hook{}, err
		}
	}
	return Hook{
		TenantID: e.Tenant, AccountID: e.Account, Mode: modeOf(e.Livemode), endpoint: e.endpoint, secrets: func() []string { return secrets },
	}, nil
}

// sealedEndpoint has the secrets in the same row: each delivery asks once.
type sealedEndpoint struct {
	endpoint
	Secrets []struct {
		Sealed  []byte
		Version int
	} `db:"secrets"`
}

// Result is what became of a delivery.
type Result string

// The results. Those up to Tried are told as success: Stripe need not send them again.
const (
	Stored      Result = "stored"
	Repeated    Result = "repeated"
	Quarantined Result = "quarantined"
	Tried       Result = "tried"

	Forged       Result = "forged"
	Skewed       Result = "skewed"
	Malformed    Result = "malformed"
	WrongMode    Result = "wrong_mode"
	WrongAccount Result = "wrong_account"
)

// Accepted tells whether Stripe is told that all is well.
func (r Result) Accepted() bool {
	return r == Stored || r == Repeated || r == Quarantined || r == Tried
}

// Receive stores what was sent to an endpoint, if Stripe has signed it, and does nothing else.
// An error says nothing of what was sent: it should come again.
func (s *Service) Receive(ctx context.Context, h Hook, header string, body []byte) (Result, error) {
	switch verify(header, body, h.secrets(), time.Now()) {
	case forged:
		return Forged, nil
	case skewed:
		return Skewed, nil
	case genuine:
	}
	e, err := readEvent(body)
	switch {
	case err != nil:
		return Malformed, nil
	case e.of(h.AccountID, h.Mode) != "":
		return e.of(h.AccountID, h.Mode), nil
	case e.typ == triedType:
		return Tried, nil
	}
	return s.store(ctx, h.endpoint, e, fromWebhook)
}
