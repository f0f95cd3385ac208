package server_test

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/moment"
	"github.com/golive-hq/golive/internal/server"
	"github.com/golive-hq/golive/internal/tenant"
)

// plant puts into the table a schedule of the product; wait is DUE_TIME, or why it is held.
func (s *stack) plant(t *testing.T, productID, wait, in string, version int) (id string) {
	t.Helper()
	id = uuid.Must(uuid.NewV7()).String()
	_, err := s.pool.Exec(t.Context(), `INSERT INTO deployments (id, tenant_id, product_id, live_account_id, stripe_product_id, kind, trigger,
			status, wait_reason, requested_by, input_digest, version, due_at, time_zone, if_changed, notifications, drift_seen)
		SELECT $1, p.tenant_id, p.id, 'acct', p.stripe_product_id, 'GO_LIVE', 'SCHEDULED', 'SCHEDULED', $3, 'ada@acme.example', '', $5,
			golive_now() + $4::interval, 'Europe/Berlin', 'HOLD', '{}', ''
		FROM products p WHERE p.id = $2`, id, productID, wait, in, version)
	must(t, err)
	return id
}

// calendar makes a feed of the tenant and returns its path.
func (s *stack) calendar(t *testing.T, slug string) string {
	t.Helper()
	secret, err := s.services.Tenants.CreateFeed(t.Context(), slug)
	must(t, err)
	return "/calendar/" + secret + ".ics"
}

// value returns the values of a calendar's property, unfolded.
func value(calendar, property string) []string {
	var values []string
	for line := range strings.SplitSeq(strings.ReplaceAll(calendar, "\r\n ", ""), "\r\n") {
		if v, ok := strings.CutPrefix(line, property+":"); ok {
			values = append(values, v)
		}
	}
	return values
}

func TestCalendarShowsWhatIsScheduled(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, _, acme := s.newShop(t, "acme")
	_, _, other := s.newShop(t, "other")
	later := s.plant(t, acme[0], "DUE_TIME", "2 days", 3)
	sooner := s.plant(t, acme[1], "DUE_TIME", "1 hour", 1)
	held := s.plant(t, acme[2], "MISSED", "-1 hour", 2)
	s.plant(t, acme[0], "MISSED", "-31 days", 1)
	s.plant(t, other[0], "DUE_TIME", "1 hour", 1)

	path := s.calendar(t, "acme")
	status, header, body := s.send(t, http.MethodGet, path, "", nil, nil)
	if status != http.StatusOK || header.Get("Content-Type") != "text/calendar; charset=utf-8" || header.Get("Cache-Control") != "private, max-age=300" {
		t.Fatalf("%d %v %s", status, header, body)
	}
	for property, want := range map[string]string{
		"METHOD": "", "X-WR-CALNAME": "Go-lives of Tenant acme", "STATUS": "TENTATIVE CONFIRMED CONFIRMED", "SEQUENCE": "1 0 2",
		"UID": "deployment-" + held + "@golive deployment-" + sooner + "@golive deployment-" + later + "@golive",
	} {
		if got := strings.Join(value(string(body), property), " "); got != want {
			t.Errorf("%s is %q, not %q", property, got, want)
		}
	}

	// The same again, then only whether there is anything new, then something new.
	_, again, _ := s.send(t, http.MethodHead, path, "", nil, nil)
	if header.Get("ETag") == "" || again.Get("ETag") != header.Get("ETag") {
		t.Errorf("ETag %q, then %q", header.Get("ETag"), again.Get("ETag"))
	}
	if status, _, body = s.send(t, http.MethodGet, path, "", nil, map[string]string{"If-None-Match": header.Get("ETag")}); status != http.StatusNotModified || len(body) > 0 {
		t.Errorf("%d, %d bytes", status, len(body))
	}
	s.plant(t, acme[0], "DUE_TIME", "3 days", 1)
	if status, _, _ = s.send(t, http.MethodGet, path, "", nil, map[string]string{"If-None-Match": header.Get("ETag")}); status != http.StatusOK {
		t.Errorf("%d although there is something new", status)
	}

	// Its reader may read, and nothing else; no log has the address.
	if status, _, _ = s.send(t, http.MethodPost, path, "", nil, nil); status == http.StatusOK {
		t.Error("it can be written")
	}
	secret := strings.TrimSuffix(strings.TrimPrefix(path, "/calendar/"), ".ics")
	if answer := s.post(t, secret, `{ viewer { email } }`, nil); answer.code() != "UNAUTHENTICATED" {
		t.Errorf("as an API token it gives %+v", answer)
	}
	if strings.Contains(s.logs.String(), secret) {
		t.Error("the log shows the address")
	}
}

