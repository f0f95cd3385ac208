package chaos_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/pgembed"
	"github.com/golive-hq/golive/internal/postgres"
)

// database is a Postgres of its own that can be restarted.
type database struct {
	dir string

	mu     sync.Mutex
	server *pgembed.Server
	// downs are the restarts, and the times in which it took no writes.
	downs []span
}

// span is a while.
type span struct{ from, to time.Time }

// settings save the disk what the operating system, which nobody crashes, keeps
// anyway.
var settings = map[string]string{"fsync": "off", "full_page_writes": "off", "max_connections": "400"}

func newDatabase(t *testing.T) *database {
	t.Helper()
	dir, err := os.MkdirTemp("", "golive-chaos-pg-") //nolint:usetesting // Postgres, as another user, has to get in
	must(t, err)
	must(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	d := &database{dir: dir}
	must(t, d.start(t.Context()))
	t.Cleanup(func() { must(t, d.server.Stop()) })
	must(t, postgres.Migrate(t.Context(), d.url(), slog.New(slog.DiscardHandler)))
	return d
}

func (d *database) start(ctx context.Context) (err error) {
	d.server, err = pgembed.Start(ctx, pgembed.Options{Dir: d.dir, Settings: settings})
	return err
}

func (d *database) url() string { return d.server.DSN("postgres") }

// stranger sets for all sessions what suits somebody else's programs.
func (d *database) stranger(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, d.url())
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, setting := range []string{
		"default_transaction_isolation = 'serializable'", "TimeZone = 'Asia/Kathmandu'", "DateStyle = 'German'",
		"IntervalStyle = 'sql_standard'", "bytea_output = 'escape'", "statement_timeout = '1s'", "idle_session_timeout = '1s'",
	} {
		if _, err := conn.Exec(ctx, "ALTER DATABASE postgres SET "+setting); err != nil {
			return err
		}
	}
	return nil
}

// restart cuts off everybody.
func (d *database) restart(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	from := time.Now()
	if err := d.server.Stop(); err != nil {
		return err
	}
	return d.back(ctx, from)
}

// crash kills Postgres, which recovers from its log.
func (d *database) crash(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	from := time.Now()
	b, err := os.ReadFile(filepath.Join(d.dir, "data", "postmaster.pid"))
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return err
	}
	<-d.server.Done()
	_ = d.server.Stop() // it says that it was killed
	return d.back(ctx, from)
}

// back starts a server that is away since then.
func (d *database) back(ctx context.Context, since time.Time) error {
	if err := d.start(ctx); err != nil {
		return err
	}
	d.downs = append(d.downs, span{since, time.Now()})
	return nil
}

// refused notes that it took no writes from then until now.
func (d *database) refused(from time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.downs = append(d.downs, span{from, time.Now()})
}

// up tells whether Postgres was there all the time, and had been for a while.
func (d *database) up(from, to time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, down := range d.downs {
		if down.from.Before(to) && from.Before(down.to.Add(5*time.Second)) {
			return false
		}
	}
	return true
}
