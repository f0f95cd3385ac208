package pgtest

import (
	"context"
	"maps"
	"os"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/pgembed"
)

// Private is a server of a test's own, which it may stop and start again.
type Private struct {
	// URL is that of an empty database. It stays the same.
	URL string

	dir    string
	server *pgembed.Server
}

// NewPrivate returns a running server, which ends with t. Unlike the shared one
// it keeps its data over a restart, also over a hard one.
func NewPrivate(t testing.TB) *Private {
	t.Helper()
	dir, err := os.MkdirTemp(parent, "golive-private-") //nolint:usetesting // its folder is closed to Postgres' user
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // Postgres' user, who is not root, has to pass
		t.Fatal(err)
	}
	p := &Private{dir: dir}
	t.Cleanup(func() {
		_ = p.server.Stop() // how it ends is no affair of the test's
		_ = os.RemoveAll(dir)
	})
	p.Start(t)
	p.URL = p.server.DSN("postgres")
	return p
}

// Start runs the server again after Stop.
func (p *Private) Start(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	durable := maps.Clone(settings)
	durable["fsync"], durable["synchronous_commit"], durable["full_page_writes"] = "on", "on", "on"
	server, err := pgembed.Start(ctx, pgembed.Options{Dir: p.dir, Settings: durable})
	if err != nil {
		t.Fatal(err)
	}
	p.server = server
}

// Stop ends the server as an operator's restart does: sessions are cut, and what
// was committed stays.
func (p *Private) Stop(t testing.TB) {
	t.Helper()
	if err := p.server.Stop(); err != nil {
		t.Errorf("stop Postgres: %v", err)
	}
}
