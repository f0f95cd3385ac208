package inbox_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/graph"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/internal/server"
	"github.com/golive-hq/golive/internal/tenant"
)

var must = domaintest.Must

// stack is a tenant with a server that Stripe reaches.
type stack struct {
	*domaintest.Stack
	web  *httptest.Server
	logs *logs
	// results are what became of deliveries.
	results chan inbox.Result
}

type logs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newStack(t *testing.T) *stack {
	t.Helper()
	s := &stack{Stack: domaintest.New(t), logs: &logs{}, results: make(chan inbox.Result, 10_000)}
	log := slog.New(slog.NewTextHandler(s.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.Inbox.Log = log
	s.web = httptest.NewServer(server.New(server.Config{
		API: graph.Deps{Tenants: s.Tenants, Inbox: s.Inbox, Deployments: s.Service, Identity: s.Identity, Unavailable: postgres.Unavailable}, Log: log,
		Delivered: func(_ catalog.Mode, result inbox.Result, _ time.Duration) { s.results <- result },
	}))
	t.Cleanup(s.web.Close)
	s.Inbox.PublicURL = s.web.URL
	return s
}

// enable enables a mode and returns the address and the secret of its endpoint, as Stripe
// knows them.
func (s *stack) enable(t *testing.T, mode catalog.Mode) (e hook) {
	t.Helper()
	m, err := s.Inbox.Enable(s.As, inbox.EnableInput{TenantID: s.Tenant.ID, Mode: mode})
	must(t, err)
	if !m.Enabled || m.Since == nil || m.EndpointID == nil {
		t.Fatalf("enabled as %+v", m)
	}
	return s.hook(t, mode)
}

// hook is an endpoint as the simulator has it.
type hook struct {
	ID, URL, Secret, Status string
	APIVersion              string   `json:"api_version"`
	EnabledEvents           []string `json:"enabled_events"`
	Metadata                map[string]string
}

// hooks are all that the account has in a mode.
func (s *stack) hooks(t *testing.T, mode catalog.Mode) []hook {
	t.Helper()
	var all struct{ Data []hook }
	must(t, json.Unmarshal(s.stripe(t, mode, http.MethodGet, "/v1/webhook_endpoints", ""), &all))
	return all.Data
}

// hook is the only one of a mode, with the secret that Golive has of it.
func (s *stack) hook(t *testing.T, mode catalog.Mode) hook {
	t.Helper()
	all := s.hooks(t, mode)
	if len(all) != 1 {
		t.Fatalf("the account has endpoints %+v", all)
	}
	all[0].Secret = s.secret(t, s.Tenant.ID, mode)
	return all[0]
}

// secret is the newest that Golive has of an endpoint.
func (s *stack) secret(t *testing.T, tenantID string, mode catalog.Mode) string {
	t.Helper()
	var sealed []byte
	must(t, s.Pool.QueryRow(t.Context(), `SELECT sealed FROM webhook_secrets WHERE tenant_id = $1 AND livemode = $2 AND until IS NULL`, tenantID, mode == catalog.Live).Scan(&sealed))
	secret, err := s.Inbox.Keys.Open(sealed, seal.Slot{TenantID: tenantID, Column: "webhook_secrets.sealed." + string(mode), Version: 1})
	must(t, err)
	return secret
}

func payloadSlot(tenantID, id string) seal.Slot {
	return seal.Slot{TenantID: tenantID, Column: "stripe_payloads.sealed." + id, Version: 1}
}

// event is one of Stripe's; change what a test is about.
func event(id, typ, kind, object string, change ...func(map[string]any)) []byte {
	e := map[string]any{
		"id": id, "object": "event", "type": typ, "api_version": catalog.APIVersion, "created": time.Now().Unix(), "livemode": false,
		"data": map[string]any{"object": map[string]any{"id": object, "object": kind}},
	}
	for _, c := range change {
		c(e)
	}
	body, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	return body
}

func signature(secret string, body []byte, at time.Time) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", at.Unix(), body)
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac.Sum(nil)))
}

