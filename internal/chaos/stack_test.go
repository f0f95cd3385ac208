package chaos_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/ratelimit"
	"github.com/golive-hq/golive/internal/seal/sealtest"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/stripesim/simtest"
)

// stack is a Golive with a database and a Stripe of its own, whose workers are
// processes. What people do, the test does by the domain's use cases.
type stack struct {
	app.Services
	pool    *pgxpool.Pool
	sim     *stripesim.Sim
	witness *witness
	env     []string
	lease   time.Duration
	// behind makes the way to the database by which one worker comes.
	behind func() *pgtest.Proxy

	mu   sync.Mutex
	crew map[string]*process
}

// newStack has a migrated database and no workers yet.
func newStack(t *testing.T, database string, lease time.Duration) *stack {
	t.Helper()
	keyset, keys := sealtest.Keys(t)
	s := &stack{sim: stripesim.New(stripesim.Config{}), lease: lease, crew: map[string]*process{}}
	stripe := s.serveStripe(t)
	services, closePool, err := app.Open(t.Context(), app.Config{
		DatabaseURL: app.Secret(database), Keys: keys, StripeAPIBase: stripe, Lease: lease, Rates: ratelimit.DefaultRates,
	}, slog.New(slog.DiscardHandler))
	must(t, err)
	t.Cleanup(closePool)
	owner, err := postgres.Open(t.Context(), database)
	must(t, err)
	t.Cleanup(owner.Close)
	s.Services, s.pool, s.witness.pool = services, owner, owner
	background(t, services.Deployments.Notify.Run)
	background(t, services.Runner.Hub.Run)
	s.env = []string{
		"DATABASE_URL=" + database, "GOLIVE_SEALING_KEYS=" + keyset, "GOLIVE_STRIPE_API_BASE=" + stripe,
		"GOLIVE_ADDR=127.0.0.1:0", "GOLIVE_WORKER_ADDR=127.0.0.1:0", "GOLIVE_ADMIN_ADDR=127.0.0.1:0", "GOLIVE_LOG=json", "GOLIVE_CALLER_RATES=off", "GOLIVE_LEASE=" + lease.String(),
	}
	s.behind = func() *pgtest.Proxy { return pgtest.NewProxy(t, database) }
	t.Cleanup(s.dismiss)
	return s
}

// serveStripe puts a witness and the contract's checker before the simulator.
func (s *stack) serveStripe(t *testing.T) (url string) {
	t.Helper()
	checker := simtest.Checked(s.sim, func(disagreement string) { t.Error(disagreement) })
	s.witness = &witness{next: checker}
	server := httptest.NewServer(s.witness)
	t.Cleanup(func() {
		s.sim.ClearFaults() // a request still held would keep the server open
		server.Close()
		checker.Close()
		must(t, s.sim.Close())
	})
	return server.URL
}

func background(t *testing.T, run func(context.Context)) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

// hire starts a worker, and starts it again as its supervisor would where its database was
// away just then, had too much to do, or took no writes.
func (s *stack) hire() error {
	wire := s.behind()
	env := append(s.env[:len(s.env):len(s.env)], "DATABASE_URL="+wire.URL)
	p, err := spawn("worker", env)
	for again := 60; again > 0 && databaseAway(err); again-- {
		p, err = spawn("worker", env)
	}
	if err != nil {
		return err
	}
	p.wire = wire
	s.mu.Lock()
	defer s.mu.Unlock()
	s.crew[p.name] = p
	return nil
}

func databaseAway(err error) bool {
	return err != nil && slices.ContainsFunc([]string{"failed to connect", "can't reach Postgres", "rejected the connection", "terminating connection", "read-only transaction", "timed out after"},
		func(why string) bool { return strings.Contains(err.Error(), why) })
}

// staff starts workers until there are n.
func (s *stack) staff(n int) error {
	for s.size() < n {
		if err := s.hire(); err != nil {
			return err
		}
	}
	return nil
}

func (s *stack) size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.crew)
}

var errNoOwner = errors.New("it has no owner")

// owner takes the worker that owns a deployment off the crew.
func (s *stack) owner(ctx context.Context, id string) (*process, error) {
	var name *string
	if err := s.pool.QueryRow(ctx, `SELECT owner FROM deployments WHERE id = $1`, id).Scan(&name); err != nil {
		return nil, err
	}
	if name == nil {
		return nil, fmt.Errorf("deployment %s: %w", id, errNoOwner)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.crew[*name]
	if p == nil {
		return nil, fmt.Errorf("the owner %s is none of the crew", *name)
	}
	delete(s.crew, *name)
	return p, nil
}

// back takes a worker onto the crew again.
func (s *stack) back(p *process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.crew[p.name] = p
}

// dismiss ends all workers.
func (s *stack) dismiss() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.crew {
		p.kill()
	}
}

// witness sees every write as it arrives at Stripe, and compares the epoch that
// it carries with the one in its deployment's row.
type witness struct {
	next http.Handler
	pool *pgxpool.Pool

	mu    sync.Mutex
	seen  int
	stale verdict
}

func (w *witness) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if r.Header.Get(stripesim.EpochHeader) != "" {
		body, err := io.ReadAll(r.Body) // from then on the server notices that the sender has gone
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
		w.look(r)
	}
	w.next.ServeHTTP(rw, r)
}

// failing is the end of a body that could not be read on.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

// dying is how long the end of a killed sender's connection may take to be noticed.
const dying = time.Second

// look says nothing where the database is away: the simulator's log is the other
// witness. What somebody sent who was killed since may arrive under any epoch, for it waits
// in the machine's own buffers: only who lives can be blamed.
func (w *witness) look(r *http.Request) {
	var current int64
	var fits bool
	err := w.pool.QueryRow(r.Context(), `SELECT epoch, epoch = $2::bigint FROM deployments WHERE id = split_part($1, ':', 2)::uuid`,
		r.Header.Get("Idempotency-Key"), r.Header.Get(stripesim.EpochHeader)).Scan(&current, &fits)
	if err != nil {
		return
	}
	if !fits && gone(r.Context()) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen++
	if !fits {
		w.stale.say(&w.stale.stale, "%s %s under epoch %s, while it was %d",
			r.Header.Get("Idempotency-Key"), r.URL.Path, r.Header.Get(stripesim.EpochHeader), current)
	}
}

func gone(sender context.Context) bool {
	select {
	case <-sender.Done():
		return true
	case <-time.After(dying):
		return false
	}
}

// testimony returns the stale writes that were seen, and how many were looked at.
func (w *witness) testimony() (stale *verdict, seen int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return &w.stale, w.seen
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
