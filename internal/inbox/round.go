package inbox

import (
	"bytes"
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
)

// How often each endpoint is looked after: its state, and what it may have missed. Where
// Stripe doesn't answer it is looked after again sooner. One look ends before the next begins.
const (
	roundEvery = 4*time.Minute + 30*time.Second
	roundAgain = 30 * time.Second
	lookTime   = 4 * time.Minute
)

// RoundsAtOnce is how many rounds a worker makes side by side, so that an account with much to
// read keeps none of the others waiting.
const RoundsAtOnce = 8

var errLong = fault.New(fault.StripeUnavailable, "There was more to read than fits into one round.")

// round is a turn at looking after an endpoint.
type round struct {
	endpoint
	PathHash []byte     `db:"path_hash"`
	Newest   time.Time  `db:"newest_event"`
	Back     *time.Time `db:"looked_back"`
	Bookmark *bookmark  `db:"bookmark"`
	// Undelivered is when it was last asked what nobody got.
	Undelivered *time.Time `db:"undelivered_at"`
	Now         time.Time  `db:"now"`
}

// rounded is an endpoint that is looked after.
type rounded struct {
	*Service
	round
	mode    catalog.Mode
	account Stripe
}

// Round looks after the endpoints whose turn it is, one after the other, and returns how many
// there were. Those of tenants that sell no more are among them: what was in flight settles.
func (s *Service) Round(ctx context.Context) (n int, err error) {
	for {
		due, err := s.due(ctx)
		if err != nil || len(due) == 0 {
			return n, err
		}
		n++
		m := rounded{Service: s, round: due[0], mode: modeOf(due[0].Livemode)}
		if err := m.look(postgres.For(ctx, m.Tenant)); err != nil {
			return n, err
		}
	}
}

// due takes an endpoint that nobody else has taken, or repairs.
func (s *Service) due(ctx context.Context) ([]round, error) {
	due, err := postgres.All(postgres.Across(ctx, postgres.Sweeps), s.DB, pgx.RowToStructByName[round], `UPDATE payments_modules m SET next_round_at = golive_now() + $1::interval
		FROM (SELECT tenant_id, livemode FROM payments_modules WHERE path_hash IS NOT NULL AND next_round_at <= golive_now()
			AND (turn IS NULL OR turn_until < clock_timestamp()) ORDER BY next_round_at LIMIT 1 FOR UPDATE SKIP LOCKED) AS d
		WHERE m.tenant_id = d.tenant_id AND m.livemode = d.livemode
		RETURNING m.tenant_id, m.account_id, m.livemode, m.endpoint_id, m.path_hash, coalesce(m.newest_event, golive_now()) AS newest_event, m.looked_back,
			m.bookmark, m.undelivered_at, golive_now() AS now`, roundEvery)
	return due, wrap(err, "look for endpoints to look after")
}

// look notes what it finds, once. What Stripe doesn't tell it asks again soon.
func (m *rounded) look(ctx context.Context) error {
	looking, stop := context.WithTimeout(ctx, lookTime)
	defer stop()
	problem, err := m.examine(looking)
	if looking.Err() != nil && ctx.Err() == nil {
		err = errLong
	}
	err = refused(err)
	switch code := fault.CodeOf(err); code {
	case "":
		return m.noteProblem(ctx, problem)
	case fault.StripeKeyInvalid, fault.StripeNotConnected, fault.InvalidState:
		return m.noteProblem(ctx, fault.As(err).Message)
	case fault.StripeUnavailable:
		return m.putOff(ctx, problem, err)
	}
	return err
}

// putOff has a round made again soon. It says nothing of problems where it has found none,
// because it has not seen all.
func (m *rounded) putOff(ctx context.Context, problem string, why error) error {
	m.Log.WarnContext(ctx, "an endpoint could not be looked after; will retry", "tenant_id", m.Tenant, "mode", m.mode, "error", why)
	_, err := m.DB.Exec(ctx, `UPDATE payments_modules SET next_round_at = golive_now() + $3::interval WHERE tenant_id = $1 AND livemode = $2`, m.Tenant, m.Livemode, roundAgain)
	if err != nil || problem == "" {
		return wrap(err, "put a round off")
	}
	return m.noteProblem(ctx, problem)
}

// examine returns what keeps events away, "" for nothing, and reads what was missed.
func (m *rounded) examine(ctx context.Context) (problem string, err error) {
	if m.account, err = m.stripe(ctx, m.Tenant, m.mode, m.Account); err != nil {
		return "", err
	}
	var e *Endpoint
	if m.EndpointID != nil {
		e, err = m.account.Endpoint(ctx, *m.EndpointID)
	}
	if err != nil {
		return "", err
	}
	missed, err := m.fillGap(ctx)
	if err != nil {
		return "", err
	}
	problem = cmp.Or(m.problemOf(e), missed)
	if err := m.backfill(ctx); err != nil {
		return problem, err
	}
	if err := m.findUndelivered(ctx); err != nil || problem != "" {
		return problem, err
	}
	silent, err := m.silent(ctx, m.endpoint)
	if silent {
		problem = silence
	}
	return problem, err
}

const (
	repairIt = " Golive still reads what it missed every few minutes. An admin can repair it by enabling payments again."
	silence  = "Stripe's events no longer reach Golive's webhook endpoint, or are signed with a secret that Golive doesn't know, such as one rolled in the Stripe Dashboard, so events come late." + repairIt
)

// problemOf is what is wrong with the endpoint at Stripe, for people; "" for nothing.
func (m *rounded) problemOf(e *Endpoint) string {
	switch {
	case m.EndpointID == nil:
		return "There's no webhook endpoint at Stripe, because enabling payments stopped halfway, so events come late." + repairIt
	case e == nil:
		return "The webhook endpoint was deleted at Stripe, so events come late." + repairIt
	case e.Status != "enabled":
		return "The webhook endpoint is disabled at Stripe, so events come late." + repairIt
	case !strings.HasPrefix(e.URL, m.PublicURL+HookPath) || !bytes.Equal(hashOf(pathOf(e.URL)), m.PathHash):
		return "The webhook endpoint has another address at Stripe than Golive's, so events come late." + repairIt
	case len(missing(e.EnabledEvents)) > 0:
		return "The webhook endpoint doesn't get all events that payments need, so some come late." + repairIt
	}
	return ""
}

// noteProblem tells admins once, when there begins to be one.
func (m *rounded) noteProblem(ctx context.Context, problem string) error {
	return postgres.InTx(ctx, m.DB, func(tx pgx.Tx) error {
		tell, err := postgres.One(ctx, tx, pgx.RowTo[bool], nil, `WITH was AS (SELECT problem FROM payments_modules WHERE tenant_id = $1 AND livemode = $2 FOR UPDATE)
			UPDATE payments_modules SET problem = nullif($4, '') FROM was
			WHERE tenant_id = $1 AND livemode = $2 AND endpoint_id IS NOT DISTINCT FROM $3 AND payments_modules.problem IS DISTINCT FROM nullif($4, '')
				AND (turn IS NULL OR turn_until < clock_timestamp())
			RETURNING was.problem IS NULL AND enabled`, m.Tenant, m.Livemode, m.EndpointID, problem)
		if err != nil || !tell {
			return wrap(err, "note a problem of an endpoint")
		}
		m.Log.ErrorContext(ctx, "Stripe's events don't come as they should", "tenant_id", m.Tenant, "mode", m.mode, "says", problem)
		return m.TellTrouble(ctx, tx, m.Tenant)
	})
}
