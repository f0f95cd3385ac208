package order_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/graph"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/payout"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/server"
	"github.com/golive-hq/golive/internal/stripesim"
)

// hooked is a tenant that sells in test, with a server that Stripe's events reach.
type hooked struct {
	*stack
	// away has the server answer everything as one does that isn't there.
	away atomic.Bool
	// seen is the newest event at Stripe that the test knows of, "" for none.
	seen string
	// known is the newest of those that Golive was seen to know of.
	known string
}

func newHooked(t *testing.T) *hooked {
	t.Helper()
	st := &hooked{stack: &stack{Stack: domaintest.New(t)}}
	golive := server.New(server.Config{API: graph.Deps{
		Tenants: st.Tenants, Inbox: st.Inbox, Deployments: st.Service, Identity: st.Identity, Unavailable: postgres.Unavailable,
	}, Log: slog.New(slog.DiscardHandler)})
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if st.away.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		golive.ServeHTTP(w, r)
	}))
	t.Cleanup(web.Close)
	st.Inbox.PublicURL = web.URL
	_, err := st.Inbox.Enable(st.As, inbox.EnableInput{TenantID: st.Tenant.ID, Mode: catalog.Test})
	must(t, err)
	return st
}

// stripe asks Stripe, as someone else with the key may.
func (st *hooked) stripe(t *testing.T, method, path, form string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, st.Stripe.URL+path, strings.NewReader(form))
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+st.Stripe.Account.TestKey)
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

// sent is an event that Stripe has for the endpoint.
type sent struct{ ID, Type string }

// news are the events since it was last asked.
func (st *hooked) news(t *testing.T) []sent {
	t.Helper()
	all := st.events(t, st.seen)
	if len(all) > 0 {
		st.seen = all[len(all)-1].ID
	}
	return all
}

// events are those at Stripe since one, "" for all, of which Golive hears, in the order in which
// they were made.
func (st *hooked) events(t *testing.T, since string) (all []sent) {
	t.Helper()
	for more := true; more; {
		path := "/v1/events?limit=100"
		if since != "" {
			path += "&ending_before=" + since
		}
		var page struct {
			Data    []sent
			HasMore bool `json:"has_more"`
		}
		must(t, json.Unmarshal(st.stripe(t, http.MethodGet, path, ""), &page))
		if len(page.Data) > 0 {
			since = page.Data[0].ID
		}
		more = page.HasMore && len(page.Data) > 0
		slices.Reverse(page.Data)
		all = append(all, page.Data...)
	}
	return slices.DeleteFunc(all, func(e sent) bool { return !slices.Contains(inbox.Types, e.Type) })
}

// deliver has Stripe send events, again where the server has too much to do, as Stripe does.
func (st *hooked) deliver(t *testing.T, events ...string) {
	t.Helper()
	for _, id := range events {
		domaintest.Until(t, id+" is taken", func() bool {
			attempts, err := st.Stripe.Sim.Deliver(t.Context(), st.Stripe.Account.ID, stripesim.Test, id)
			must(t, err)
			taken := len(attempts) == 1 && attempts[0].Status == http.StatusOK
			if !taken && attempts[0].Status != http.StatusServiceUnavailable {
				t.Fatalf("%s was answered %+v", id, attempts)
			}
			return taken
		})
	}
}

// quiet waits until all that has come is read, as long as it gets less.
func (st *hooked) quiet(t *testing.T) {
	t.Helper()
	for left := st.unread(t); left > 0; {
		var now int
		domaintest.Until(t, fmt.Sprintf("fewer than %d events and objects to be read", left), func() bool {
			now = st.unread(t)
			return now < left
		})
		left = now
	}
}

func (st *hooked) unread(t *testing.T) int {
	t.Helper()
	return st.one(t, `SELECT (SELECT count(*) FROM stripe_events WHERE status = 'RECEIVED') + (SELECT count(*) FROM stripe_objects WHERE dirty_seq > clean_seq AND NOT dead)`)
}

// rounds looks after endpoints as workers do, after a while, until all that Stripe has made
// is known and read: where a worker is there, it may be the one that looks.
func (st *hooked) rounds(t *testing.T, after time.Duration) {
	t.Helper()
	st.Advance(t, after)
	for n := 1; n > 0; {
		var err error
		n, err = st.Inbox.Round(t.Context())
		must(t, err)
	}
	for _, e := range st.events(t, st.known) {
		st.Until(t, e.Type+" is known", `SELECT EXISTS (SELECT FROM stripe_events WHERE event_id = $1)`, e.ID)
		st.known = e.ID
	}
	st.quiet(t)
}

// agrees holds every payment, refund, dispute and fee to what Stripe has of it, by the
// comparison that tells admins.
func (st *stack) agrees(t *testing.T) {
	t.Helper()
	_, err := st.Payouts.Enroll(t.Context())
	must(t, err)
	must(t, st.Payouts.Look(t.Context(), payout.LookArgs{TenantID: st.Tenant.ID, AccountID: st.Stripe.Account.ID}))
	differs, err := postgres.All(t.Context(), st.Pool, pgx.RowTo[string], `SELECT says FROM mismatches WHERE gone_at IS NULL ORDER BY says`)
	must(t, err)
	if len(differs) > 0 {
		t.Errorf("Stripe and Golive differ: %q", differs)
	}
	if n := st.one(t, `SELECT count(*) FROM reconciliations WHERE NOT livemode AND checked_at IS NOT NULL AND problem IS NULL`); n != 1 {
		t.Error("they were not compared")
	}
	st.sound(t)
}
