package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Open returns a pool on the database at url (a postgres:// URL or libpq's
// key=value form), after one successful ping. The caller closes it.
//
// Errors are one sentence for whoever configured the URL and never contain the
// password.
func Open(ctx context.Context, url string) (*pgxpool.Pool, error) {
	config, err := parse(url)
	if err != nil {
		return nil, err
	}
	renewReadOnly(config)
	return openWith(ctx, config)
}

// OpenApp returns a pool on the database at url whose sessions act as AppRole: they reach
// what the context of each statement says (see For and Across). Errors are as Open's; one
// is that row security would not hold them.
func OpenApp(ctx context.Context, url string) (*pgxpool.Pool, error) {
	return OpenFor(ctx, url, idleLimit)
}

// OpenFor is OpenApp for a process whose transactions nobody waits for any longer than idle
// once it has stopped, and never for longer than ten seconds.
func OpenFor(ctx context.Context, url string, idle time.Duration) (*pgxpool.Pool, error) {
	config, err := parse(url)
	if err != nil {
		return nil, err
	}
	settle(config.ConnConfig, min(idle, idleLimit), nil)
	renewReadOnly(config)
	return openActing(ctx, config)
}

// OpenForCallers is OpenFor for a process whose callers wait: a statement ends after five
// seconds and waits one for a lock, unless url says otherwise.
func OpenForCallers(ctx context.Context, url string, idle time.Duration) (*pgxpool.Pool, error) {
	return openImpatient(ctx, url, idle, math.MaxInt32)
}

// OpenDoor is OpenForCallers with few connections, for what must be answered even while
// all others are taken: who is calling, and whether the process works.
func OpenDoor(ctx context.Context, url string, idle time.Duration) (*pgxpool.Pool, error) {
	return openImpatient(ctx, url, idle, doorConns)
}

func openImpatient(ctx context.Context, url string, idle time.Duration, most int32) (*pgxpool.Pool, error) {
	config, err := parse(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = min(config.MaxConns, most)
	settle(config.ConnConfig, min(idle, idleLimit), impatient)
	config.ConnConfig.BuildContextWatcherHandler = cancelGently
	renewReadOnly(config)
	return openActing(ctx, config)
}

const doorConns = 4

// cancelGently lets a statement whose caller has gone away end by itself, asks Postgres to
// end it where it takes long, and closes the connection only where that does not help. By
// default pgx closes it at once, and callers that come and go would cost a new session
// each time.
func cancelGently(conn *pgconn.PgConn) ctxwatch.Handler {
	return &pgconn.CancelRequestContextWatcherHandler{
		Conn: conn, CancelRequestDelay: 200 * time.Millisecond, DeadlineDelay: time.Second,
	}
}

func openWith(ctx context.Context, config *pgxpool.Config) (*pgxpool.Pool, error) {
	Carrying(config)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open pool: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, explain(err, &config.ConnConfig.Config)
	}
	if err := ownSessions(ctx, pool); err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

// CheckURL says in one sentence what is wrong with the form of a URL, which it
// does not quote. It connects to nothing.
func CheckURL(text string) error {
	_, err := parse(text)
	return err
}

func parse(text string) (*pgxpool.Config, error) {
	if strings.TrimSpace(text) == "" {
		return nil, errors.New("DATABASE_URL is empty: set it to a Postgres URL such as postgres://user:password@host:5432/golive")
	}
	config, err := pgxpool.ParseConfig(text)
	if err != nil || splitInPassword(text) {
		// Not wrapped: the cause may quote a part of the password.
		return nil, errors.New("DATABASE_URL is not a Postgres URL: it must look like postgres://user:password@host:5432/golive, with special characters in the password percent-encoded")
	}
	if !strings.Contains(text, "pool_max_conns") {
		config.MaxConns = 16
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = 5 * time.Second
	}
	// Failover and password rotation reach a process within the hour, and not
	// all its connections in the same minute.
	config.MaxConnLifetime = time.Hour
	config.MaxConnLifetimeJitter = 10 * time.Minute
	config.MaxConnIdleTime = 10 * time.Minute
	// A connection that was idle for a second is asked before it is used; one that
	// does not answer is replaced, not waited for.
	config.PingTimeout = 2 * time.Second
	config.ConnConfig.DialFunc = dial
	identify(config.ConnConfig)
	settle(config.ConnConfig, idleLimit, nil)
	return config, nil
}

// splitInPassword tells that a URL ends its user and password elsewhere than at its only
// @: a part of the password would then be taken for a host or a database, and named in
// messages.
func splitInPassword(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" {
		return false // key=value
	}
	at := 0
	if u.User != nil {
		at = 1
	}
	return u.Fragment != "" || strings.Count(text, "@") != at
}

// deadAfter is how long a peer that is gone keeps a connection.
const deadAfter = 30 * time.Second

// dial makes connections that notice when their peer is gone: while they are
// silent by probes, and while they send by a limit.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: deadAfter / 2, Interval: deadAfter / 6, Count: 3,
	}}
	if network != "unix" {
		dialer.Control = limitSilence
	}
	return dialer.DialContext(ctx, network, address)
}

// identify makes the process recognisable in pg_stat_activity.
func identify(config *pgx.ConnConfig) {
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "golive-" + filepath.Base(os.Args[0])
	}
}

// explain turns a failed connection into a sentence that says what to mend.
func explain(err error, config *pgconn.Config) error {
	at := net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port)))
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		// pgx tells of each attempt on a line of its own; one says it all.
		if dial := new(net.OpError); errors.As(err, &dial) {
			err = dial
		}
		return fmt.Errorf("can't reach Postgres at %s; check that it's running and that DATABASE_URL is correct: %w", at, err)
	}
	switch refused.Code {
	case "22023", "42501":
		return noRole(config.User, refused)
	case "28P01", "28000":
		return fmt.Errorf("Postgres at %s rejected user %q; check the user and password in DATABASE_URL: %w", at, config.User, refused)
	case "3D000":
		return fmt.Errorf("Postgres at %s has no database %q; create it or fix DATABASE_URL: %w", at, config.Database, refused)
	default:
		return fmt.Errorf("Postgres at %s rejected the connection: %w", at, refused)
	}
}
