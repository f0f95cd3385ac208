package inbox_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/inbox"
)

func TestDeliveries(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	other := s.enable(t, catalog.Live)
	good := event("evt_1", "charge.succeeded", "charge", "ch_1")
	in := func(change func(e map[string]any)) []byte {
		return event("evt_2", "charge.succeeded", "charge", "ch_1", change)
	}
	for _, c := range []struct {
		name   string
		header string
		body   []byte
		want   int
		rows   int
	}{
		{"as it should be", signature(h.Secret, good, time.Now()), good, 200, 1},
		{"again", signature(h.Secret, good, time.Now()), good, 200, 0},
		{"forged", signature("whsec_guess", good, time.Now()), good, 400, 0},
		{"by the other mode's secret", signature(other.Secret, good, time.Now()), good, 400, 0},
		{"unsigned", "", good, 400, 0},
		{"recorded", signature(h.Secret, good, time.Now().Add(-301*time.Second)), good, 400, 0},
		{"ahead", signature(h.Secret, good, time.Now().Add(310*time.Second)), good, 400, 0},
		{"cut short", signature(h.Secret, good, time.Now()), good[:len(good)-1], 400, 0},
		{"cut short before it was signed", "", good[:len(good)-1], 400, 0},
		{"of the other mode", "", in(func(e map[string]any) { e["livemode"] = true }), 400, 0},
		{"of no mode", "", in(func(e map[string]any) { delete(e, "livemode") }), 400, 0},
		{"of another account", "", in(func(e map[string]any) { e["account"] = "acct_other" }), 400, 0},
		{"of this account, by name", "", event("evt_3", "charge.succeeded", "charge", "ch_1", func(e map[string]any) { e["account"] = s.Stripe.Account.ID }), 200, 1},
		{"no event", "", in(func(e map[string]any) { e["object"] = "charge" }), 400, 0},
		{"an id that can't be stored", "", in(func(e map[string]any) { e["id"] = "evt_\x00" }), 400, 0},
		{"an id without end", "", in(func(e map[string]any) { e["id"] = "evt_" + strings.Repeat("x", 300) }), 400, 0},
		{"a text that can't be stored", "", event("evt_4", "charge.succeeded", "charge", "ch_\x00"), 200, 1},
		{"of another version", "", event("evt_5", "charge.succeeded", "charge", "ch_1", func(e map[string]any) { e["api_version"] = "2020-08-27" }), 200, 1},
		{"of no version", "", event("evt_6", "charge.succeeded", "charge", "ch_1", func(e map[string]any) { e["api_version"] = nil }), 200, 1},
		{"about nothing that orders are made of", "", event("evt_7", "product.created", "product", "prod_1"), 200, 1},
		{"too large", "", bytes.Repeat([]byte(" "), 512<<10+1), 413, 0},
		{"as large as may be", "", event("evt_8", "charge.succeeded", "charge", "ch_1", func(e map[string]any) { e["x"] = strings.Repeat("x", 512<<10-400) }), 200, 1},
	} {
		if c.header == "" && c.name != "unsigned" {
			c.header = signature(h.Secret, c.body, time.Now())
		}
		before := s.count(t, `stripe_events`)
		if status := s.post(t, h.URL, c.header, c.body); status != c.want {
			t.Errorf("%s: %d", c.name, status)
		}
		if rows := s.count(t, `stripe_events`) - before; rows != c.rows {
			t.Errorf("%s: %d rows", c.name, rows)
		}
	}
	for id, want := range map[string]string{"evt_1": "RECEIVED", "evt_4": "IGNORED", "evt_5": "QUARANTINED", "evt_6": "QUARANTINED", "evt_7": "IGNORED"} {
		if got := s.statusOf(t, id); got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
	if n := s.count(t, `stripe_events WHERE event_id = 'evt_1' AND deliveries = 2`); n != 1 {
		t.Error("a repeated delivery is not counted")
	}
	if strings.Contains(s.logs.String(), pathOf(h)) || strings.Contains(s.logs.String(), h.Secret) {
		t.Error("a log has the path or the secret")
	}
}

// What an event said is kept sealed, without what would let its reader pay.
func TestPayloadsAreSealed(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	body := event("evt_1", "payment_intent.succeeded", "payment_intent", "pi_1", func(e map[string]any) {
		e["data"] = map[string]any{"object": map[string]any{
			"id": "pi_1", "object": "payment_intent", "client_secret": "pi_1_secret_canary", "receipt_email": "canary@shop.example",
			"charges": []any{map[string]any{"client_secret": "pi_2_secret_canary"}}, "metadata": map[string]any{"golive_order": "0198a1b2-0000-7000-8000-000000000001"},
		}}
	})
	if status := s.deliver(t, h, body); status != 200 {
		t.Fatal(status)
	}
	var sealed []byte
	var id, order string
	must(t, s.Pool.QueryRow(t.Context(), `SELECT p.sealed, e.id::text, e.order_id::text FROM stripe_payloads p JOIN stripe_events e ON e.id = p.event_id`).Scan(&sealed, &id, &order))
	if bytes.Contains(sealed, []byte("canary")) || order != "0198a1b2-0000-7000-8000-000000000001" {
		t.Errorf("stored of order %s as %q", order, sealed)
	}
	kept, err := s.Inbox.Keys.Open(sealed, payloadSlot(s.Tenant.ID, id))
	if err != nil || !strings.Contains(kept, "canary@shop.example") || strings.Contains(kept, "secret_canary") {
		t.Errorf("%s, %v", kept, err)
	}
}

// A hundred deliveries of one event at a time make one row, and one read.
func TestParallelDeliveriesAreOne(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	reads := s.answering(inbox.Applied, nil)
	body := event("evt_1", "charge.succeeded", "charge", "ch_1")
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if status := s.deliver(t, h, body); status != 200 {
				t.Errorf("%d", status)
			}
		})
	}
	domaintest.Wait(t, &all, "a hundred deliveries")
	s.WorkStripe(t)
	s.becomes(t, "evt_1", inbox.StatusApplied)
	domaintest.Until(t, "no job is left", func() bool {
		return s.count(t, `river_job WHERE kind = 'stripe_refresh' AND state NOT IN ('completed', 'discarded')`) == 0
	})
	if n := reads(); n != 1 || s.count(t, `stripe_events WHERE deliveries = 100`) != 1 || s.count(t, `river_job WHERE kind = 'stripe_refresh'`) != 1 {
		t.Errorf("%d reads", n)
	}
}

