package stripegw

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"
	"golang.org/x/sync/errgroup"

	"github.com/golive-hq/golive/internal/catalog"
)

// DefaultTimeout is how long one call to Stripe may take.
const DefaultTimeout = 6 * time.Second

// Config says how to reach Stripe. Its zero value is fit for production.
type Config struct {
	// APIBase is where Stripe answers, without a path; "" is Stripe's own address.
	APIBase string
	// Log gets one debug line per call; nil discards it.
	Log *slog.Logger
	// Timeout bounds one call from its start to the last byte of the answer,
	// waiting for its turn not included; 0 is DefaultTimeout.
	Timeout time.Duration
	// HTTPTransport sends the requests; nil is NewTransport's. It sees each
	// request just before it leaves, with the caller's context values; an error
	// of its own stays in the chain of the error that the caller gets.
	HTTPTransport http.RoundTripper
	// Rates bound the calls per second; 0 is the default of each.
	Rates Rates
}

// Gateway opens accounts. All of them share its connections, and its pacing
// where they are the same account. One per process.
type Gateway struct {
	base      string
	log       *slog.Logger
	timeout   time.Duration
	transport http.RoundTripper
	paces     paces
}

// New returns a gateway; it connects to nothing yet.
func New(cfg Config) *Gateway {
	g := &Gateway{
		base:      strings.TrimRight(cfg.APIBase, "/"),
		log:       cfg.Log,
		timeout:   cfg.Timeout,
		transport: cfg.HTTPTransport,
		paces:     paces{rates: cfg.Rates.withDefaults()},
	}
	if g.base == "" {
		g.base = stripe.APIURL
	}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	if g.timeout == 0 {
		g.timeout = DefaultTimeout
	}
	if g.transport == nil {
		g.transport = NewTransport(g.timeout)
	}
	return g
}

// Account is one mode of one Stripe account, seen through one key.
type Account struct {
	gateway *Gateway
	// key is a function because fmt prints even unexported fields.
	key  func() string
	pace *pace
}

// Open returns the account behind key. It asks Stripe nothing.
func (g *Gateway) Open(mode catalog.Mode, accountID, key string) *Account {
	return &Account{gateway: g, key: func() string { return key }, pace: g.paces.of(mode, accountID)}
}

// Prove asks Stripe whose key this is, and of which mode. It is not paced: the
// account is what it finds out.
func (g *Gateway) Prove(ctx context.Context, key string) (catalog.Account, catalog.Balance, error) {
	a := &Account{gateway: g, key: func() string { return key }}
	var account catalog.Account
	var balance catalog.Balance
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() (err error) { account, err = a.Account(ctx); return err })
	both.Go(func() (err error) { balance, err = a.Balance(ctx); return err })
	return account, balance, both.Wait()
}
