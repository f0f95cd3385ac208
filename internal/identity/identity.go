package identity

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/logid"
	"github.com/golive-hq/golive/internal/seal"
)

// How long what a person holds is good for.
const (
	idle         = 12 * time.Hour      // a session that nobody uses
	absolute     = 14 * 24 * time.Hour // any session
	flowTime     = 10 * time.Minute    // from the sign-in page to the issuer and back
	linkTime     = 10 * time.Minute
	invitingTime = 14 * 24 * time.Hour
)

// Deps are what a Service needs.
type Deps struct {
	DB *pgxpool.Pool
	// Door is for what must be answered even while DB has no connection left: who is
	// calling; nil is DB.
	Door *pgxpool.Pool
	// Keys seal what a browser carries to the issuer and back.
	Keys *seal.Keys
	Log  *slog.Logger
	// Issuer is who vouches for people; its URL is "" where only operators' links sign in.
	Issuer Issuer
	// PublicURL is where people reach the page, without a slash at the end.
	PublicURL string
}

// Service holds the use cases.
type Service struct {
	Deps

	provider provider
}

// New returns a Service that is whole. It asks the issuer nothing yet: a process starts
// while the issuer is away.
func New(deps Deps) *Service {
	deps.Door = cmp.Or(deps.Door, deps.DB)
	return &Service{Deps: deps, provider: provider{
		Issuer: deps.Issuer, callback: deps.PublicURL + "/login/callback", turn: make(chan struct{}, 1),
	}}
}

// RefusedError is a sign-in that was refused.
type RefusedError struct {
	// Reason is a word for the log, such as "state" or "unverified_email".
	Reason string
	// Email is the address that the issuer named, "" where it named none that can be
	// believed.
	Email string
	// Told is for the person.
	Told  string
	cause error
}

func (e *RefusedError) Error() string { return e.Told }

func (e *RefusedError) Unwrap() error { return e.cause }

func refused(reason, told string, cause error) *RefusedError {
	return &RefusedError{Reason: reason, Told: told, cause: cause}
}

// Failed notes a refused sign-in: for the operators, and in the log of each tenant to
// which the address belongs.
func (s *Service) Failed(ctx context.Context, refusal *RefusedError) error {
	s.Log.WarnContext(ctx, "sign-in refused", "reason", refusal.Reason, "error", refusal.cause, "request_id", logid.Request(ctx))
	return s.noteFailure(ctx, refusal)
}

// Way is how people sign in: a button with a name, and the path that it leads to.
type Way struct{ Name, Path string }

// Ways are all that there are; none where only operators' links sign in.
func (s *Service) Ways() []Way {
	if s.Issuer.URL == "" {
		return []Way{}
	}
	return []Way{{Name: s.Issuer.Name, Path: "/login"}}
}

// Check asks the issuer whether it is there; it has no error where there is none to ask.
func (s *Service) Check(ctx context.Context) error {
	if s.Issuer.URL == "" {
		return nil
	}
	_, err := s.provider.discover(ctx)
	return err
}
