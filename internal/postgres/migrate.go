package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/golive-hq/golive/migrations"
)

// River's schema is migration 2 of ours, pinned to the River version that it
// was written for. A River release with a newer schema gets a migration of its
// own, with the next free number.
const (
	riverMigration = 2
	riverSchema    = 8
)

// Migrate brings the database at url to the newest schema and logs each
// migration that it applies. It is safe to repeat, and to run in several
// processes at once: one migrates, the others wait for it, five minutes at most.
//
// An error names the migration that failed; those before it stay applied, that
// one does not. One that waits for a table in use gives up after two seconds,
// since everybody else waits behind it: then repeat it. In one second Postgres makes
// an autovacuum step aside.
//
// It also makes AppRole and AuditRole where they are not there, gives them their rights, and
// lets url's user and the users in grant act as them. What it makes belongs to that user, or
// to the role golive_owner where that is there.
func Migrate(ctx context.Context, url string, log *slog.Logger, grant ...string) error {
	config, err := parse(url)
	if err != nil {
		return err
	}
	config.ConnConfig.RuntimeParams["lock_timeout"] = "2s"
	pool, err := openWith(ctx, config.Copy())
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := errors.Join(checkHome(ctx, pool), checkWritable(ctx, pool)); err != nil {
		return err
	}
	if err := makeRoles(ctx, pool, grant); err != nil {
		return err
	}
	owning, err := openOwning(ctx, pool, config)
	if err != nil {
		return err
	}
	defer owning.Close()
	if err := up(ctx, owning, log); err != nil {
		return err
	}
	return grantRights(ctx, owning)
}

func up(ctx context.Context, pool *pgxpool.Pool, log *slog.Logger) error {
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	provider, err := provider(pool, db, migrations.FS)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	results, err := provider.Up(ctx)
	for _, r := range results {
		log.InfoContext(ctx, "migration applied", "version", r.Source.Version, "duration", r.Duration)
	}
	return explainMigration(err)
}

func explainMigration(err error) error {
	var pg *pgconn.PgError
	errors.As(err, &pg)
	switch {
	case err == nil:
		return nil
	case pg != nil && (pg.Code == "55P03" || pg.Code == "40P01"):
		return fmt.Errorf("migrate: a table is locked by another session; gave up rather than block other queries. Run it again: %w", err)
	case pg != nil && pg.Code == "3F000":
		return fmt.Errorf("migrate: the search_path of DATABASE_URL's user names no schema that exists: %w", err)
	default:
		return fmt.Errorf("migrate: %w", err)
	}
}

func provider(pool *pgxpool.Pool, db *sql.DB, files fs.FS) (*goose.Provider, error) {
	// goose tries the lock rather than waiting in it, so that no sleeping
	// snapshot blocks an index being built concurrently.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithSessionLocker(locker),
		goose.WithDisableGlobalRegistry(true),
		goose.WithGoMigrations(goose.NewGoMigration(riverMigration, &goose.GoFunc{
			// RunDB, not RunTx: in one transaction River's version 6 fails,
			// since it uses an enum value that version 4 added.
			RunDB: func(ctx context.Context, _ *sql.DB) error { return migrateRiver(ctx, pool) },
		}, nil)),
	)
}

func migrateRiver(ctx context.Context, pool *pgxpool.Pool) error {
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	if err != nil {
		return err
	}
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, &rivermigrate.MigrateOpts{TargetVersion: riverSchema})
	return err
}

// SchemaVersion returns the number of the newest migration that the database
// has, 0 where it has none.
func SchemaVersion(ctx context.Context, pool *pgxpool.Pool) (int64, error) {
	var version int64
	err := pool.QueryRow(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&version)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "42P01" { // no such table: never migrated, or elsewhere
		return 0, checkHome(ctx, pool)
	}
	if pg != nil && pg.Code == "42501" {
		return 0, fmt.Errorf("%s has no permissions in this database: run `golive migrate`: %w", AppRole, err)
	}
	if err != nil {
		return 0, fmt.Errorf("schema version: %w", err)
	}
	return version, nil
}

// RequiredVersion returns the number of the newest migration that this binary
// knows: it works on a database of that version or a later one.
func RequiredVersion() int64 { return requiredVersion() }

var requiredVersion = sync.OnceValue(func() int64 {
	newest := int64(riverMigration)
	// The folder is embedded: it cannot fail to be read.
	entries, _ := fs.ReadDir(migrations.FS, ".")
	for _, e := range entries {
		if n, err := goose.NumericComponent(e.Name()); err == nil {
			newest = max(newest, n)
		}
	}
	return newest
})
