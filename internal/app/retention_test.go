package app_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/insight"
)

// old makes a row of a kind that was over so long ago, for a tenant and a person of it.
var old = map[string]struct{ table, insert string }{
	"emails": {"mails", `INSERT INTO mails (tenant_id, invitation_id, version, kind, recipient, actor, required, importance, due_at, next_at, state, settled_at)
		SELECT t, gen_random_uuid(), 1, 'INVITED', e, '', false, 1, now(), now(), 'SENT', now() - $3::interval FROM who`},
	"sessions": {"sessions", `INSERT INTO sessions (id, person_id, hash, user_agent, ended_at)
		SELECT gen_random_uuid(), p.id, uuid_send(gen_random_uuid()), '', now() - $3::interval FROM who JOIN people p ON p.email = e`},
	"tokens": {"api_tokens", `INSERT INTO api_tokens (id, member_id, role, hash, hint, revoked_at)
		SELECT gen_random_uuid(), m.id, 'VIEWER', uuid_send(gen_random_uuid()), '', now() - $3::interval FROM who JOIN members m ON m.tenant_id = t AND m.email = e`},
	"sign-in links": {"sign_in_links", `INSERT INTO sign_in_links (hash, email, expires_at)
		SELECT uuid_send(gen_random_uuid()), e, now() - $3::interval FROM who WHERE t IS NOT NULL`},
	"refused sign-ins": {"sign_in_failures", `INSERT INTO sign_in_failures (at, reason, email, request_id)
		SELECT now() - $3::interval, '', e, '' FROM who WHERE t IS NOT NULL`},
	"invitations": {"invitations", `INSERT INTO invitations (id, tenant_id, email, role, invited_by, expires_at, settled_at)
		SELECT gen_random_uuid(), t, e, 'VIEWER', '', now(), now() - $3::interval FROM who`},
	"links that ask recipients": {"recipient_links", `, r AS (INSERT INTO recipients (id, tenant_id, address, state)
			SELECT gen_random_uuid(), t, gen_random_uuid() || '@x.example', 'WAITING' FROM who RETURNING id)
		INSERT INTO recipient_links (hash, recipient_id, created_at) SELECT uuid_send(gen_random_uuid()), id, now() - $3::interval FROM r`},
	"notes of how far dialogs got": {"journeys", `INSERT INTO journeys (tenant_id, id, stage, product_id, at)
		SELECT t, gen_random_uuid(), 'OPENED', (SELECT p.id FROM products p ORDER BY p.id LIMIT 1), now() - $3::interval FROM who WHERE e IS NOT NULL`},
	"imports, but the newest of each tenant": {"imports", `INSERT INTO imports (id, tenant_id, account_id, requested_by, credential, actor_kind, request_id, remote_address, started_at, finished_at)
		SELECT gen_random_uuid(), t, '', e, '', '', '', '', now() - $3::interval, now() - $3::interval FROM who`},
	"what Stripe's events said": {"stripe_payloads", `INSERT INTO stripe_payloads (event_id, tenant_id, received_at, sealed, seal_version)
		SELECT gen_random_uuid(), t, now() - $3::interval, '', 1 FROM who WHERE e IS NOT NULL`},
	"Stripe's events, but those that are quarantined or dead": {"stripe_events", `INSERT INTO stripe_events (id, tenant_id, account_id, livemode, event_id, type, api_version, created_at, received_at, source, status)
		SELECT gen_random_uuid(), t, '', false, gen_random_uuid(), '', '', now(), now() - $3::interval, 'WEBHOOK', 'IGNORED' FROM who WHERE e IS NOT NULL`},
	"notes of when Stripe's objects were read": {"stripe_objects", `INSERT INTO stripe_objects (tenant_id, account_id, livemode, kind, id, clean_seq, clean_since)
		SELECT t, '', false, 'charge', gen_random_uuid(), 1, now() - $3::interval FROM who WHERE e IS NOT NULL`},
	"customers' email addresses and orders' metadata": {"order_contacts", `, o AS (INSERT INTO orders (id, tenant_id, account_id, livemode, number, customer, currency, capture_method,
				subtotal, total, due, idempotency_key, input_digest, created_by, changed_at)
			SELECT gen_random_uuid(), t, '', false, (SELECT count(*) + 1 FROM orders), e, 'usd', 'AUTOMATIC', 1, 1, 1, gen_random_uuid(), '', '', now() - $3::interval FROM who RETURNING id, tenant_id)
		INSERT INTO order_contacts (order_id, tenant_id, account_id, livemode, sealed, seal_version) SELECT id, tenant_id, '', false, '', 1 FROM o`},
}

