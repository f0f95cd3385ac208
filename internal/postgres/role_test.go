package postgres_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

// as is the URL of another user of the server at address, which trusts everybody.
func as(t *testing.T, address, user string) string {
	t.Helper()
	u, err := url.Parse(address)
	must(t, err)
	u.User = url.User(user)
	return u.String()
}

func open(t *testing.T, address string, with func(t *testing.T, address string) (*pgxpool.Pool, error)) *pgxpool.Pool {
	t.Helper()
	pool, err := with(t, address)
	must(t, err)
	t.Cleanup(pool.Close)
	return pool
}

func plainly(t *testing.T, address string) (*pgxpool.Pool, error) {
	t.Helper()
	return postgres.Open(t.Context(), address)
}

func acting(t *testing.T, address string) (*pgxpool.Pool, error) {
	t.Helper()
	return postgres.OpenApp(t.Context(), address)
}

// A provider's server: whoever owns the database is no superuser.
func TestMigrateAsAPlainOwner(t *testing.T) {
	t.Parallel()
	server := pgtest.NewPrivate(t)
	root := open(t, server.URL, plainly)
	exec(t, root, `CREATE ROLE owner LOGIN; CREATE ROLE service LOGIN; GRANT ALL ON SCHEMA public TO owner`)
	owner, service := as(t, server.URL, "owner"), as(t, server.URL, "service")

	err := postgres.Migrate(t.Context(), owner, silent)
	for _, sql := range []string{"CREATE ROLE golive_app NOLOGIN", "CREATE ROLE golive_audit NOLOGIN", `GRANT golive_app TO "owner"`, `GRANT golive_audit TO "owner"`} {
		if err == nil || !strings.Contains(err.Error(), sql) {
			t.Fatalf("who may make no roles is told %v, without %s", err, sql)
		}
	}
	// By hand, as told.
	exec(t, root, `CREATE ROLE golive_app NOLOGIN; CREATE ROLE golive_audit NOLOGIN; GRANT golive_app TO owner; GRANT golive_audit TO owner`)
	must(t, postgres.Migrate(t.Context(), owner, silent))
	must(t, postgres.Migrate(t.Context(), owner, silent)) // again, for nothing
	open(t, owner, acting)

	if _, err := acting(t, service); err == nil || !strings.Contains(err.Error(), "--grant service") {
		t.Errorf("a user without the role is told %v", err)
	}
	exec(t, root, `ALTER ROLE owner CREATEROLE; GRANT golive_app, golive_audit TO owner WITH ADMIN OPTION`)
	if err := postgres.Migrate(t.Context(), owner, silent, "nobody"); err == nil || !strings.Contains(err.Error(), `"nobody"`) {
		t.Errorf("a user who isn't there: %v", err)
	}
	must(t, postgres.Migrate(t.Context(), owner, silent, "service"))
	app := open(t, service, acting)
	id := uuid.NewString()
	if _, err := app.Exec(postgres.For(t.Context(), id), `INSERT INTO tenants (id, slug, name) VALUES ($1, 'acme', 'Acme')`, id); err != nil {
		t.Error(err)
	}

	// Versions before this one say nothing of what they reach, and are the owner.
	before, err := pgx.Connect(t.Context(), owner)
	must(t, err)
	t.Cleanup(func() { _ = before.Close(t.Context()) })
	var n int
	for _, said := range []string{"", "of a session that had said it and was reset, as by a pooler"} {
		must(t, before.QueryRow(t.Context(), `SELECT count(*) FROM tenants`).Scan(&n))
		if n != 1 {
			t.Errorf("the version before sees %d tenants %s", n, said)
		}
		_, err := before.PgConn().Exec(t.Context(), `SET golive.tenants = '{}'; RESET golive.tenants`).ReadAll()
		must(t, err)
	}
	// Whoever has said it is held to it, the owner too.
	must(t, before.QueryRow(t.Context(), `SELECT count(*) FROM (SELECT set_config('golive.tenants', '{}', false)) AS said, tenants`).Scan(&n))
	must(t, before.QueryRow(t.Context(), `SELECT count(*) FROM tenants`).Scan(&n))
	if n != 0 {
		t.Errorf("an owner who may reach nothing sees %d tenants", n)
	}
}

func TestTablesStayTheOwnerRoles(t *testing.T) {
	t.Parallel()
	server := pgtest.NewPrivate(t)
	root := open(t, server.URL, plainly)
	exec(t, root, `CREATE ROLE golive_owner NOLOGIN; GRANT ALL ON SCHEMA public TO golive_owner; CREATE ROLE deployer LOGIN CREATEROLE; GRANT golive_owner TO deployer`)
	must(t, postgres.Migrate(t.Context(), as(t, server.URL, "deployer"), silent))
	var others string
	must(t, root.QueryRow(t.Context(), `SELECT coalesce(string_agg(relname || ' of ' || relowner::regrole, ', '), '') FROM pg_class
		WHERE relnamespace = 'public'::regnamespace AND relowner <> 'golive_owner'::regrole`).Scan(&others))
	if others != "" {
		t.Errorf("golive_owner doesn't own %s", others)
	}
	open(t, as(t, server.URL, "deployer"), acting)
}

func TestNobodyStartsWhereRowSecurityDoesNotHold(t *testing.T) {
	t.Parallel()
	server := pgtest.NewPrivate(t)
	root := open(t, server.URL, plainly)
	if _, err := acting(t, server.URL); err == nil || !strings.Contains(err.Error(), "golive migrate") {
		t.Errorf("before any migration: %v", err)
	}
	must(t, postgres.Migrate(t.Context(), server.URL, silent))
	open(t, server.URL, acting)
	for _, c := range [][2]string{
		{`ALTER ROLE golive_app SUPERUSER`, `ALTER ROLE golive_app NOSUPERUSER`},
		{`ALTER ROLE golive_app BYPASSRLS`, `ALTER ROLE golive_app NOBYPASSRLS`},
		{`ALTER TABLE mails DISABLE ROW LEVEL SECURITY`, `ALTER TABLE mails ENABLE ROW LEVEL SECURITY`},
	} {
		exec(t, root, c[0])
		if pool, err := acting(t, server.URL); err == nil || !strings.Contains(err.Error(), "mails") {
			t.Errorf("%s: %v", c[0], err)
			if err == nil {
				pool.Close()
			}
		}
		exec(t, root, c[1])
	}
	open(t, server.URL, acting)
}
