package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// openActing is openWith for sessions that act as AppRole, each from its beginning.
func openActing(ctx context.Context, config *pgxpool.Config) (*pgxpool.Pool, error) {
	ActAsApp(config)
	pool, err := openWith(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := checkApart(ctx, pool); err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

// ActAsApp makes the sessions of a pool of config act as AppRole. Those of the Open functions
// do, except for those of Open itself.
func ActAsApp(config *pgxpool.Config) {
	connected, prepared := config.AfterConnect, config.PrepareConn
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		if connected != nil {
			if err := connected(ctx, conn); err != nil {
				return err
			}
		}
		return assume(For(ctx), conn)
	}
	config.PrepareConn = func(ctx context.Context, conn *pgx.Conn) (bool, error) {
		if prepared != nil {
			if ok, err := prepared(ctx, conn); !ok || err != nil {
				return ok, err
			}
		}
		err := assume(ctx, conn)
		if err != nil && conn.IsClosed() && ctx.Err() == nil {
			return false, nil // it had died; another one is taken
		}
		return true, err
	}
}

// noRole says how somebody may act as the service's role who can't.
func noRole(user string, refused *pgconn.PgError) error {
	return fmt.Errorf("user %q can't act as %s: run `golive migrate` with the owner's DATABASE_URL, and with --grant %[1]s where that is another user: %[3]w", user, AppRole, refused)
}

// checkApart refuses sessions that reach rows whatever the policies say: of a superuser, of
// whoever may bypass row security, or where it is off.
func checkApart(ctx context.Context, pool *pgxpool.Pool) error {
	open, err := One(ctx, pool, pgx.RowTo[string], nil, `SELECT coalesce(string_agg(c.relname, ', ' ORDER BY c.relname), '')
		FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE p.polname = 'sweeps' AND NOT row_security_active(c.oid)`)
	if err != nil {
		return fmt.Errorf("ask for row security: %w", err)
	}
	if open != "" {
		return fmt.Errorf("row security doesn't hold %s, so tenants could reach each other's rows in %s: it must be no superuser, have no BYPASSRLS and own no table, "+
			"and ROW LEVEL SECURITY must be enabled on these tables. Run `golive migrate`, or see docs/operations.md", AppRole, open)
	}
	return nil
}
