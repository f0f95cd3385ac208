package stripegw

import (
	"cmp"
	"context"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"time"
	"weak"

	"github.com/stripe/stripe-go/v76"
	"golang.org/x/sync/errgroup"

	"github.com/golive-hq/golive/internal/catalog"
)

// How long one call to Stripe may take. A page of prices with all that can be
// expanded takes Stripe longer than any write.
const (
	DefaultTimeout     = 6 * time.Second // a write
	DefaultReadTimeout = 30 * time.Second
)

// Config says how to reach Stripe. Its zero value is fit for production.
type Config struct {
	// APIBase is where Stripe answers, without a path; "" is Stripe's own address.
	APIBase string
	// Log gets one debug line per call; nil discards it.
	Log *slog.Logger
	// Timeout bounds one write, and ReadTimeout one read, from its start to the last
	// byte of the answer, waiting for its turn not included; 0 is DefaultTimeout and
	// DefaultReadTimeout. A read ends sooner with its context, a write does not.
	Timeout, ReadTimeout time.Duration
	// HTTPTransport sends the requests; nil is NewTransport's. It sees each
	// request just before it leaves, with the caller's context values; an error
	// of its own stays in the chain of the error that the caller gets.
	HTTPTransport http.RoundTripper
	// Limiter says when a call may start; nil never makes one wait.
	Limiter Limiter
	// Called is told how long Stripe took for a call, however it ended; nil for nobody.
	Called func(mode catalog.Mode, method string, took time.Duration)
}

// Limiter keeps the calls to one account in one mode, and to each of its
// endpoints ("POST /v1/prices/{id}"), below Stripe's limits.
type Limiter interface {
	// Wait returns when a call may start, or ctx's error.
	Wait(ctx context.Context, accountID string, live bool, endpoint string) error
	// Slow tells that Stripe answered 429, with its reason ("endpoint-rate").
	Slow(ctx context.Context, accountID string, live bool, endpoint, reason string)
}

// Gateway opens accounts, which share its connections. One per process.
type Gateway struct {
	base      string
	log       *slog.Logger
	timeout   time.Duration
	reading   time.Duration // the timeout of reads
	transport http.RoundTripper
	limiter   Limiter
	calls     tally
	called    func(mode catalog.Mode, method string, took time.Duration)

	mu sync.Mutex
	// accounts are those in use, or were until just now: a key that was disconnected or
	// replaced stays in memory no longer than that.
	accounts map[accountKey]weak.Pointer[Account]
}

// accountKey tells keys apart without being one.
type accountKey struct {
	mode catalog.Mode
	id   string
	key  [sha256.Size]byte
}

// New returns a gateway; it connects to nothing yet.
func New(cfg Config) *Gateway {
	g := &Gateway{
		base:      strings.TrimRight(cfg.APIBase, "/"),
		log:       cfg.Log,
		timeout:   cmp.Or(cfg.Timeout, DefaultTimeout),
		reading:   cmp.Or(cfg.ReadTimeout, DefaultReadTimeout),
		transport: cfg.HTTPTransport,
		limiter:   cfg.Limiter,
		called:    cfg.Called,
		accounts:  map[accountKey]weak.Pointer[Account]{},
	}
	if g.base == "" {
		g.base = stripe.APIURL
	}
	if g.called == nil {
		g.called = func(catalog.Mode, string, time.Duration) {}
	}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	if g.transport == nil {
		g.transport = NewTransport(DefaultTimeout)
	}
	return g
}

// Open returns the account behind key, the same one to all who use it at a time. It
// asks Stripe nothing.
func (g *Gateway) Open(mode catalog.Mode, accountID, key string) *Account {
	g.mu.Lock()
	defer g.mu.Unlock()
	k := accountKey{mode, accountID, sha256.Sum256([]byte(key))}
	a := g.accounts[k].Value()
	if a == nil {
		a = newAccount(g, mode, accountID, key)
		g.accounts[k] = weak.Make(a)
		runtime.AddCleanup(a, g.forget, k)
	}
	// Between two turns of a batch nobody may hold it, and what was read would be lost.
	time.AfterFunc(keepFor, func() { runtime.KeepAlive(a) })
	return a
}

// forget is called when an account was collected, and spares one opened since.
func (g *Gateway) forget(k accountKey) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.accounts[k].Value() == nil {
		delete(g.accounts, k)
	}
}

// Prove asks Stripe whose key this is, and of which mode. It is not limited: the
// account is what it finds out.
func (g *Gateway) Prove(ctx context.Context, key string) (catalog.Account, catalog.Balance, error) {
	a := newAccount(g, "", "", key)
	var account catalog.Account
	var balance catalog.Balance
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() (err error) { account, err = a.Account(ctx); return err })
	both.Go(func() (err error) { balance, err = a.Balance(ctx); return err })
	return account, balance, both.Wait()
}
