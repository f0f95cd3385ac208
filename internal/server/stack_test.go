package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/graph"
	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/logid"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/runner"
	"github.com/golive-hq/golive/internal/server"
	"github.com/golive-hq/golive/internal/stripegw"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/stripesim/simtest"
	"github.com/golive-hq/golive/internal/tenant"
)

// stack is the real service over HTTP: Postgres, simulator, API, and a worker
// where a test starts one.
type stack struct {
	url string
	// pool is the test's own, as the tables' owner; acting is the services'.
	pool, acting *pgxpool.Pool
	queries      *queryCounter
	services     app.Services
	server       *server.Server
	sim          *simtest.Server
	logs         *syncBuffer
}

// start runs a server until the test ends. options change its configuration.
func start(t testing.TB, options ...func(*server.Config)) *stack {
	t.Helper()
	return startWith(t, server.New, options...)
}

// startWith is start with another constructor.
func startWith(t testing.TB, build func(server.Config) *server.Server, options ...func(*server.Config)) *stack {
	t.Helper()
	s := &stack{sim: simtest.Start(t), queries: &queryCounter{Statements: domaintest.Sent}, logs: &syncBuffer{}}
	log := slog.New(slog.NewJSONHandler(s.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.connect(t, log, app.Config{Lease: runner.DefaultLease})
	config := s.config(log)
	for _, option := range options {
		option(&config)
	}
	s.server = build(config)
	web := httptest.NewServer(s.server)
	s.url = web.URL
	s.closeWith(t, web)
	return s
}

// config is what a server of the stack's services needs.
func (s *stack) config(log *slog.Logger) server.Config {
	return server.Config{
		API: graph.Deps{
			Tenants: s.services.Tenants, Connections: s.services.Connections, Products: s.services.Products, Imports: s.services.Imports, Inbox: s.services.Inbox, Orders: s.services.Orders, Payouts: s.services.Payouts,
			Deployments: s.services.Deployments, Progress: s.services.Progress, Choices: s.services.Choices, Recipients: s.services.Recipients, Audit: s.services.Audit, Identity: s.services.Identity,
			Overviews: s.services.Overviews, Can: s.services.Can, Insight: s.services.Insight,
		},
		Rights: s.services.Rights, Letters: s.services.Letters, Log: log,
		Ready: s.acting.Ping,
	}
}

func (s *stack) closeWith(t testing.TB, web *httptest.Server) {
	t.Helper()
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // sockets that a test left open are dropped
		s.server.Drain(ctx)
		web.Close()
	})
}

// connect wires the services as the binaries do.
func (s *stack) connect(t testing.TB, log *slog.Logger, settings app.Config) {
	t.Helper()
	url := pgtest.URL(t)
	t.Cleanup(func() { domaintest.Sent.FindByIndex(t) })
	config, err := pgxpool.ParseConfig(url)
	must(t, err)
	config.ConnConfig.Tracer = s.queries
	postgres.Carrying(config)
	postgres.ActAsApp(config)
	s.acting, err = pgxpool.NewWithConfig(t.Context(), config)
	must(t, err)
	t.Cleanup(s.acting.Close)
	s.pool, err = postgres.Open(t.Context(), url)
	must(t, err)
	t.Cleanup(s.pool.Close)
	settings.StripeAPIBase = s.sim.URL
	s.services = domaintest.Wire(t, url, app.Base{
		Pool: s.acting, Stripe: stripegw.New(stripegw.Config{APIBase: s.sim.URL, Log: log}),
	}, settings, log)
	jobs, err := postgres.OpenApp(t.Context(), url)
	must(t, err)
	t.Cleanup(jobs.Close)
	domaintest.WorkImports(t, s.services, jobs)
}

// work runs a worker until the test ends.
func (s *stack) work(t *testing.T) {
	t.Helper()
	domaintest.Work(t, s.services)
}

// newTenant makes a tenant and returns its id and a token for each role.
func (s *stack) newTenant(t testing.TB, slug string) (id string, tokens map[tenant.Role]string) {
	t.Helper()
	made, err := s.services.Tenants.CreateTenant(t.Context(), slug, "Tenant "+slug, "")
	must(t, err)
	tokens = map[tenant.Role]string{}
	for _, role := range []tenant.Role{tenant.RoleViewer, tenant.RoleDeployer, tenant.RoleAdmin} {
		tokens[role], err = s.services.Tenants.CreateToken(t.Context(), slug, string(role)+"@example.com", role)
		must(t, err)
	}
	return made.ID, tokens
}

