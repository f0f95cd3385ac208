package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// makeRoles sees to it that there are our roles, and that url's user and those in grant may
// act as them. It needs the right to make roles only where something is missing. Roles are
// the server's and not the database's: others may do the same at the same time.
func makeRoles(ctx context.Context, pool *pgxpool.Pool, grant []string) error {
	self, err := One(ctx, pool, pgx.RowTo[string], nil, `SELECT session_user::text`)
	if err != nil {
		return fmt.Errorf("ask for the user: %w", err)
	}
	var missing []string
	for _, role := range []string{AppRole, AuditRole} {
		wanted, err := rolesMissing(ctx, pool, role, append([]string{self}, grant...))
		if err != nil {
			return err
		}
		missing = append(missing, wanted...)
	}
	for _, sql := range missing {
		if err := makeRole(ctx, pool, sql); err != nil {
			return explainRoles(err, self, missing)
		}
	}
	return nil
}

// rolesMissing are the statements that make a role and let these users act as it.
func rolesMissing(ctx context.Context, pool *pgxpool.Pool, role string, users []string) (missing []string, err error) {
	exists, err := One(ctx, pool, pgx.RowTo[bool], nil, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)`, role)
	if err != nil {
		return nil, fmt.Errorf("look for role %s: %w", role, err)
	}
	if !exists {
		missing = append(missing, "CREATE ROLE "+role+" NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS")
	}
	for _, user := range users {
		has, err := One(ctx, pool, pgx.RowTo[bool], nil, `SELECT EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
			JOIN pg_roles u ON u.oid = m.member WHERE r.rolname = $1 AND u.rolname = $2 AND coalesce((to_jsonb(m) ->> 'set_option')::boolean, true))`, role, user)
		if err != nil {
			return nil, fmt.Errorf("look for members of %s: %w", role, err)
		}
		if !has {
			missing = append(missing, "GRANT "+role+" TO "+pgx.Identifier{user}.Sanitize())
		}
	}
	return missing, nil
}

// makeRole tries again what another process was doing at the same moment.
func makeRole(ctx context.Context, pool *pgxpool.Pool, sql string) error {
	var pg *pgconn.PgError
	for run := 1; ; run++ {
		_, err := pool.Exec(ctx, sql)
		switch {
		case err == nil:
			return nil
		case !errors.As(err, &pg):
			return err
		case pg.Code == "42710" || pg.Code == "23505": // it is there now
			return nil
		case pg.Code != "XX000" || run == 10: // "tuple concurrently updated"
			return err
		}
	}
}

func explainRoles(err error, user string, missing []string) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "42501" {
		return fmt.Errorf("migrate: user %q may not create or grant roles. Run these statements as a user who may, then migrate again:\n%s;\n%w",
			user, strings.Join(missing, ";\n"), err)
	}
	if pg != nil && pg.Code == "42704" {
		return fmt.Errorf("migrate: --grant: %w", err)
	}
	return fmt.Errorf("migrate: make roles: %w", err)
}

// OwnerRole owns the tables, where somebody has made it for that.
const OwnerRole = "golive_owner"

// openOwning returns a pool whose sessions own our tables, or make them: as OwnerRole where
// there is one, unless the tables are another's already.
func openOwning(ctx context.Context, pool *pgxpool.Pool, config *pgxpool.Config) (*pgxpool.Pool, error) {
	as, err := One(ctx, pool, pgx.RowTo[bool], nil, `SELECT coalesce((SELECT relowner FROM pg_class WHERE oid = to_regclass('tenants')), oid) = oid
		FROM pg_roles WHERE rolname = $1`, OwnerRole)
	if err != nil {
		return nil, fmt.Errorf("look for the owner of the tables: %w", err)
	}
	if as {
		config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, "SET ROLE "+OwnerRole)
			return err
		}
	}
	return openWith(ctx, config)
}

// Apart are tables that belong to no tenant: row security leaves them alone, by name.
var Apart = map[string]string{
	"account_full":       "how busy live accounts are, which tenants may share",
	"clock":              "what time it is, where development moves it",
	"goose_db_version":   "which migrations there were",
	"mail_outage":        "whether the mail server works",
	"quotas":             "counts by name, and nothing that anybody wrote",
	"rates":              "counts by name, and nothing that anybody wrote",
	"rate_slots":         "when calls to Stripe may start",
	"standstill":         "whether an operator has paused everything",
	"river_migration":    "River's",
	"river_job":          "River's: arguments are ids",
	"river_leader":       "River's",
	"river_queue":        "River's",
	"river_client":       "River's",
	"river_client_queue": "River's",
	"river_notification": "River's",
}

// grantRights gives the roles what they may do with our tables: those with policies, and
// those Apart. It may be repeated, and is after each migration, for new tables.
func grantRights(ctx context.Context, pool *pgxpool.Pool) error {
	apart := slices.Collect(maps.Keys(Apart))
	err := InTx(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('golive grants', 0))`); err != nil {
			return err
		}
		grants, err := All(ctx, tx, pgx.RowTo[string], rightsSQL, apart)
		for _, sql := range grants {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("migrate: grant permissions: %w", err)
	}
	return nil
}

// Rights tells one version of what Migrate grants from another, for those who keep migrated
// databases.
func Rights() string {
	return strings.Join(slices.Sorted(maps.Keys(Apart)), " ") + rightsSQL
}

// rightsSQL returns the statements. What is in an audit log may be changed by AuditRole alone.
const rightsSQL = `WITH ours AS (SELECT c.oid, c.relname AS name, c.oid::regclass::text AS id FROM pg_class c
		WHERE c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'tenants'::regclass) AND c.relkind = 'r'
			AND (c.relname = ANY($1) OR EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)))
	SELECT format('GRANT USAGE ON SCHEMA %s TO ` + AppRole + `, ` + AuditRole + `', n::text) FROM (SELECT relnamespace::regnamespace AS n FROM pg_class WHERE oid = 'tenants'::regclass) home
		WHERE NOT has_schema_privilege('` + AppRole + `', n, 'USAGE') OR NOT has_schema_privilege('` + AuditRole + `', n, 'USAGE')
	UNION ALL SELECT format('GRANT %s ON %s TO ` + AppRole + `', CASE
		WHEN name IN ('clock', 'goose_db_version') THEN 'SELECT' WHEN name IN ('audit_log', 'audit_aliases') THEN 'SELECT, INSERT'
		ELSE 'SELECT, INSERT, UPDATE, DELETE' END, id) FROM ours
	UNION ALL SELECT format('GRANT %s ON %s TO ` + AuditRole + `', CASE name WHEN 'tenants' THEN 'SELECT' ELSE 'SELECT, INSERT, UPDATE, DELETE' END, id)
		FROM ours WHERE name IN ('audit_log', 'audit_heads', 'audit_aliases', 'tenants')
	UNION ALL SELECT format('GRANT USAGE ON SEQUENCE %s TO ` + AppRole + `' || CASE WHEN name = 'audit_log' THEN ', ` + AuditRole + `' ELSE '' END, s.oid::regclass)
		FROM ours JOIN pg_depend d ON d.refobjid = ours.oid AND d.classid = 'pg_class'::regclass JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'`