// From scheduling to cancelling, by the people's own use cases.
func TestCalendarFollowsAGoLive(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	actor, err := s.services.Tenants.Authenticate(t.Context(), token)
	must(t, err)
	ctx := tenant.WithActor(t.Context(), actor)
	deployments, path := s.services.Deployments, s.calendar(t, "acme")
	expect := func(uid, sequence, start string) {
		t.Helper()
		_, _, body := s.send(t, http.MethodGet, path, "", nil, nil)
		got := [3]string{}
		for i, property := range []string{"UID", "SEQUENCE", "DTSTART"} {
			got[i] = strings.Join(value(string(body), property), " ")
		}
		if got != [3]string{uid, sequence, start} {
			t.Errorf("got %q, want %q %q %q", got, uid, sequence, start)
		}
	}
	at := func(in time.Duration) (moment.When, string) {
		instant := time.Now().Add(in).UTC().Truncate(time.Second)
		return moment.When{Instant: &instant, Zone: "America/New_York"}, instant.Format("20060102T150405Z")
	}

	expect("", "", "")
	when, start := at(24 * time.Hour)
	made, err := deployments.ScheduleGoLive(ctx, deployment.ScheduleInput{ProductID: products[0], When: when})
	must(t, err)
	uid := "deployment-" + made.Deployment.ID + "@golive"
	expect(uid, "0", start)
	when, start = at(48 * time.Hour)
	_, err = deployments.Reschedule(ctx, deployment.RescheduleInput{DeploymentID: made.Deployment.ID, Version: made.Deployment.Version, When: when})
	must(t, err)
	expect(uid, "1", start)
	_, err = deployments.Cancel(ctx, deployment.CancelInput{DeploymentID: made.Deployment.ID})
	must(t, err)
	expect("", "", "")
}

func TestCalendarsThatAreNone(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.newTenant(t, "acme")
	revoked := s.calendar(t, "acme")
	list, err := s.services.Tenants.ListFeeds(t.Context(), "acme")
	must(t, err)
	must(t, s.services.Tenants.RevokeFeed(t.Context(), list[0].ID))
	answers := map[string]bool{}
	for _, path := range []string{revoked, "/calendar/glc_UNKNOWN.ics", "/calendar/x", "/calendar/" + strings.Repeat("x", 4000) + ".ics"} {
		before := s.queries.n.Load()
		status, _, body := s.send(t, http.MethodGet, path, "", nil, nil)
		if status != http.StatusNotFound || s.queries.n.Load() != before+1 {
			t.Errorf("%.30s: %d after %d queries", path, status, s.queries.n.Load()-before)
		}
		answers[string(body)] = true
	}
	if len(answers) != 1 {
		t.Errorf("it can be told which: %v", answers)
	}
}

// Whoever guesses is turned away for a while; calendars that are known are there, at that
// address and at all others.
func TestCalendarGuessersAreTurnedAway(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *server.Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	s.newTenant(t, "acme")
	path := s.calendar(t, "acme")
	ask := func(from, path string) (int, http.Header) {
		status, header, _ := s.send(t, http.MethodGet, path, "", nil, map[string]string{"X-Forwarded-For": from})
		return status, header
	}
	began := time.Now()
	for range 10 {
		if status, _ := ask("203.0.113.7", "/calendar/glc_GUESS.ics"); status != http.StatusNotFound {
			t.Fatalf("a guess: %d", status)
		}
	}
	looked := 0
	for range 30 {
		status, header := ask("203.0.113.7", "/calendar/glc_GUESS.ics")
		wait, _ := strconv.Atoi(header.Get("Retry-After"))
		switch {
		case status == http.StatusNotFound:
			looked++
		case status != http.StatusTooManyRequests || wait < 1 || wait > 6:
			t.Errorf("%d, %v", status, header)
		}
	}
	if most := int(time.Since(began) / (6 * time.Second)); looked > most {
		t.Errorf("%d guesses more were looked for, want %d, one in six seconds", looked, most)
	}
	for _, from := range []string{"203.0.113.7", "203.0.113.8"} {
		for range 30 {
			if status, _ := ask(from, path); status != http.StatusOK {
				t.Fatalf("a calendar, from %s: %d", from, status)
			}
		}
	}
}

// Many schedules, one bounded answer.
func TestCalendarEnds(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, _, products := s.newShop(t, "acme")
	first := s.plant(t, products[0], "DUE_TIME", "1 hour", 1)
	s.multiply(t, first, 600)
	s.multiply(t, s.plant(t, products[1], "MISSED", "-10 days", 1), 600)
	newest := s.plant(t, products[2], "MISSED", "-1 hour", 1)
	_, _, body := s.send(t, http.MethodGet, s.calendar(t, "acme"), "", nil, nil)
	uids := value(string(body), "UID")
	// However much is held, what comes next is there.
	if len(uids) != 600 || uids[99] != "deployment-"+newest+"@golive" || uids[100] != "deployment-"+first+"@golive" {
		t.Errorf("%d events, %q", len(uids), uids)
	}
}

// multiply plants more of a schedule, each a minute later.
func (s *stack) multiply(t *testing.T, id string, n int) {
	t.Helper()
	_, err := s.pool.Exec(t.Context(), `INSERT INTO deployments (id, tenant_id, product_id, live_account_id, stripe_product_id, kind, trigger,
			status, wait_reason, requested_by, input_digest, due_at, time_zone, if_changed, notifications, drift_seen)
		SELECT gen_random_uuid(), tenant_id, product_id, live_account_id, stripe_product_id, kind, trigger,
			status, wait_reason, requested_by, input_digest, due_at + n * interval '1 minute', time_zone, if_changed, notifications, drift_seen
		FROM deployments, generate_series(1, $2) n WHERE id = $1`, id, n)
	must(t, err)
}
