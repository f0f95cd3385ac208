package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/migrations"
)

// templateLock is the advisory lock under which a test binary looks for the
// template, or builds it.
const templateLock = 7_265_001

// abandonedAfter is longer than any test runs.
const abandonedAfter = time.Hour

func connect() (*server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	address := os.Getenv("TEST_DATABASE_URL")
	if address == "" {
		var err error
		if address, err = join(ctx); err != nil {
			return nil, fmt.Errorf("%w; or set TEST_DATABASE_URL to a superuser's URL on a server of yours", err)
		}
	}
	s := &server{}
	var err error
	if s.url, err = url.Parse(address); err != nil {
		return nil, fmt.Errorf("TEST_DATABASE_URL must be a postgres:// URL")
	}
	if s.template, err = templateName(); err != nil {
		return nil, err
	}
	if s.admin, err = adminPool(ctx, address); err != nil {
		return nil, err
	}
	return s, s.prepare(ctx)
}

func adminPool(ctx context.Context, address string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	config.MaxConns = 2
	return pgxpool.NewWithConfig(ctx, config)
}

// prepare picks the copying strategy and sees to it that the template is there,
// while the other test binaries wait.
func (s *server) prepare(ctx context.Context) error {
	return postgres.InTx(ctx, s.admin, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, templateLock); err != nil {
			return err
		}
		var version int
		if err := tx.QueryRow(ctx, `SELECT current_setting('server_version_num')::int`).Scan(&version); err != nil {
			return err
		}
		if version >= 150000 {
			s.strategy = " STRATEGY file_copy" // thrice as fast as by the log where the disk is memory
		}
		if err := s.sweep(ctx); err != nil {
			return fmt.Errorf("drop abandoned databases: %w", err)
		}
		return s.buildTemplate(ctx)
	})
}

// buildTemplate leaves a finished template alone. Being a template is the mark
// of a finished one; nobody connects to it any more, which a copy requires.
func (s *server) buildTemplate(ctx context.Context) error {
	var built bool
	err := s.admin.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND datistemplate)`, s.template).Scan(&built)
	if err != nil || built {
		return err
	}
	if err := s.drop(ctx, s.template); err != nil {
		return err
	}
	if _, err := s.admin.Exec(ctx, "CREATE DATABASE "+s.template); err != nil {
		return err
	}
	if err := postgres.Migrate(ctx, s.dsn(s.template), slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	_, err = s.admin.Exec(ctx, "ALTER DATABASE "+s.template+" WITH IS_TEMPLATE true ALLOW_CONNECTIONS false")
	return err
}

// forsakenAfter is longer than it takes to begin to use a database.
const forsakenAfter = time.Minute

// sweep drops the databases of test binaries that were killed, and those that were Kept for
// ones that have ended.
func (s *server) sweep(ctx context.Context) error {
	rows, err := s.admin.Query(ctx, `SELECT datname FROM pg_database d
		WHERE datname ~ '^golive_test_\d+_' AND split_part(datname, '_', 3)::bigint < $1
			OR datname ~ '^golive_kept_\d+_' AND split_part(datname, '_', 3)::bigint < $2
				AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)`, time.Now().Add(-abandonedAfter).Unix(), time.Now().Add(-forsakenAfter).Unix())
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := s.drop(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// templateName changes with every migration, ours and River's, so that one
// server serves several checkouts at once.
func templateName() (string, error) {
	hash := sha256.New()
	err := fs.WalkDir(migrations.FS, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(migrations.FS, path)
		fmt.Fprintf(hash, "%s %d\n%s", path, len(content), content)
		return err
	})
	if err != nil {
		return "", err
	}
	river, err := rivermigrate.New(riverpgxv5.New(nil), nil)
	if err != nil {
		return "", err
	}
	for _, m := range river.AllVersions() {
		fmt.Fprintf(hash, "river %d %d\n%s", m.Version, len(m.SQLUp), m.SQLUp)
	}
	fmt.Fprint(hash, postgres.Rights())
	return "golive_template_" + hex.EncodeToString(hash.Sum(nil)[:8]), nil
}
