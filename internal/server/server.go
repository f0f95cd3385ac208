package server

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/golive-hq/golive/graph"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/letter"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/tenant"
	"github.com/golive-hq/golive/web"
)

// Config is what a server needs.
type Config struct {
	API graph.Deps
	// Rights know who may still do what they could.
	Rights *tenant.Rights
	// Session returns who the session of a request's cookie belongs to, at any time:
	// UNAUTHENTICATED once it has ended. It returns nil for a request without a cookie, and
	// is nil where nobody signs in.
	Session func(r *http.Request) func(ctx context.Context) (tenant.Actor, error)
	// Letters write calendars.
	Letters *letter.Writer
	Log     *slog.Logger
	// PublicURL is the address that browsers know the server by. Its origin may
	// open sockets even where a proxy changes the Host header. "" is none.
	PublicURL string
	// TrustedProxies are the networks that may say where a request comes from.
	TrustedProxies []netip.Prefix
	// Ready returns why the process cannot serve now, nil where it can.
	Ready func(ctx context.Context) error
	// Delivered is told what became of each event that Stripe sent, and how long the answer
	// took; nil for nobody. The mode is "" where nobody knows it.
	Delivered func(mode catalog.Mode, result inbox.Result, took time.Duration)
	// Dev serves what is below /dev/ for developers, without asking who they are; nil
	// outside of development.
	Dev http.Handler
}

// unavailable returns err as UNAVAILABLE where it is the database's trouble.
func (c Config) unavailable(err error) error {
	if c.API.Unavailable == nil {
		return err
	}
	return c.API.Unavailable(err)
}

// within does something in the place and the time that a quick operation has.
type within = func(ctx context.Context, do func(context.Context) error) error

// productNamed finds the product that an id of Stripe's means.
func (c Config) productNamed(within within) func(ctx context.Context, stripeID string) (*product.Product, error) {
	return func(ctx context.Context, stripeID string) (p *product.Product, err error) {
		err = within(ctx, func(ctx context.Context) error {
			p, err = c.API.Products.ByAnyStripeID(ctx, stripeID)
			return err
		})
		return p, c.unavailable(err)
	}
}

// Server serves the API, the playground and the page.
type Server struct {
	handler http.Handler
	sockets *sockets
}

// New returns a server. Call Drain before the process ends.
func New(c Config) *Server { return newServer(c, defaultTimings) }

func newServer(c Config, t timings) *Server {
	exec := graph.New(c.API, c.Log, c.Dev != nil)
	s := &Server{sockets: newSockets(c, exec, t)}
	s.handler = wrap(routes(c, exec, s.sockets), c.Log, c.TrustedProxies, c.PublicURL)
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Drain closes all sockets with 1012, spread over two seconds so that their
// clients do not come back in one moment, and refuses new ones. It returns when
// all are closed; where ctx ends first it drops the rest.
func (s *Server) Drain(ctx context.Context) { s.sockets.drain(ctx) }

func routes(c Config, exec *graph.Guard, sockets *sockets) http.Handler {
	auth := sockets.auth
	mux := http.NewServeMux()
	mux.Handle("/graphql", once(graphqlRoute(auth.require(graphqlHTTP{exec}, graphqlRefusal), auth.require(events{graphqlHTTP{exec}, sockets}, graphqlRefusal), sockets), graphqlRefusal))
	scripts := rest{exec, c.Log, c.productNamed(exec.Within)}
	mux.Handle("/api/v1/products/deploy", once(auth.require(scripts, restRefusal), restRefusal))
	restOrders{scripts}.routes(mux, func(h http.Handler) http.Handler { return once(auth.require(h, restRefusal), restRefusal) })
	mux.Handle("GET /api/openapi.json", openAPI(c.PublicURL))
	unsubscribe := unsubscribing{c.API.Choices, c.Log, exec.Within, c.unavailable}
	mux.HandleFunc("GET /unsubscribe/{ticket}", unsubscribe.ask)
	mux.HandleFunc("POST /unsubscribe/{ticket}", unsubscribe.end)
	confirm := confirming{c.API.Recipients, c.Log, exec.Within, c.unavailable}
	mux.HandleFunc("GET /recipient/{secret}", confirm.ask)
	mux.HandleFunc("POST /recipient/{secret}", confirm.answer)
	mux.HandleFunc("GET /paid", paid)
	mux.Handle("POST "+inbox.HookPath+"{path}", newHooks(c))
	mux.Handle("GET /audit/{file}", once(auth.require(auditLogs{c.API.Tenants, c.Log}, restRefusal), restRefusal))
	mux.Handle("GET /calendar/{file}", newCalendars(c, exec.Within))
	ground := auth.require(shownTo(c.Dev != nil, playground(), signInFirst(c.PublicURL)), signInFirst(c.PublicURL))
	mux.Handle("GET /playground", ground)
	mux.Handle("GET /playground/", ground)
	Probes(mux, c.Ready, c.Log)
	signing{c.API.Identity, auth.bySession, auth.cookies, c.PublicURL, c.Log, newGuesses(1), c.unavailable}.routes(mux)
	if c.Dev != nil {
		mux.Handle("GET /dev/", c.Dev)
	}
	mux.Handle("/", documents(auth, c.PublicURL, web.Handler(c.PublicURL)))
	return mux
}

// graphqlRoute tells a WebSocket's upgrade, and a wish for a stream, from a request. The
// upgrade needs no token: the socket's first message may bring it.
func graphqlRoute(requests, events, sockets http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if wantsSocket(r) {
			sockets.ServeHTTP(w, r)
			return
		}
		if wantsEvents(r) {
			events.ServeHTTP(w, r)
			return
		}
		requests.ServeHTTP(w, r)
	})
}

// wantsSocket heeds the offer of a WebSocket and no other: Java's client offers HTTP/2
// with every request, and goes on in HTTP/1.1 where it is ignored (RFC 9110, 7.8).
func wantsSocket(r *http.Request) bool {
	for _, line := range r.Header.Values("Upgrade") {
		for offer := range strings.SplitSeq(line, ",") {
			if name, _, _ := strings.Cut(strings.TrimSpace(offer), "/"); r.Method == http.MethodGet && strings.EqualFold(name, "websocket") {
				return true
			}
		}
	}
	return false
}

// originOf returns the origin that pages of publicURL have, "" where there is none.
func originOf(publicURL string) string {
	u, err := url.Parse(publicURL)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// originHosts returns the host of publicURL for the check of a socket's Origin.
func originHosts(publicURL string) []string {
	u, err := url.Parse(publicURL)
	if err != nil || u.Host == "" {
		return nil
	}
	return []string{u.Host}
}
