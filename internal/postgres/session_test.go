package postgres_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

// foreign are settings that somebody may have made for a whole database with other
// programs in mind, and what our sessions have instead.
var foreign = map[string][2]string{
	"default_transaction_isolation":       {"serializable", "read committed"},
	"default_transaction_deferrable":      {"on", "off"},
	"timezone":                            {"Asia/Kathmandu", "UTC"},
	"datestyle":                           {"German, DMY", "ISO, MDY"},
	"intervalstyle":                       {"iso_8601", "postgres"},
	"bytea_output":                        {"escape", "hex"},
	"standard_conforming_strings":         {"off", "on"},
	"transform_null_equals":               {"on", "off"},
	"synchronous_commit":                  {"off", "on"},
	"statement_timeout":                   {"50", "0"},
	"lock_timeout":                        {"50", "0"},
	"idle_session_timeout":                {"50", "0"},
	"idle_in_transaction_session_timeout": {"0", "10s"},
}

// alter says something about a database as its owner does, in a session of its own.
func alter(t *testing.T, url string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer func() { must(t, conn.Close(t.Context())) }()
	for _, s := range statements {
		_, err := conn.Exec(t.Context(), s)
		must(t, err)
	}
}

func alterDatabase(t *testing.T, url, setting, value string) {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	must(t, err)
	alter(t, url, `ALTER DATABASE `+pgx.Identifier{config.Database}.Sanitize()+` SET `+setting+` = `+value)
}

func TestSessionsHaveTheirOwnSettings(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	for name, v := range foreign {
		alterDatabase(t, url, name, "'"+v[0]+"'")
	}
	pool, err := postgres.Open(t.Context(), url)
	must(t, err)
	t.Cleanup(pool.Close)
	for name, v := range foreign {
		var got string
		must(t, pool.QueryRow(t.Context(), `SELECT current_setting($1)`, name).Scan(&got))
		if got != v[1] {
			t.Errorf("%s is %q, want %q", name, got, v[1])
		}
	}
}

// What DATABASE_URL itself asks for is meant for us.
func TestSessionsKeepTheLimitsOfTheirURL(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pool, err := postgres.Open(t.Context(), url+separator(url)+"statement_timeout=7000&lock_timeout=6000")
	must(t, err)
	t.Cleanup(pool.Close)
	var statement, lock string
	must(t, pool.QueryRow(t.Context(), `SELECT current_setting('statement_timeout'), current_setting('lock_timeout')`).Scan(&statement, &lock))
	if statement != "7s" || lock != "6s" {
		t.Fatalf("statement_timeout %s, lock_timeout %s", statement, lock)
	}
}

func separator(url string) string {
	if strings.Contains(url, "?") {
		return "&"
	}
	return "?"
}

// A second set of tables, beside the first and empty, would be the worst answer.
func TestTablesOutsideTheSearchPathAreNamed(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	alter(t, url, `CREATE SCHEMA shop`)
	alterDatabase(t, url, "search_path", "shop")
	pool, err := postgres.Open(t.Context(), url)
	must(t, err)
	t.Cleanup(pool.Close)
	_, asked := postgres.SchemaVersion(t.Context(), pool)
	for what, err := range map[string]error{"migrating": postgres.Migrate(t.Context(), url, silent), "starting": asked} {
		if err == nil || !strings.Contains(err.Error(), "schema public") || !strings.Contains(err.Error(), "search_path") {
			t.Errorf("%s says %v", what, err)
		}
	}
	var made int
	must(t, pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_tables WHERE schemaname = 'shop'`).Scan(&made))
	if made != 0 {
		t.Errorf("%d tables were made beside the others", made)
	}
}

func TestMigrateSaysWhyItCannot(t *testing.T) {
	t.Parallel()
	for setting, c := range map[string][2]string{
		"default_transaction_read_only": {"on", "read-only"},
		"search_path":                   {"nowhere", "search_path"},
	} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			url := pgtest.Empty(t)
			alterDatabase(t, url, setting, c[0])
			if err := postgres.Migrate(t.Context(), url, silent); err == nil || !strings.Contains(err.Error(), c[1]) {
				t.Fatalf("got %v", err)
			}
		})
	}
}
