package inbox

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/quota"
	"github.com/golive-hq/golive/internal/tenant"
)

// turnTime is how long somebody who enables payments keeps others from it, and enableTime how
// long that one has, so that no two make endpoints at a time.
const (
	turnTime   = time.Minute
	enableTime = 45 * time.Second
)

// EnableInput says what to enable.
type EnableInput struct {
	TenantID string
	Mode     catalog.Mode
	// Origins are where customers may be sent back to, nil to leave them as they are.
	Origins []string
}

// Enable makes or repairs the webhook endpoint of a mode at Stripe, proves that it takes what
// Stripe signs and nothing else, and only then lets the tenant sell. It needs the role ADMIN
// and may be repeated.
//
// INVALID_STATE: Stripe can't reach Golive, the endpoint doesn't work as it should, or somebody
// else is at it. INVALID_INPUT: an origin is none. STRIPE_NOT_CONNECTED, STRIPE_KEY_INVALID and
// STRIPE_UNAVAILABLE: payments are as they were.
func (s *Service) Enable(ctx context.Context, in EnableInput) (Module, error) {
	if err := tenant.Require(ctx, in.TenantID, tenant.RoleAdmin); err != nil {
		return Module{}, err
	}
	origins, err := s.checkOrigins(in.Mode, in.Origins)
	if err != nil {
		return Module{}, err
	}
	if in.Origins != nil {
		in.Origins = origins
	}
	if err := s.reachable(); err != nil {
		return Module{}, err
	}
	if err := quota.ToAskStripe(ctx, s.DB, in.TenantID); err != nil {
		return Module{}, err
	}
	t, err := s.takeTurn(ctx, in)
	if err != nil {
		return Module{}, err
	}
	defer t.leaveTurn(ctx)
	if err := t.enable(ctx, in); err != nil {
		return Module{}, err
	}
	return moduleOf(ctx, s.DB, in.TenantID, in.Mode)
}

func (t *turn) enable(ctx context.Context, in EnableInput) error {
	asking, stop := context.WithTimeout(ctx, enableTime)
	defer stop()
	account, err := t.stripe(asking, t.TenantID, in.Mode, t.AccountID)
	if err != nil {
		return err
	}
	e, err := t.repair(asking, account)
	if err != nil {
		return refused(err)
	}
	if err := t.try(asking, e.URL); err != nil {
		return err
	}
	return postgres.InTx(ctx, t.DB, func(tx pgx.Tx) error { return t.open(ctx, tx, in.Origins) })
}

// secretEnd finds the secret end of an address, which Stripe may repeat.
var secretEnd = regexp.MustCompile(`[A-Za-z0-9_-]{43,}`)

// refused tells what Stripe refuses in its own words: an address it doesn't take, say.
func refused(err error) error {
	var stripe *catalog.Error
	if errors.As(err, &stripe) && stripe.Kind == catalog.KindRequest {
		stripe.Message = secretEnd.ReplaceAllString(stripe.Message, "…") // which also hides it from logs
		return fault.Wrap(err, fault.InvalidState, "Stripe refused the webhook endpoint: %s", stripe.Message)
	}
	if stripe != nil {
		return connection.StripeFault(err)
	}
	return err
}

// turn is the right to change a module's endpoint, of one caller at a time.
type turn struct {
	*Service
	turnRow
	// made tells that the endpoint is a new one.
	made bool
}

// turnRow is the row that a turn is at.
type turnRow struct {
	TenantID   string   `db:"tenant_id"`
	Livemode   bool     `db:"livemode"`
	AccountID  string   `db:"account_id"`
	Enabled    bool     `db:"enabled"`
	PathHash   []byte   `db:"path_hash"`
	EndpointID *string  `db:"endpoint_id"`
	Origins    []string `db:"origins"`
	ID         string   `db:"turn"`
}

var errTurn = fault.New(fault.InvalidState, "Someone else is enabling payments right now, or has just disabled them. Try again in a minute.")

