package devstack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/pgembed"
	"github.com/golive-hq/golive/internal/postgres"
)

// database is the person's own, or the embedded one.
type database struct {
	url    string
	server *pgembed.Server // nil where it is the person's own
}

func startDatabase(ctx context.Context, env app.Lookup, home *folder, log *slog.Logger) (*database, error) {
	if own, _ := env("DATABASE_URL"); own != "" {
		return &database{url: own}, nil
	}
	server, err := pgembed.Start(ctx, pgembed.Options{Dir: home.join("postgres")})
	if errors.Is(err, pgembed.ErrBusy) {
		return nil, fmt.Errorf("golive dev is already running in %s: stop it, or set GOLIVE_DATA_DIR, GOLIVE_ADDR, GOLIVE_WORKER_ADDR and GOLIVE_ADMIN_ADDR to run a second one", home.path)
	}
	if err != nil {
		return nil, err
	}
	log.InfoContext(ctx, "postgres started", "folder", home.join("postgres"))
	return &database{url: server.DSN("postgres"), server: server}, nil
}

// mine returns an error where the database is somebody's real one: the stack
// would migrate it, add its demo tenant, and carry out the deployments of others
// against a simulator.
func (d *database) mine(ctx context.Context) error {
	if d.server != nil {
		return nil
	}
	pool, err := postgres.Open(ctx, d.url)
	if err != nil {
		return err
	}
	defer pool.Close()
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	var exists bool
	if err := conn.QueryRow(ctx, `SELECT to_regclass('tenants') IS NOT NULL`).Scan(&exists); err != nil || !exists {
		return err
	}
	// Whoever this user is: one to whom row security shows nothing would find nobody here.
	if _, err := conn.Exec(ctx, `SELECT set_config('golive.reach', $1, false), set_config('golive.tenants', '{}', false)`, postgres.Operators); err != nil {
		return err
	}
	var other string
	err = conn.QueryRow(ctx, `SELECT slug FROM tenants WHERE slug <> $1 ORDER BY slug LIMIT 1`, demoSlug).Scan(&other)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("the database at DATABASE_URL has tenants that golive dev didn't create (%s): unset DATABASE_URL to use a separate database, or point it at an empty one", other)
}

// lost returns an error where the embedded server ends by itself, nil when ctx
// ends.
func (d *database) lost(ctx context.Context) error {
	if d.server == nil {
		return nil
	}
	select {
	case <-d.server.Done():
		return errors.New("Postgres stopped unexpectedly: start again; committed data is safe")
	case <-ctx.Done():
		return nil
	}
}

// shown is where to find it. What a person's own URL holds is theirs to know.
func (d *database) shown() string {
	if d.server == nil {
		return "your own, at DATABASE_URL"
	}
	return "psql '" + d.url + "'"
}

func (d *database) stop(log *slog.Logger) {
	if d.server == nil {
		return
	}
	if err := d.server.Stop(); err != nil {
		log.Warn("postgres did not stop cleanly; committed data is safe", "error", err)
	}
}
