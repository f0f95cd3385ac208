package main

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/pgtest"
)

// People with a token see to members, invitations and tokens; what takes something away
// asks first, and says what it leaves behind.
func TestMembersInvitationsAndTokens(t *testing.T) {
	t.Parallel()
	database := "DATABASE_URL=" + pgtest.URL(t)
	s := startStack(t, dataDir(t), database)
	dan := []string{"GOLIVE_URL=" + s.url, "GOLIVE_TOKEN=" +
		golive(t, []string{database}, "token", "create", "--tenant=demo", "--email=dan@golive.localhost", "--role=deployer").line(t)}
	scheduled := golive(t, dan, "schedule", "prod_TokyoMeetup", "tomorrow 9:00", "--yes").line(t)

	t.Run("members", func(t *testing.T) { testMembers(t, s, dan, scheduled) })
	t.Run("invitations", func(t *testing.T) { testInvitations(t, s, dan) })
	t.Run("tokens", func(t *testing.T) { testTokens(t, s) })
	t.Run("webhooks", func(t *testing.T) { testWebhooks(t, s, database) })
}

// Events are put there by hand: what Stripe sends is tested elsewhere.
func testWebhooks(t *testing.T, s *stack, database string) {
	vik := []string{"GOLIVE_URL=" + s.url, "GOLIVE_TOKEN=" +
		golive(t, []string{database}, "token", "create", "--tenant=demo", "--email=vik@golive.localhost", "--role=viewer").line(t)}
	pool, err := pgxpool.New(t.Context(), strings.TrimPrefix(database, "DATABASE_URL="))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	for _, sql := range []string{
		`INSERT INTO stripe_events (id, tenant_id, account_id, livemode, event_id, type, kind, object_id, api_version, created_at, source, status, error)
			SELECT gen_random_uuid(), id, 'acct_1', true, 'evt_dead', 'charge.failed', 'charge', 'ch_1', '2023-10-16', now(), 'WEBHOOK', 'DEAD', 'Stripe can''t be reached' FROM tenants WHERE slug = 'demo'`,
		`INSERT INTO stripe_events (id, tenant_id, account_id, livemode, event_id, type, kind, object_id, api_version, created_at, source, status)
			SELECT '00000000-0000-7000-8000-000000000001', id, 'acct_1', true, 'evt_older', 'charge.failed', 'charge', 'ch_1', '2023-10-16', now() - interval '7 hours', 'WEBHOOK', 'DEAD' FROM tenants WHERE slug = 'demo'`,
		`INSERT INTO stripe_objects (tenant_id, account_id, livemode, kind, id, dead) SELECT id, 'acct_1', true, 'charge', 'ch_1', true FROM tenants WHERE slug = 'demo'`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if line := golive(t, vik, "webhooks", "list", "--status=dead", "--first=1").line(t); !strings.HasPrefix(line, "evt_dead  ") || !strings.HasSuffix(line, "  dead  charge.failed  Stripe can't be reached") {
		t.Error(line)
	}
	if r := golive(t, vik, "webhooks", "list", "--mode=test", "--json"); strings.TrimSpace(r.out) != "[]" {
		t.Errorf("%+v", r)
	}
	golive(t, vik, "webhooks", "list", "--status=gone").fails(t, exitUsage, "quarantined")
	golive(t, vik, "webhooks", "replay").fails(t, 1, "--dead")
	golive(t, vik, "webhooks", "replay", "--dead").fails(t, 1, "ADMIN")
	golive(t, s.env(), "webhooks", "replay", "evt_unheard").fails(t, 1, "No event of Stripe's")
	golive(t, s.env(), "webhooks", "replay", "--since=yesterday").fails(t, 1, "--since")
	golive(t, s.env(), "webhooks", "replay", "--since=6h", "evt_dead").fails(t, 1, "--since")
	for since, events := range map[string]string{"2100-01-01T00:00:00Z": "0 events", "6h": "1 event"} {
		if r := golive(t, s.env(), "webhooks", "replay", "--since="+since); r.status != 0 || !strings.Contains(r.err, events+" will be read again.") {
			t.Errorf("since %s: %+v", since, r)
		}
	}
	if r := golive(t, s.env(), "webhooks", "replay", "--dead"); r.status != 0 || !strings.Contains(r.err, "1 event will be read again.") {
		t.Errorf("%+v", r)
	}
}

func testMembers(t *testing.T, s *stack, dan []string, scheduled string) {
	if list := golive(t, dan, "members", "list").out; !strings.Contains(list, "dan@golive.localhost") || !strings.Contains(list, "deployer") {
		t.Error(list)
	}
	golive(t, s.env(), "members", "role", "nobody@golive.localhost", "viewer").fails(t, 1, "nobody@golive.localhost", "golive members list")
	golive(t, dan, "members", "role", "vik@golive.localhost", "deployer").fails(t, 1, "ADMIN")
	golive(t, s.env(), "members", "role", "Dan@golive.localhost", "viewer").fails(t, 1, "--yes")
	lowered := golive(t, s.env(), "members", "role", "dan@golive.localhost", "viewer", "--yes")
	if !strings.HasSuffix(lowered.line(t), scheduled) || !strings.Contains(lowered.line(t), "Tokyo Roasters' Meetup") {
		t.Errorf("which go-lives that concerns is not said: %+v", lowered)
	}
	if raised := golive(t, s.env(), "members", "role", "dan@golive.localhost", "deployer"); raised.status != 0 || raised.out != "" {
		t.Errorf("raising somebody takes nothing away: %+v", raised)
	}
	golive(t, s.env(), "members", "remove", "dan@golive.localhost").fails(t, 1, "--yes")
	if removed := golive(t, s.env(), "members", "remove", "dan@golive.localhost", "--yes"); !strings.HasSuffix(removed.line(t), scheduled) {
		t.Errorf("%+v", removed)
	}
	golive(t, dan, "members", "list").fails(t, 1, "token")
}

func testInvitations(t *testing.T, s *stack, dan []string) {
	golive(t, s.env(), "members", "invite", "new@golive.localhost", "--role=owner").fails(t, exitUsage, "viewer")
	golive(t, dan, "members", "invite", "new@golive.localhost", "--role=viewer").fails(t, 1)
	if r := golive(t, s.env(), "members", "invite", "New@golive.localhost", "--role=viewer"); r.status != 0 || r.out != "" {
		t.Fatalf("%+v", r)
	}
	if line := golive(t, s.env(), "invitations", "list").line(t); !strings.HasPrefix(line, "new@golive.localhost  viewer  ") {
		t.Error(line)
	}
	golive(t, s.env(), "invitations", "withdraw", "new@golive.localhost").fails(t, 1, "--yes")
	golive(t, s.env(), "invitations", "withdraw", "other@golive.localhost", "--yes").fails(t, 1, "other@golive.localhost")
	golive(t, s.env(), "invitations", "withdraw", "new@golive.localhost", "--yes")
	if r := golive(t, s.env(), "invitations", "list"); r.status != 0 || r.out != "" {
		t.Errorf("%+v", r)
	}
}

func testTokens(t *testing.T, s *stack) {
	golive(t, s.env(), "tokens", "create", "--role=viewer", "--expires=soon").fails(t, 1, "--expires", "soon")
	secret := golive(t, s.env(), "tokens", "create", "--role=deployer", "--service=shop server", "--scope=orders", "--expires=90d").line(t)
	env := []string{"GOLIVE_URL=" + s.url, "GOLIVE_TOKEN=" + secret}
	golive(t, env, "products").fails(t, 1, "orders")
	var id string
	for line := range strings.Lines(golive(t, s.env(), "tokens", "list").out) {
		if strings.Contains(line, "service:shop server") {
			id, _, _ = strings.Cut(line, " ")
			if !strings.Contains(line, "  orders  ") || !strings.Contains(line, "active until ") {
				t.Error(line)
			}
		}
	}
	golive(t, s.env(), "tokens", "revoke", id).fails(t, 1, "--yes")
	golive(t, s.env(), "tokens", "revoke", id, "--yes")
	golive(t, env, "products").fails(t, 1, "token")
}

// An operator can make every kind of token that people can.
func TestOperatorsTokensExpireAndServe(t *testing.T) {
	t.Parallel()
	env := []string{"DATABASE_URL=" + pgtest.URL(t)}
	golive(t, env, "tenant", "create", "acme", "--name=Acme").line(t)
	golive(t, env, "token", "create", "--tenant=acme", "--role=viewer").fails(t, 1, "email")
	golive(t, env, "token", "create", "--tenant=acme", "--role=viewer", "--email=a@acme.example", "--service=shop").fails(t, 1, "service")
	golive(t, env, "token", "create", "--tenant=acme", "--role=viewer", "--email=a@acme.example", "--expires=2020-01-01").fails(t, 1, "past")
	golive(t, env, "token", "create", "--tenant=acme", "--role=deployer", "--service=shop", "--scope=orders", "--expires=12h").line(t)
	listed := golive(t, env, "token", "list").line(t)
	if !strings.Contains(listed, "service:shop") || !strings.Contains(listed, "  ORDERS  ") || !strings.Contains(listed, "active until ") {
		t.Error(listed)
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"": "", "90d": "2027-03-01T12:00:00Z", "12h": "2026-12-02T00:00:00Z", "2027-01-31": "2027-01-31T00:00:00Z",
		"0d": "?", "-1d": "?", "d": "?", "12": "?", "1.5d": "?", "2027-13-01": "?", "100001d": "?", "99999999999999999999h": "?",
	} {
		at, err := tokenKind{Expires: text}.expiry(now)
		got := "?"
		switch {
		case err == nil && at == nil:
			got = ""
		case err == nil:
			got = at.Format(time.RFC3339)
		}
		if got != want {
			t.Errorf("%q expires %q, %v; want %q", text, got, err, want)
		}
	}
}