// Six events of one checkout that are there before the first read cost one.
func TestEventsOfAnObjectCoalesce(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	reads := s.answering(inbox.Applied, nil)
	for i := range 6 {
		s.deliver(t, h, event(fmt.Sprintf("evt_%d", i), "charge.updated", "charge", "ch_1"))
	}
	s.WorkStripe(t)
	for i := range 6 {
		s.becomes(t, fmt.Sprintf("evt_%d", i), inbox.StatusApplied)
	}
	if n := reads(); n != 1 {
		t.Errorf("%d reads", n)
	}
}

func TestUnknownPathsAreRefused(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	body := event("evt_1", "charge.succeeded", "charge", "ch_1")
	unknown := s.web.URL + inbox.HookPath + strings.Repeat("A", 43)
	seen := map[int]int{}
	for range 30 {
		seen[s.post(t, unknown, signature(h.Secret, body, time.Now()), body)]++
	}
	if seen[404] < 10 || seen[429] == 0 || seen[404]+seen[429] != 30 {
		t.Errorf("%v", seen)
	}
	if status := s.deliver(t, h, body); status != 200 {
		t.Errorf("from the same address, Stripe is answered %d", status)
	}
	for path, want := range map[string]int{"short": 404, strings.Repeat("A", 42) + "%2F": 404, strings.Repeat("A", 43) + "/": 405} {
		status := s.post(t, s.web.URL+inbox.HookPath+path, "", body)
		if status != want && status != 429 && status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
	if strings.Contains(s.logs.String(), strings.Repeat("A", 20)) {
		t.Error("a log has a path that somebody tried")
	}
}

// While Postgres is away Stripe is asked to send it again.
func TestWithoutPostgres(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	nowhere, err := pgxpool.New(t.Context(), "postgres://golive@127.0.0.1:1/golive")
	must(t, err)
	t.Cleanup(nowhere.Close)
	s.Inbox.DB = nowhere
	if status := s.deliver(t, h, event("evt_1", "charge.succeeded", "charge", "ch_1")); status != 503 {
		t.Errorf("%d", status)
	}
}

// Who sends slowly doesn't hold a place for long.
func TestASlowDeliveryEnds(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	address := strings.TrimPrefix(s.web.URL, "http://")
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	must(t, err)
	defer conn.Close()
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nStripe-Signature: %s\r\nContent-Length: 100\r\n\r\n{",
		strings.TrimPrefix(h.URL, s.web.URL), address, signature(h.Secret, nil, time.Now()))
	answered := make(chan string, 1)
	go func() {
		text, _ := io.ReadAll(conn)
		answered <- string(text)
	}()
	if text := domaintest.Receive(t, answered, "the end of a slow delivery"); !strings.HasPrefix(text, "HTTP/1.1 408") {
		t.Errorf("%q", text)
	}
}

// One account may be several tenants': each has its own endpoint, and its own row of an event.
func TestTenantsOfOneAccount(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	as, p := s.Sharer(t, domaintest.Simple)
	_, err := s.Inbox.Enable(as, inbox.EnableInput{TenantID: p.TenantID, Mode: catalog.Test})
	must(t, err)
	var theirs hook
	for _, other := range s.hooks(t, catalog.Test) {
		if other.ID != h.ID {
			theirs = other
		}
	}
	body := event("evt_1", "charge.succeeded", "charge", "ch_1")
	if a, b := s.deliver(t, h, body), s.post(t, theirs.URL, signature(h.Secret, body, time.Now()), body); a != 200 || b != 400 {
		t.Errorf("%d, and with the other's secret %d", a, b)
	}
	theirs.Secret = s.secret(t, p.TenantID, catalog.Test)
	if status := s.deliver(t, theirs, body); status != 200 || s.count(t, `stripe_events WHERE deliveries = 1`) != 2 || s.count(t, `stripe_objects WHERE dirty_seq = 1`) != 2 {
		t.Errorf("%d", status)
	}
}