// takeTurn makes the row where there is none. That of another account's endpoint begins anew:
// without that one's key nothing there can be read any more.
func (s *Service) takeTurn(ctx context.Context, in EnableInput) (*turn, error) {
	t := &turn{Service: s}
	err := postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		account, err := connection.LockAccount(ctx, tx, in.TenantID, in.Mode)
		if err != nil {
			return err
		}
		t.turnRow, err = postgres.One(ctx, tx, pgx.RowToStructByName[turnRow], errTurn, `INSERT INTO payments_modules AS m (tenant_id, livemode, account_id, turn, turn_until)
			VALUES ($1, $2, $3, $4, clock_timestamp() + $5::interval)
			ON CONFLICT (tenant_id, livemode) DO UPDATE SET turn = $4, turn_until = clock_timestamp() + $5::interval WHERE m.turn IS NULL OR m.turn_until < clock_timestamp()
			RETURNING tenant_id, livemode, account_id, enabled, path_hash, endpoint_id, origins, turn`, in.TenantID, live(in.Mode), account, uuid.NewString(), turnTime)
		if err != nil || t.AccountID == account {
			return wrap(err, "take a turn at a payments module")
		}
		t.AccountID, t.Enabled, t.PathHash, t.EndpointID = account, false, nil, nil
		_, err = tx.Exec(ctx, `WITH gone AS (DELETE FROM webhook_secrets WHERE tenant_id = $1 AND livemode = $2)
			UPDATE payments_modules SET account_id = $3, enabled = false, since = NULL, path_hash = NULL, endpoint_id = NULL, problem = NULL,
				next_round_at = NULL, newest_event = NULL, looked_back = NULL, bookmark = NULL
			WHERE tenant_id = $1 AND livemode = $2`, in.TenantID, live(in.Mode), account)
		return wrap(err, "begin with another account")
	})
	return t, err
}

// leaveTurn lets others at it; where it fails they wait for its end.
func (t *turn) leaveTurn(ctx context.Context) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stop()
	if _, err := t.DB.Exec(ctx, `UPDATE payments_modules SET turn = NULL, turn_until = NULL`+mine, t.TenantID, t.Livemode, t.ID); err != nil {
		t.Log.WarnContext(ctx, "turn at a payments module not left; it will end", "tenant_id", t.TenantID, "error", err)
	}
}

// mine takes the first three arguments of a statement for a turn.
const mine = ` WHERE tenant_id = $1 AND livemode = $2 AND turn = $3`

// write changes the row, as long as the turn is still the caller's.
func (t *turn) write(ctx context.Context, tx pgx.Tx, set string, arguments ...any) error {
	tag, err := tx.Exec(ctx, `UPDATE payments_modules SET `+set+mine, append([]any{t.TenantID, t.Livemode, t.ID}, arguments...)...)
	if err == nil && tag.RowsAffected() == 0 {
		return errTurn
	}
	return wrap(err, "write a payments module")
}

// stillAdmin returns FORBIDDEN where the actor's rights have been withdrawn since they asked, and
// keeps them from being so until tx ends.
func stillAdmin(ctx context.Context, tx pgx.Tx, tenantID string) error {
	if err := tenant.Lock(ctx, tx, tenantID); err != nil {
		return err
	}
	return tenant.RequireNow(ctx, tx, tenantID, tenant.RoleAdmin)
}

// open lets the tenant sell, if whoever asked for it still may.
func (t *turn) open(ctx context.Context, tx pgx.Tx, origins []string) error {
	if err := stillAdmin(ctx, tx, t.TenantID); err != nil {
		return err
	}
	if origins == nil {
		origins = t.Origins
	}
	err := t.write(ctx, tx, `enabled = true, since = coalesce(since, golive_now()), origins = $4, problem = NULL, next_round_at = golive_now(),
		newest_event = coalesce(newest_event, golive_now()), looked_back = coalesce(looked_back, golive_now())`, origins)
	if err != nil || t.Enabled && !t.made && slices.Equal(origins, t.Origins) {
		return err
	}
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		TenantID: t.TenantID, Actor: actor.Email, Action: "payments.enabled", Subject: t.AccountID,
		Details: map[string]any{"mode": modeOf(t.Livemode), "endpoint": t.EndpointID},
		Before:  map[string]any{"enabled": t.Enabled, "origins": t.Origins}, After: map[string]any{"enabled": true, "origins": origins},
	})
}
