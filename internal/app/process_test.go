package app_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

// process is an API or a worker in this process.
type process struct {
	url string
	// admin is where those who run it ask.
	admin string
	stop  context.CancelFunc
	err   chan error
	log   *lockedBuffer
}

type runFunc func(context.Context, app.Config, *slog.Logger) error

// services are both, with the way to give each its address.
var services = map[string]struct {
	run      runFunc
	variable string
}{
	"api":    {app.API, "GOLIVE_ADDR"},
	"worker": {app.Worker, "GOLIVE_WORKER_ADDR"},
}

func run(t *testing.T, name string, set map[string]string) *process {
	t.Helper()
	s := services[name]
	addr, admin := freePort(t), freePort(t)
	set[s.variable], set["GOLIVE_ADMIN_ADDR"] = addr, admin
	if name == "worker" {
		admin = addr
	}
	cfg, err := app.Load(environment(t, set))
	if err != nil {
		t.Fatal(err)
	}
	p := &process{url: "http://" + addr, admin: "http://" + admin, err: make(chan error, 1), log: &lockedBuffer{}}
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	t.Cleanup(stop)
	go func() { p.err <- s.run(ctx, cfg, app.NewLogger(p.log, "text")) }()
	return p
}

// get asks until somebody answers.
func (p *process) get(t *testing.T, path string) (int, string) {
	t.Helper()
	return p.getAt(t, p.url+path)
}

// metrics are what the process tells those who run it.
func (p *process) metrics(t *testing.T) string {
	t.Helper()
	status, text := p.getAt(t, p.admin+"/metrics")
	if status != http.StatusOK {
		t.Errorf("metrics: %d %s", status, text)
	}
	return text
}

func (p *process) getAt(t *testing.T, url string) (int, string) {
	t.Helper()
	for {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultTransport.RoundTrip(req)
		if err == nil {
			body, readErr := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if readErr == nil {
				return res.StatusCode, string(body)
			}
		}
		select {
		case err := <-p.err:
			t.Fatalf("the process ended: %v", err)
		case <-t.Context().Done():
			t.Fatal(err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestProbesAndStop(t *testing.T) {
	t.Parallel()
	for name := range services {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			p := run(t, name, map[string]string{"DATABASE_URL": url})
			for _, url := range []string{p.url + "/healthz", p.url + "/readyz", p.admin + "/healthz", p.admin + "/readyz"} {
				if code, body := p.getAt(t, url); code != http.StatusOK || body != `{"status":"ok"}` {
					t.Errorf("%s: %d %s", url, code, body)
				}
			}
			if text := p.metrics(t); !strings.Contains(text, "golive_pool_connections_max") {
				t.Error(text)
			}

			// A database that lacks a migration makes it unready, not unhealthy.
			pool, err := postgres.Open(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			defer pool.Close()
			if _, err := pool.Exec(t.Context(), `DELETE FROM goose_db_version WHERE version_id > 1`); err != nil {
				t.Fatal(err)
			}
			for _, url := range []string{p.url, p.admin} {
				if code, body := p.getAt(t, url+"/readyz"); code != http.StatusServiceUnavailable || body != `{"status":"not ready"}` {
					t.Errorf("readyz without migrations: %d %s", code, body)
				}
			}
			if code, _ := p.get(t, "/healthz"); code != http.StatusOK {
				t.Errorf("healthz without migrations: %d", code)
			}
			p.stop()
			if err := <-p.err; err != nil {
				t.Errorf("stopping: %v", err)
			}
			if !strings.Contains(p.log.String(), "golive migrate") {
				t.Error("the log does not say why it was not ready")
			}
		})
	}
}

func TestStartSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, s := range services {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			unmigrated := run(t, name, map[string]string{"DATABASE_URL": pgtest.Empty(t)})
			wantError(t, <-unmigrated.err, "version 0,", "golive migrate")

			away := freePort(t)
			nobody := run(t, name, map[string]string{"DATABASE_URL": "postgres://golive@" + away + "/golive"})
			wantError(t, <-nobody.err, away, "DATABASE_URL")

			taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer taken.Close()
			cfg, err := app.Load(environment(t, map[string]string{"DATABASE_URL": pgtest.URL(t), s.variable: taken.Addr().String()}))
			if err != nil {
				t.Fatal(err)
			}
			err = s.run(t.Context(), cfg, slog.New(slog.DiscardHandler))
			wantError(t, err, taken.Addr().String(), s.variable)
			if name == "api" {
				cfg.Addr, cfg.AdminAddr = "127.0.0.1:0", taken.Addr().String()
				wantError(t, s.run(t.Context(), cfg, slog.New(slog.DiscardHandler)), taken.Addr().String(), "GOLIVE_ADMIN_ADDR")
			}
		})
	}
}

// wantError demands an error of one line that names all these.
func wantError(t *testing.T, err error, names ...string) {
	t.Helper()
	for _, name := range names {
		if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want one line with %q", err, name)
		}
	}
}

// Mail is no condition of anything else: its absence is one warning, of whoever
// would send it.
func TestWithoutMailTheWorkerWarnsOnce(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	for name := range services {
		p := run(t, name, map[string]string{"DATABASE_URL": url})
		p.get(t, "/readyz")
		p.stop()
		if err := <-p.err; err != nil {
			t.Error(err)
		}
		want := map[string]int{"worker": 1}[name]
		if n := strings.Count(p.log.String(), "mail is off"); n != want {
			t.Errorf("%s: %d warnings, want %d", name, n, want)
		}
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// lockedBuffer is written by a process and read by its test.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
