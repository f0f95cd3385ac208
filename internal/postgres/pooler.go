package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// errPooled is for whoever configured the URL.
var errPooled = errors.New("DATABASE_URL leads to a connection pooler that shares sessions between transactions (PgBouncer's transaction mode): locks and notifications get lost there. Use Postgres' own address, or a pool in session mode")

// probes is how many other transactions are begun to find out whether they can come by
// the session of the first connection.
const probes = 4

// ownSessions refuses a pooler that gives a connection another session for each
// transaction. Where there is a pooler at all, what it calls a session is not what
// Postgres does.
func ownSessions(ctx context.Context, pool *pgxpool.Pool) error {
	first, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer first.Release()
	session, err := sessionOf(ctx, first.Conn().PgConn(), "")
	if err != nil || session == first.Conn().PgConn().PID() {
		return err
	}
	for range min(probes, pool.Config().MaxConns-1) {
		other, err := pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer other.Release() // ends its transaction with the connection
		theirs, err := sessionOf(ctx, other.Conn().PgConn(), "BEGIN; ")
		if err != nil {
			return err
		}
		if theirs == session {
			return errPooled
		}
	}
	if now, err := sessionOf(ctx, first.Conn().PgConn(), ""); err != nil || now != session {
		return errors.Join(err, errPooled)
	}
	return nil
}

// sessionOf asks Postgres itself, and prepares nothing that another session would lack.
func sessionOf(ctx context.Context, conn *pgconn.PgConn, before string) (uint32, error) {
	results, err := conn.Exec(ctx, before+"SELECT pg_backend_pid()").ReadAll()
	if err != nil {
		return 0, fmt.Errorf("ask for the session: %w", err)
	}
	pid, err := strconv.ParseUint(string(results[len(results)-1].Rows[0][0]), 10, 32)
	return uint32(pid), err
}