// What has been over for long enough goes, and of a tenant on hold nothing does.
func TestRetention(t *testing.T) {
	t.Parallel()
	st := domaintest.New(t)
	st.Stranger(t)
	domaintest.Must(t, st.Tenants.Hold(t.Context(), "other", "a lawsuit"))
	services := app.Services{Tenants: st.Tenants, Identity: st.Identity, Outbox: st.Outbox, Imports: st.Imports, Inbox: st.Inbox, Orders: st.Orders, Deployments: st.Service, Recipients: st.Recipients, Insight: &insight.Service{DB: st.Tenants.DB}}
	whose := map[string]string{"acme": domaintest.Admin, "other": "admin@other.example"}
	for _, email := range whose {
		st.Exec(t, `INSERT INTO people (id, email, address) VALUES (gen_random_uuid(), $1, $1)`, email)
	}
	count := func(table string) (n int) {
		domaintest.Must(t, st.Pool.QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&n))
		return n
	}
	for _, kind := range app.Retention {
		row, known := old[kind.What]
		if !known {
			t.Fatalf("this test does not know %s: teach it", kind.What)
		}
		before := count(row.table)
		for slug, email := range whose {
			for _, age := range []time.Duration{kind.Keep + time.Hour, kind.Keep - time.Hour} {
				st.Exec(t, `WITH who AS (SELECT id AS t, $2::text AS e FROM tenants WHERE slug = $1) `+row.insert, slug, email, age)
			}
		}
		if made := count(row.table) - before; made != 4 {
			t.Fatalf("%s: made %d rows", kind.What, made)
		}
		for _, want := range []int{1, 0} {
			if n, err := kind.Prune(t.Context(), services, kind.Keep); n != want || err != nil {
				t.Errorf("%s: %d gone, %v; want %d", kind.What, n, err, want)
			}
		}
		domaintest.Must(t, st.Tenants.Release(t.Context(), "other"))
		if n, err := kind.Prune(t.Context(), services, kind.Keep); n != 1 || err != nil {
			t.Errorf("%s: %d gone after the hold, %v", kind.What, n, err)
		}
		domaintest.Must(t, st.Tenants.Hold(t.Context(), "other", "a lawsuit"))
	}
}

// The end of a deployment stays, with its number, for those who resume; what has not ended
// keeps all.
func TestRetentionOfEvents(t *testing.T) {
	t.Parallel()
	st := domaintest.New(t)
	st.Work(t)
	ended := st.End(t, st.StartGoLive(t, st.Product(t, domaintest.Simple).ID).ID)
	waits := st.InAnHour(t, domaintest.Coffee)
	st.Exec(t, `UPDATE deployments SET finished_at = now() - interval '10 days' WHERE id = $1`, ended.ID)
	domaintest.Must(t, st.Tenants.Hold(t.Context(), "acme", "a lawsuit"))
	if n, err := deployment.PruneEvents(t.Context(), st.Pool, 24*time.Hour); n != 0 || err != nil {
		t.Errorf("%d events of a tenant on hold are gone, %v", n, err)
	}
	domaintest.Must(t, st.Tenants.Release(t.Context(), "acme"))
	for _, want := range []int{ended.LastSequence - 1, 0} {
		if n, err := deployment.PruneEvents(t.Context(), st.Pool, 24*time.Hour); n != want || err != nil {
			t.Errorf("%d events are gone, %v; want %d", n, err, want)
		}
	}
	ctx, stop := context.WithTimeout(st.As, domaintest.Patience)
	defer stop()
	first := 1
	events, err := st.Progress.Events(ctx, ended.ID, &first)
	domaintest.Must(t, err)
	var seen []*deployment.Event
	for e := range events {
		seen = append(seen, e)
	}
	if len(seen) != 1 || seen[0].Sequence != ended.LastSequence || !seen[0].Terminal {
		t.Errorf("resumed with %d events", len(seen))
	}
	var left int
	domaintest.Must(t, st.Pool.QueryRow(t.Context(), `SELECT count(*) FROM deployment_events WHERE deployment_id = $1`, waits.ID).Scan(&left))
	if left != waits.LastSequence {
		t.Errorf("%d of %d events of what waits are left", left, waits.LastSequence)
	}
	rolled := st.RolledBack(t, ended.ID) // which needs none of them
	if rolled.Status != deployment.Completed {
		t.Errorf("the rollback is %s", rolled.Status)
	}
}

func TestGuideTellsHowLongThingsAreKept(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../docs/operations.md")
	domaintest.Must(t, err)
	for _, kind := range app.Retention {
		row := fmt.Sprintf("| %s | %s | %d days |", kind.What, kind.From, int(kind.Keep/(24*time.Hour)))
		if row = strings.Replace(row, " 1 days", " 1 day", 1); !strings.Contains(string(guide), row) {
			t.Errorf("docs/operations.md lacks %s", row)
		}
	}
}