// newShop is a tenant with the demo catalogue in test and both keys connected. It
// returns an admin's token and the ids of the imported products.
func (s *stack) newShop(t testing.TB, slug string) (tenantID, token string, productIDs []string) {
	t.Helper()
	tenantID, tokens := s.newTenant(t, slug)
	account := s.sim.Sim.AddAccount(stripesim.AccountConfig{})
	must(t, s.sim.Sim.Load(account.ID, stripesim.Test, stripesim.DemoCatalogue()))
	token = tokens[tenant.RoleAdmin]
	for mode, key := range map[string]string{"TEST": account.TestKey, "LIVE": account.LiveKey} {
		_, err := client.Mutate[struct{}](t.Context(), s.as(token), "connectStripe", vars{"tenantId": tenantID, "mode": mode, "secretKey": key}, "")
		must(t, err)
	}
	_, err := client.Mutate[struct{}](t.Context(), s.as(token), "importProducts", vars{"tenantId": tenantID}, "")
	must(t, err)
	got := s.ok(t, token, `query ($s: String!) { tenant(slug: $s) { products(first: 100) { nodes { id } } } }`, vars{"s": slug})
	for _, node := range get(t, got, "tenant", "products", "nodes").([]any) {
		productIDs = append(productIDs, get(t, node, "id").(string))
	}
	return tenantID, token, productIDs
}

// as is how somebody with that token speaks to the server.
func (s *stack) as(token string) *client.Client { return &client.Client{URL: s.url, Token: token} }

// progress watches a deployment to its end, from the event after that sequence on.
func (s *stack) progress(t *testing.T, token, deploymentID string, after int) (all []client.Event) {
	t.Helper()
	events, err := client.Progress(t.Context(), s.as(token), deploymentID, after)
	must(t, err)
	defer events.Close()
	for {
		e, err := soon(events)
		must(t, err)
		if e == nil {
			return all
		}
		all = append(all, *e)
	}
}

// soon is the next result, as long as patience lasts.
func soon[T any](s *client.Subscription[T]) (*T, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return s.Next(ctx)
}

var must = domaintest.Must

type vars = map[string]any

// answer is what a GraphQL request gave.
type answer struct {
	Status int
	Header http.Header
	Data   map[string]any `json:"data"`
	Errors []struct {
		Message    string         `json:"message"`
		Path       []any          `json:"path"`
		Extensions map[string]any `json:"extensions"`
	} `json:"errors"`
}

// code returns the code of the only error, "" where there is none.
func (a answer) code() string {
	if len(a.Errors) == 0 {
		return ""
	}
	code, _ := a.Errors[0].Extensions["code"].(string)
	return code
}

// post sends a GraphQL request; token "" is none.
func (s *stack) post(t testing.TB, token, query string, variables vars) answer {
	t.Helper()
	body, err := json.Marshal(vars{"query": query, "variables": variables})
	must(t, err)
	status, header, text := s.send(t, http.MethodPost, "/graphql", token, body, nil)
	a := answer{Status: status, Header: header}
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return a
}

// ok is post for what must go well, userErrors included.
func (s *stack) ok(t testing.TB, token, query string, variables vars) map[string]any {
	t.Helper()
	a := s.post(t, token, query, variables)
	if len(a.Errors) > 0 {
		t.Fatalf("%s: %+v", query, a.Errors)
	}
	for field, payload := range a.Data {
		if p, ok := payload.(map[string]any); ok && p["userErrors"] != nil && len(p["userErrors"].([]any)) > 0 {
			t.Fatalf("%s: %v", field, p["userErrors"])
		}
	}
	return a.Data
}

// send is any request; headers override the defaults.
func (s *stack) send(t testing.TB, method, path, token string, body []byte, headers map[string]string) (int, http.Header, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, bytes.NewReader(body))
	must(t, err)
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for key, value := range headers {
		req.Header.Set(key, value)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	must(t, err)
	defer resp.Body.Close()
	var text bytes.Buffer
	_, err = text.ReadFrom(resp.Body)
	must(t, err)
	return resp.StatusCode, resp.Header, text.Bytes()
}

// get follows keys into decoded JSON.
func get(t testing.TB, v any, keys ...string) any {
	t.Helper()
	for _, key := range keys {
		object, ok := v.(map[string]any)
		if !ok {
			t.Fatalf("no %s in %v", key, v)
		}
		v = object[key]
	}
	return v
}

// queryCounter counts what is asked of Postgres, and how long an answer may take.
type queryCounter struct {
	*domaintest.Statements

	n atomic.Int64
	// longest is in nanoseconds; what has no end takes longest of all.
	longest atomic.Int64
}

func (c *queryCounter) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	c.n.Add(1)
	ctx = c.Statements.TraceQueryStart(ctx, conn, data)
	if logid.Request(ctx) != "" {
		left := time.Duration(math.MaxInt64)
		if end, ok := ctx.Deadline(); ok {
			left = time.Until(end)
		}
		c.longest.Store(max(c.longest.Load(), int64(left)))
	}
	return ctx
}

// syncBuffer is a log that may be read while it is written.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
