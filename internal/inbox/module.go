package inbox

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Module is orders and payments of a tenant in one mode. While it isn't enabled nobody can
// create or pay an order, and what is in flight settles.
type Module struct {
	Mode    catalog.Mode `db:"-"`
	Enabled bool         `db:"enabled"`
	// Since is when it was enabled, nil while it isn't.
	Since *time.Time `db:"since"`
	// EndpointID is that of the webhook endpoint at Stripe, nil where there is none.
	EndpointID *string `db:"endpoint_id"`
	// Origins are where customers may be sent back to.
	Origins []string `db:"origins"`
	// Problem keeps events from coming, nil where nothing does.
	Problem *string `db:"problem"`
	// OldestUnappliedSeconds is how long the oldest event has waited to be applied, nil where
	// none does.
	OldestUnappliedSeconds *int `db:"oldest"`
	DeadEvents             int  `db:"dead"`
}

// Module returns a tenant's module in a mode, also where it was never enabled. It needs the
// role VIEWER.
func (s *Service) Module(ctx context.Context, tenantID string, mode catalog.Mode) (Module, error) {
	if err := tenant.Require(ctx, tenantID, tenant.RoleViewer); err != nil {
		return Module{}, err
	}
	return moduleOf(ctx, s.DB, tenantID, mode)
}

func moduleOf(ctx context.Context, db postgres.Querier, tenantID string, mode catalog.Mode) (Module, error) {
	m, err := postgres.One(ctx, db, pgx.RowToStructByName[Module], nil, `SELECT enabled, since, endpoint_id, origins, problem,
			(SELECT extract(epoch FROM now() - min(e.received_at))::int FROM stripe_events e
				WHERE e.tenant_id = m.tenant_id AND e.livemode = m.livemode AND e.status = 'RECEIVED') AS oldest,
			(SELECT count(*)::int FROM stripe_events e WHERE e.tenant_id = m.tenant_id AND e.livemode = m.livemode AND e.status = 'DEAD') AS dead
		FROM payments_modules m WHERE tenant_id = $1 AND livemode = $2`, tenantID, live(mode))
	m.Mode = mode
	if m.Origins == nil {
		m.Origins = []string{}
	}
	return m, wrap(err, "read a payments module")
}

// Enabled returns PAYMENTS_DISABLED where a tenant doesn't sell in a mode, and INVALID_STATE
// where it would for another account. Whoever lets somebody order or pay asks in the
// transaction that does so: once it has been disabled nothing new begins, in any process.
func Enabled(ctx context.Context, tx pgx.Tx, tenantID string, mode catalog.Mode) error {
	type state struct {
		Enabled   bool    `db:"enabled"`
		Account   string  `db:"account_id"`
		Connected *string `db:"connected"`
	}
	of := connection.AccountSQL(mode, "m.tenant_id")
	m, err := postgres.One(ctx, tx, pgx.RowToStructByName[state], nil, `SELECT enabled, account_id, `+of+` AS connected FROM payments_modules m
		WHERE tenant_id = $1 AND livemode = $2`, tenantID, live(mode))
	name := strings.ToLower(string(mode))
	switch {
	case err != nil:
		return wrap(err, "ask whether payments are enabled")
	case !m.Enabled:
		return fault.New(fault.PaymentsDisabled, "Payments are off in %s mode. An admin can turn them on with enablePayments.", name)
	case m.Connected == nil || *m.Connected != m.Account:
		return fault.New(fault.InvalidState, "Payments in %s mode were turned on for Stripe account %s, which is no longer connected. "+
			"An admin can turn them on for the one that is with enablePayments.", name, m.Account)
	}
	return nil
}

// Problem is what keeps events of a mode away.
type Problem struct {
	Mode catalog.Mode
	Says string
}

// Problems are those of a tenant that sells, test before live.
func Problems(ctx context.Context, db postgres.Querier, tenantID string) ([]Problem, error) {
	found, err := postgres.All(ctx, db, func(row pgx.CollectableRow) (p Problem, err error) {
		var livemode bool
		err = row.Scan(&livemode, &p.Says)
		p.Mode = modeOf(livemode)
		return p, err
	}, `SELECT livemode, problem FROM payments_modules WHERE tenant_id = $1 AND enabled AND problem IS NOT NULL ORDER BY livemode`, tenantID)
	return found, wrap(err, "read problems of payments")
}