// deliver sends a body as Stripe does.
func (s *stack) deliver(t *testing.T, h hook, body []byte) int {
	t.Helper()
	return s.post(t, h.URL, signature(h.Secret, body, time.Now()), body)
}

func (s *stack) post(t *testing.T, to, header string, body []byte) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to, bytes.NewReader(body))
	must(t, err)
	req.Header.Set("Stripe-Signature", header)
	answer, err := http.DefaultClient.Do(req)
	must(t, err)
	must(t, answer.Body.Close())
	return answer.StatusCode
}

// count is what a query says.
func (s *stack) count(t *testing.T, sql string, args ...any) (n int) {
	t.Helper()
	must(t, s.Pool.QueryRow(t.Context(), `SELECT count(*) FROM `+sql, args...).Scan(&n))
	return n
}

// statusOf is that of an event, "" for none.
func (s *stack) statusOf(t *testing.T, eventID string) (status string) {
	t.Helper()
	must(t, s.Pool.QueryRow(t.Context(), `SELECT coalesce((SELECT status FROM stripe_events WHERE event_id = $1), '')`, eventID).Scan(&status))
	return status
}

// becomes waits until an event has a status.
func (s *stack) becomes(t *testing.T, eventID string, want inbox.Status) {
	t.Helper()
	domaintest.Until(t, eventID+" becomes "+string(want), func() bool { return s.statusOf(t, eventID) == string(want) })
}

// answering makes all reads end so, and counts them.
func (s *stack) answering(verdict inbox.Verdict, err error) (reads func() int) {
	var mu sync.Mutex
	n := 0
	s.Inbox.Refresh = func(context.Context, inbox.Object, inbox.Settle) (inbox.Verdict, error) {
		mu.Lock()
		defer mu.Unlock()
		n++
		return verdict, err
	}
	return func() int {
		mu.Lock()
		defer mu.Unlock()
		return n
	}
}

func pathOf(h hook) string { return h.URL[strings.LastIndexByte(h.URL, '/')+1:] }

type postgresTx = pgx.Tx

// stripe asks Stripe, as somebody with the key may.
func (s *stack) stripe(t *testing.T, mode catalog.Mode, method, path, form string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.Stripe.URL+path, strings.NewReader(form))
	must(t, err)
	key := s.Stripe.Account.TestKey
	if mode == catalog.Live {
		key = s.Stripe.Account.LiveKey
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultClient.Do(req)
	must(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	must(t, err)
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s", path, answer.StatusCode, body)
	}
	return body
}

// ofAnotherVersion puts an endpoint in the place of Golive's that differs in its version alone.
func (s *stack) ofAnotherVersion(t *testing.T, h hook) {
	t.Helper()
	s.stripe(t, catalog.Test, http.MethodDelete, "/v1/webhook_endpoints/"+h.ID, "")
	form := url.Values{"url": {h.URL}, "api_version": {"2020-08-27"}, "enabled_events[]": {"*"}, "metadata[golive]": {h.Metadata["golive"]}}
	var made hook
	must(t, json.Unmarshal(s.stripe(t, catalog.Test, http.MethodPost, "/v1/webhook_endpoints", form.Encode()), &made))
	s.Exec(t, `UPDATE payments_modules SET endpoint_id = $1`, made.ID)
}

// somebody is a server that answers everything so.
func somebody(t *testing.T, status int) string {
	t.Helper()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	t.Cleanup(web.Close)
	return web.URL
}

// below are those of the tenant who are no admins.
func (s *stack) below(t *testing.T) []context.Context {
	t.Helper()
	return []context.Context{s.Actor(t, "dan@acme.example", tenant.RoleDeployer), s.Actor(t, "vik@acme.example", tenant.RoleViewer)}
}
