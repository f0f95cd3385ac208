package server_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/quota"
	"github.com/golive-hq/golive/internal/server"
	"github.com/golive-hq/golive/internal/tenant"
)

// held holds callers of a stack to their rates, as one process does.
func held(t *testing.T) (*stack, string, string) {
	t.Helper()
	s := &stack{}
	*s = *start(t)
	s.serve(t)
	id, tokens := s.newTenant(t, "acme")
	return s, id, tokens[tenant.RoleAdmin]
}

// serve runs one more process on the same database, with rates, and speaks to it from then on.
func (s *stack) serve(t *testing.T) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	config := s.config(log)
	config.API.Rates = quota.NewRates(s.pool, log)
	config.API.Rates.Patience = patience
	s.server = server.New(config)
	web := httptest.NewServer(s.server)
	s.url = web.URL
	s.closeWith(t, web)
}

// exhaust leaves nothing of a rate, but for what a process has leased already.
func (s *stack) exhaust(t *testing.T, name string) {
	t.Helper()
	_, err := s.pool.Exec(t.Context(), `INSERT INTO rates (name, whose, full_at, leased)
		SELECT $1, 'token/' || id, now() + interval '1 h', 0 FROM api_tokens
		ON CONFLICT (name, whose) DO UPDATE SET full_at = excluded.full_at`, name)
	must(t, err)
}

// wantWait checks that a refusal says when to come back, in both places.
func wantWait(t *testing.T, header http.Header, told any) {
	t.Helper()
	if in, err := strconv.Atoi(header.Get("Retry-After")); err != nil || in < 1 || told != float64(in) {
		t.Errorf("Retry-After %q, retryAfter %v", header.Get("Retry-After"), told)
	}
}

// Two processes share one rate, however the requests fall on them.
func TestServersShareARate(t *testing.T) {
	t.Parallel()
	one, _, token := held(t)
	two := *one
	two.serve(t)
	began := one.clock(t)
	var granted, refused atomic.Int64
	var all sync.WaitGroup
	for _, s := range []*stack{one, &two, one, &two} {
		all.Go(func() {
			for refused.Load() < 20 && granted.Load() < 3000 {
				switch a := s.post(t, token, `{ viewer { email } }`, nil); a.Status {
				case http.StatusOK:
					granted.Add(1)
				case http.StatusTooManyRequests:
					refused.Add(1)
					wantWait(t, a.Header, a.Errors[0].Extensions["retryAfter"])
				default:
					t.Errorf("%d %v", a.Status, a.Errors)
					return
				}
			}
		})
	}
	all.Wait()
	if most := 200 + 50*one.clock(t).Sub(began).Seconds(); granted.Load() < 150 || float64(granted.Load()) > most {
		t.Errorf("%d requests were granted, want 150 to %.0f", granted.Load(), most)
	}
}

func (s *stack) clock(t *testing.T) (at time.Time) {
	t.Helper()
	must(t, s.pool.QueryRow(t.Context(), `SELECT clock_timestamp()`).Scan(&at))
	return at
}

// Who is beyond the rate of requests is refused before anything is read, on every way in.
func TestRequestsHaveARateOnEveryWayIn(t *testing.T) {
	t.Parallel()
	s, _, token := held(t)
	socket := s.open(t, token)
	s.exhaust(t, "requests-caller")
	graphql := func() answer { return s.post(t, token, `{`, nil) } // what is read is BAD_REQUEST
	for range 20 {
		if graphql().Status == http.StatusTooManyRequests {
			break
		}
	}
	a := graphql()
	if a.Status != http.StatusTooManyRequests || a.code() != "RATE_LIMITED" {
		t.Fatalf("%d %v", a.Status, a.Errors)
	}
	wantWait(t, a.Header, a.Errors[0].Extensions["retryAfter"])

	status, header, body := s.send(t, http.MethodPost, "/api/v1/products/deploy", token, []byte(`nonsense`), nil)
	var told map[string]any
	must(t, json.Unmarshal(body, &told))
	if status != http.StatusTooManyRequests || get(t, told, "error", "code") != "RATE_LIMITED" {
		t.Errorf("REST: %d %s", status, body)
	}
	wantWait(t, header, get(t, told, "error", "retryAfter"))

	if stream := s.stream(t, token, `{`); stream.status != http.StatusTooManyRequests || stream.header.Get("Retry-After") == "" {
		t.Errorf("events: %d", stream.status)
	}

	socket.subscribe(t, "1", `{ viewer { email } }`, nil)
	socket.wantLimited(t, "1")
	socket.send(t, message{Type: "ping"})
	socket.want(t, "pong") // it stays

	next := s.dial(t, nil)
	next.sendText(t, `{"type":"connection_init","payload":{"authorization":"Bearer `+token+`"}}`)
	next.wantClose(t, 1013) // what clients come back after
}

