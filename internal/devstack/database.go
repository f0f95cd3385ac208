package devstack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/pgembed"
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
		return nil, fmt.Errorf("golive dev runs in %s already: stop that one, or name another folder with GOLIVE_DATA_DIR and other addresses with GOLIVE_ADDR and GOLIVE_WORKER_ADDR", home.path)
	}
	if err != nil {
		return nil, err
	}
	log.InfoContext(ctx, "postgres runs", "folder", home.join("postgres"))
	return &database{url: server.DSN("postgres"), server: server}, nil
}

// lost returns an error where the embedded server ends by itself, nil when ctx
// ends.
func (d *database) lost(ctx context.Context) error {
	if d.server == nil {
		return nil
	}
	select {
	case <-d.server.Done():
		return errors.New("Postgres has ended by itself: start again; what was committed is still there")
	case <-ctx.Done():
		return nil
	}
}

func (d *database) stop(log *slog.Logger) {
	if d.server == nil {
		return
	}
	if err := d.server.Stop(); err != nil {
		log.Warn("postgres did not end cleanly; what was committed is still there", "error", err)
	}
}
