package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// ours are the settings that our statements rely on. Whoever runs the server may have
// set others, for a role, a database or all of it, with other programs in mind: each
// session sets its own, where this version of Postgres knows the name.
var ours = map[string]string{
	// A new statement must see what was committed before it: locks are taken in one
	// statement, and what they protect is read in the next.
	"default_transaction_isolation":  "read committed",
	"default_transaction_deferrable": "off",
	"timezone":                       "UTC",
	"datestyle":                      "ISO, MDY",
	"intervalstyle":                  "postgres",
	"bytea_output":                   "hex",
	"standard_conforming_strings":    "on",
	"transform_null_equals":          "off",
	// Off, it turns what policies keep back into an error.
	"row_security": "on",
}

// patient are the limits that somebody may set on purpose, for us, in DATABASE_URL; what
// is set for everybody would end migrations, LISTEN and idle pools. What waits too long
// is given up by its caller.
var patient = map[string]string{
	"statement_timeout":    "0",
	"lock_timeout":         "0",
	"idle_session_timeout": "0",
	"transaction_timeout":  "0",
}

const (
	// This one frees what a process holds that has stopped in the middle of a
	// transaction: frozen, or cut off. Its row locks would keep all others from taking
	// over for as long as its connection seems to live, which can be hours. No
	// transaction of ours waits for anything but the database.
	idleSetting = "idle_in_transaction_session_timeout"
	idleLimit   = 10 * time.Second
)

// impatient are the limits of sessions that somebody waits for, in milliseconds: who must
// wait longer for a lock or an answer is told to try again, and keeps nobody else waiting.
var impatient = map[string]string{"statement_timeout": "5000", "lock_timeout": "1000"}

// settle makes each new session of config one of ours, with limits in place of those that
// are patient. It asks the server which settings it knows, because an unknown one would
// refuse the connection.
func settle(config *pgx.ConnConfig, idle time.Duration, limits map[string]string) {
	config.AfterConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
		settings := wanted(config.RuntimeParams, idle, limits)
		// By itself: the limit that a statement began under ends it.
		if _, err := conn.Exec(ctx, "SET statement_timeout = 0").ReadAll(); err != nil {
			return err
		}
		_, err := conn.Exec(ctx, settling(settings)).ReadAll()
		return err
	}
}

func wanted(chosen map[string]string, idle time.Duration, limits map[string]string) map[string]string {
	settings, all := maps.Clone(ours), maps.Clone(patient)
	maps.Copy(all, limits)
	all[idleSetting] = strconv.FormatInt(idle.Milliseconds(), 10)
	for name, value := range all {
		if settings[name] = value; chosen[name] != "" {
			settings[name] = chosen[name]
		}
	}
	return settings
}

// settling is the statement. Who turned synchronous_commit off gave up some last
// commits for speed; a step that is lost after its call was sent is not ours to give up.
func settling(settings map[string]string) string {
	values := make([]string, 0, len(settings))
	for name, value := range settings {
		values = append(values, fmt.Sprintf("('%s', '%s')", name, strings.ReplaceAll(value, "'", "''")))
	}
	return `SELECT set_config(s.name, w.value, false) FROM pg_settings s
		JOIN (VALUES ` + strings.Join(values, ", ") + `) AS w (name, value) ON lower(s.name) = w.name
		UNION ALL SELECT set_config(name, 'on', false) FROM pg_settings WHERE name = 'synchronous_commit' AND setting = 'off'`
}

// checkHome tells in a sentence where our tables lie in a schema that search_path does
// not lead to: a second, empty set of them would be made beside the first.
func checkHome(ctx context.Context, pool *pgxpool.Pool) error {
	schema, err := One(ctx, pool, pgx.RowTo[string], nil, `SELECT relnamespace::regnamespace::text FROM pg_class
		WHERE relname = 'deployment_events' AND relkind = 'r' AND to_regclass('deployment_events') IS NULL LIMIT 1`)
	if err != nil {
		return fmt.Errorf("look for the tables: %w", err)
	}
	if schema == "" {
		return nil
	}
	return fmt.Errorf("Golive's tables are in schema %s, which isn't in the search_path of DATABASE_URL's user: put it there, or use another database", schema)
}

// checkWritable is for those who are about to change the schema.
func checkWritable(ctx context.Context, pool *pgxpool.Pool) error {
	readOnly, err := One(ctx, pool, pgx.RowTo[bool], nil, `SELECT current_setting('transaction_read_only')::boolean`)
	if err == nil && readOnly {
		err = errors.New("the database is read-only: it's a standby, or its provider has locked it, for example because its disk is full")
	}
	return err
}