// wantLimited reads the refusal of an operation.
func (c *rawSocket) wantLimited(t *testing.T, id string) {
	t.Helper()
	m := c.want(t, "error")
	var errs []struct {
		Extensions struct {
			Code       string
			RetryAfter int
		}
	}
	must(t, json.Unmarshal(m.Payload, &errs))
	if m.ID != id || len(errs) != 1 || errs[0].Extensions.Code != "RATE_LIMITED" || errs[0].Extensions.RetryAfter < 1 {
		t.Errorf("%s %s", m.ID, m.Payload)
	}
}

// A tenant's rate holds for all its tokens.
func TestATenantHasARate(t *testing.T) {
	t.Parallel()
	s, id, token := held(t)
	_, err := s.pool.Exec(t.Context(), `INSERT INTO rates (name, whose, full_at, leased) VALUES ('requests-tenant', $1, now() + interval '1 h', 0)`, id)
	must(t, err)
	if a := s.post(t, token, `{ viewer { email } }`, nil); a.Status != http.StatusTooManyRequests || a.code() != "RATE_LIMITED" {
		t.Errorf("%d %v", a.Status, a.Errors)
	}
	_, others := s.newTenant(t, "other")
	if a := s.post(t, others[tenant.RoleViewer], `{ viewer { email } }`, nil); len(a.Errors) > 0 {
		t.Errorf("another tenant: %v", a.Errors)
	}
}

func TestMutationsHaveARateOnEveryWayIn(t *testing.T) {
	t.Parallel()
	s, _, token := held(t)
	s.exhaust(t, "mutations-caller")
	mutation := `mutation { withdrawInvitation(input: {invitationId: "x"}) { userErrors { code } } }`

	a := s.post(t, token, mutation, nil)
	if a.Status != http.StatusTooManyRequests || a.code() != "RATE_LIMITED" {
		t.Fatalf("%d %v", a.Status, a.Errors)
	}
	wantWait(t, a.Header, a.Errors[0].Extensions["retryAfter"])
	body, err := json.Marshal(vars{"action": "deploy", "productId": "0198b7a0-0000-7000-8000-000000000000"})
	must(t, err)
	status, header, text := s.send(t, http.MethodPost, "/api/v1/products/deploy", token, body, nil)
	var told map[string]any
	must(t, json.Unmarshal(text, &told))
	if status != http.StatusTooManyRequests {
		t.Fatalf("REST: %d %s", status, text)
	}
	wantWait(t, header, get(t, told, "error", "retryAfter"))
	if stream := s.stream(t, token, mutation); stream.status != http.StatusTooManyRequests || stream.header.Get("Retry-After") == "" {
		t.Errorf("events: %d", stream.status)
	}
	socket := s.open(t, token)
	socket.subscribe(t, "1", mutation, nil)
	socket.wantLimited(t, "1")
	if a := s.post(t, token, `{ viewer { email } }`, nil); len(a.Errors) > 0 {
		t.Errorf("a query: %v", a.Errors)
	}
}

func TestNewSubscriptionsHaveARate(t *testing.T) {
	t.Parallel()
	s, id, token := held(t)
	s.exhaust(t, "subscriptions-caller")
	query := `subscription { deploymentsChanged(tenantId: "` + id + `") { id } }`
	if stream := s.stream(t, token, query); stream.status != http.StatusTooManyRequests || stream.header.Get("Retry-After") == "" {
		t.Errorf("events: %d", stream.status)
	}
	socket := s.open(t, token)
	socket.subscribe(t, "1", query, nil)
	socket.wantLimited(t, "1")
	socket.subscribe(t, "2", `{ viewer { email } }`, nil)
	socket.want(t, "next")
}

// Who brings no credential has the rate of an address, and costs no query.
func TestRequestsOfNobodyHaveTheRateOfAnAddress(t *testing.T) {
	t.Parallel()
	s, _, token := held(t)
	asked := s.queries.n.Load()
	began := s.clock(t)
	granted := 0
	for granted < 3000 {
		a := s.post(t, "", `{ __typename }`, nil)
		if a.Status == http.StatusTooManyRequests {
			wantWait(t, a.Header, a.Errors[0].Extensions["retryAfter"])
			break
		}
		granted++
	}
	if most := 205 + 50*s.clock(t).Sub(began).Seconds(); granted < 200 || float64(granted) > most {
		t.Errorf("%d requests, want 200 to %.0f", granted, most)
	}
	if a := s.post(t, token, `{ viewer { email } }`, nil); len(a.Errors) > 0 {
		t.Errorf("somebody from the same address: %v", a.Errors)
	}
	if got := s.queries.n.Load() - asked; got > 20 {
		t.Errorf("%d queries", got)
	}
}
