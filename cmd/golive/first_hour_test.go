package main

import (
	"net/url"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/pgtest"
)

// What somebody does who has never seen Golive, with names as people say them: nothing
// but what earlier commands printed is known, and no id is copied.
func TestFirstHour(t *testing.T) {
	t.Parallel()
	s := startStack(t, dataDir(t), "DATABASE_URL="+pgtest.URL(t))
	for _, key := range []string{"sk_test_harbourandpine\n", "\ufeffsk_live_harbourandpine\r\n"} {
		cmd := command(t.Context(), s.env(), "connect")
		cmd.Stdin = strings.NewReader(key)
		if r := finish(t, cmd); r.status != 0 || strings.Contains(r.err, "harbourandpine") || !strings.Contains(r.err, "acct_1HarbourAndPine") {
			t.Errorf("%+v", r)
		}
	}
	if r := golive(t, s.env(), "import"); r.status != 0 || !strings.Contains(r.err, "Imported 1") {
		t.Errorf("%+v", r)
	}
	if line := golive(t, s.env(), "products", "barista").line(t); !strings.Contains(line, "prod_BaristaCourse  not live") {
		t.Error(line)
	}
	several := golive(t, s.env(), "plan", "pine")
	several.fails(t, 1, "Pine Free", "prod_PineFree", "Pine Pro")
	if p := golive(t, s.env(), "plan", "barista"); p.status != 0 || !strings.Contains(p.out, "(+ created)") {
		t.Errorf("%+v", p)
	}

	live := golive(t, s.env(), "go-live", "barista", "--yes")
	live.line(t)
	live.says(t, "100%", "prod_BaristaCourse  Barista at Home  https://dashboard.stripe.com/acct_1HarbourAndPine/products/prod_BaristaCourse", "/prices/price_")

	s.stripePost(t, "test", "/v1/products/prod_BaristaCourse", url.Values{"name": {"Barista, at Home"}})
	changed := golive(t, s.env(), "plan", "barista at home") // as it was imported
	if !strings.Contains(changed.out, `"Barista at Home" → "Barista, at Home"`) || !strings.Contains(changed.out, "(~ changed)") {
		t.Errorf("%+v", changed)
	}
	golive(t, s.env(), "go-live", "barista", "--yes").line(t)
	back := golive(t, s.env(), "rollback", "barista", "--yes")
	back.line(t)

	golive(t, s.env(), "schedule", "barista", "tomorrow 9:00", "--yes").line(t)
	golive(t, s.env(), "reschedule", "barista", "tomorrow 10:00", "--yes").line(t)
	if u := golive(t, s.env(), "upcoming", "--json").line(t); !strings.Contains(u, `"product":{"id"`) || !strings.Contains(u, `"tenant":{"now"`) {
		t.Error(u)
	}
	golive(t, s.env(), "schedule", "barista", "tomorrow 11:00", "--yes").line(t)
	golive(t, s.env(), "cancel", "barista").fails(t, 1, "scheduled for")
	golive(t, s.env(), "deploy-now", "barista", "--yes").fails(t, 1, "scheduled for")
}

// The history tells what the status alone does not.
func TestHistoryTellsWhy(t *testing.T) {
	t.Parallel()
	database := pgtest.URL(t)
	s := startStack(t, dataDir(t), "DATABASE_URL="+database)
	first := strings.Fields(golive(t, s.env(), "go-live", "Pine Free", "--yes", "--reason", "spring").line(t))[1]
	back := strings.Fields(golive(t, s.env(), "rollback", "Pine Free", "--yes").line(t))[1]
	cancelled := golive(t, s.env(), "schedule", "Pine Free", "tomorrow 9:00", "--yes").line(t)
	golive(t, s.env(), "cancel", cancelled, "--reason", "Marketing isn't ready").line(t)
	golive(t, s.env(), "schedule", "Pine Free", "tomorrow 10:00", "--yes").line(t)
	golive(t, []string{"DATABASE_URL=" + database}, "pause", "--reason", "prices are wrong")
	golive(t, s.env(), "go-live", "Pine Free", "--yes", "--detach").line(t)

	lines := strings.Split(golive(t, s.env(), "history", "Pine Free").out, "\n")
	for i, want := range [][]string{
		{"immediate", "prices are wrong"},
		{"SCHEDULED", "scheduled for ", "10:00 Europe/Berlin", "waiting for its due time"},
		{"CANCELLED", "scheduled for ", "you@golive.localhost cancelled it: Marketing isn't ready"},
		{"ROLLBACK", "COMPLETED", "rolls back " + first},
		{"ROLLED_BACK", "immediate", "rolled back by " + back, "spring"},
	} {
		for _, part := range want {
			if i >= len(lines) || !strings.Contains(lines[i], part) {
				t.Errorf("no %q in line %d of\n%s", part, i, strings.Join(lines, "\n"))
			}
		}
		if !strings.Contains(lines[i], "+01:00") && !strings.Contains(lines[i], "+02:00") {
			t.Errorf("not the tenant's time: %s", lines[i])
		}
	}
}

// Where Stripe is down there is one thing to know.
func TestStripeDownIsOneLine(t *testing.T) {
	t.Parallel()
	s := startStack(t, dataDir(t), "DATABASE_URL="+pgtest.URL(t))
	s.control(t, "/_sim/faults", `{"kind": "503", "times": -1}`)
	if r := golive(t, s.env(), "validate", "Pine Free"); r.status != 1 || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, "Pine Free") {
		t.Errorf("%+v", r)
	}
}
