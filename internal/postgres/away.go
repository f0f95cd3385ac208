package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/golive-hq/golive/internal/fault"
)

// IsAway reports whether err says that the database could not be reached, or
// could not serve just then: it restarts, it fails over, it cut the connection,
// it has no connection left. Whatever was asked may be asked again, and nothing
// was wrong with it. Whether it took effect is not known.
func IsAway(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return len(pg.Code) == 5 && slices.Contains(awayClasses, pg.Code[:2]) || slices.Contains(awayCodes, pg.Code)
	}
	var network net.Error
	var dial *pgconn.ConnectError
	return errors.As(err, &dial) || errors.As(err, &network) || errors.Is(err, pgconn.ErrConnClosed) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded)
}

// Unavailable returns err as UNAVAILABLE where it is the database's trouble: it is
// nobody's fault who asks, and they may ask again.
func Unavailable(err error) error {
	switch {
	case !IsAway(err) || fault.As(err) != nil:
		return err
	case isBusy(err):
		return fault.Wrap(err, fault.Unavailable, "The service is busy. Try again in a moment.")
	}
	return fault.Wrap(err, fault.Unavailable, "The database can't be reached or takes no changes right now. Nothing is lost; try again in a moment.")
}

// isBusy tells that something took too long: a statement, a lock, or all of it.
func isBusy(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "57014" || pg.Code == "55P03"
	}
	var dial *pgconn.ConnectError
	return errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &dial)
}

// What Postgres itself says when it is the trouble.
var (
	awayClasses = []string{
		"08", // connection exceptions
		"40", // deadlocks and conflicts that outlasted our own tries
		"53", // no connection, memory or disk left
		"57", // it is shutting down, starting up, or an operator ended the session
		"58", // its machine fails it
	}
	awayCodes = []string{
		readOnly, // read-only: it is a standby that has not taken over yet
		"25P03",  // the session was idle in a transaction for too long
		"55P03",  // a lock could not be had in time
	}
)
