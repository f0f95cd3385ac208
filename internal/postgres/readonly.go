package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A database that takes no writes for a while, because its disk is full or it is a
// standby that has not taken over yet, leaves sessions behind that take none for as long
// as they last: what it was when they began stays with them. So they do not last.

// renewReadOnly replaces sessions that take no writes: each as soon as a write has failed
// on it, and before it is used for anything once it is older than readOnlyFor.
func renewReadOnly(config *pgxpool.Config) {
	config.ConnConfig.OnPgError = func(_ *pgconn.PgConn, err *pgconn.PgError) bool {
		return err.Severity != "FATAL" && err.SeverityUnlocalized != "FATAL" && err.Code != readOnly
	}
	config.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		conn.PgConn().CustomData()[bornKey] = time.Now()
		return nil
	}
	config.PrepareConn = func(_ context.Context, conn *pgx.Conn) (bool, error) {
		born, _ := conn.PgConn().CustomData()[bornKey].(time.Time)
		return !takesNoWrites(conn.PgConn()) || time.Since(born) < readOnlyFor, nil
	}
}

const (
	readOnly = "25006"
	bornKey  = "golive.born"
	// readOnlyFor bounds how long a spell outlasts itself, and how often reads need a new
	// session during one.
	readOnlyFor = time.Second
)

// takesNoWrites is what Postgres tells of a session unasked.
func takesNoWrites(conn *pgconn.PgConn) bool {
	return conn.ParameterStatus("default_transaction_read_only") == "on" || conn.ParameterStatus("in_hot_standby") == "on"
}
