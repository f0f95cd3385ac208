package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

// scene is a stack whose clock can be moved: to the 22nd of November 2026, to begin
// with.
type scene struct {
	*stack
	db *pgxpool.Pool
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	db, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	s := &scene{startStack(t, dataDir(t), "DATABASE_URL="+url), db}
	s.at(t, "2026-11-22T03:00:00Z")
	// One after the other, since they share the clock and what is upcoming.
	for _, story := range []struct {
		name string
		tell func(*testing.T, *scene)
	}{
		{"says the time in words before anything happens", testSaysWhen},
		{"refuses what it does not understand", testUnclear},
		{"leaves clock changes to the person", testClockChange},
		{"tells who shall be told", testTold},
		{"moves", testMoves},
		{"starts now", testDeployNow},
		{"goes live on Christmas morning", testChristmas},
	} {
		t.Run(story.name, func(t *testing.T) { story.tell(t, s) })
	}
}

// at moves the clock of all processes to that instant.
func (s *scene) at(t *testing.T, instant string) {
	t.Helper()
	_, err := s.db.Exec(t.Context(), `INSERT INTO clock (clock_offset) VALUES ($1::text::timestamptz - clock_timestamp())
		ON CONFLICT (singleton) DO UPDATE SET clock_offset = EXCLUDED.clock_offset`, instant)
	if err != nil {
		t.Fatal(err)
	}
}

const newYorkChristmas = "Friday, 25 December 2026, 09:00 in America/New_York (UTC-05:00), which is 14:00 UTC, in 33 days"

func testSaysWhen(t *testing.T, s *scene) {
	asked := golive(t, s.env(), "schedule", "prod_PineFree", "2026-12-25 09:00 America/New_York")
	asked.fails(t, 1, "--yes")
	asked.says(t, newYorkChristmas, "+ Pine Free")
	if u := golive(t, s.env(), "upcoming"); u.out != "" || u.status != 0 || u.err == "" {
		t.Errorf("something was scheduled: %+v", u)
	}
	s.at(t, "2026-11-22T03:00:00Z") // it runs on, and commands take seconds on a busy machine
	// Without a zone, in the tenant's.
	golive(t, s.env(), "schedule", "prod_PineFree", "tomorrow 9:00").says(t,
		"Monday, 23 November 2026, 09:00 in Europe/Berlin (UTC+01:00), which is 08:00 UTC, in 28 hours 59 minutes")
	// The hour is the service's, not this machine's.
	golive(t, s.env(), "schedule", "prod_PineFree", "in 2 hours").says(t, "Sunday, 22 November 2026, 06:00")
}

func testUnclear(t *testing.T, s *scene) {
	for when, why := range map[string]string{
		"soon":                         `"soon"`,
		"tomorrow 9:00 Europe/Berln":   "Europe/Berlin?",
		"tomorrow 9:00 EST":            "America/New_York?",
		"2026-11-21 9:00":              "2026-11-21 09:00",
		"2036-11-21 9:00 Europe/Paris": "2 years",
	} {
		golive(t, s.env(), "schedule", "prod_PineFree", when, "--yes").fails(t, 1, why)
	}
	golive(t, s.env(), "schedule", "prod_PineFree", "tomorrow 9:00", "--remind", "1s", "--yes").fails(t, 1, "--remind")
	golive(t, s.env(), "schedule", "prod_PineFree", "tomorrow 9:00", "--if-changed", "shrug").fails(t, 2, "if-changed")
	golive(t, s.env(), "reschedule", "0198b2c0-0000-7000-8000-000000000000", "tomorrow 9:00").fails(t, 1, "ID")
}

func testClockChange(t *testing.T, s *scene) {
	r := golive(t, s.env(), "schedule", "prod_PineFree", "2027-03-14 02:30 America/New_York", "--yes")
	r.fails(t, 1, "2027-03-14T02:30:00", "America/New_York")
	r.says(t, "--disambiguation earlier Sunday, 14 March 2027, 01:30 in America/New_York (UTC-05:00)",
		"--disambiguation later   Sunday, 14 March 2027, 03:30 in America/New_York (UTC-04:00)")
	golive(t, s.env(), "schedule", "prod_PineFree", "2027-11-07 01:30 America/New_York", "--yes").fails(t, 1, "2027-11-07T01:30:00", "--disambiguation earlier", "--disambiguation later")

	chosen := golive(t, s.env(), "schedule", "prod_PineFree", "2027-03-14 02:30 America/New_York", "--disambiguation", "later", "--yes")
	chosen.says(t, "Sunday, 14 March 2027, 03:30")
	id := chosen.line(t)
	if u := golive(t, s.env(), "upcoming").line(t); !strings.HasPrefix(u, "2027-03-14T03:30:00-04:00  America/New_York") || !strings.HasSuffix(u, id) {
		t.Error(u)
	}
	if line := golive(t, s.env(), "cancel", id).line(t); line != "CANCELLED "+id {
		t.Error(line)
	}
}

func testTold(t *testing.T, s *scene) {
	c := &client.Client{URL: s.url, Token: s.token}
	for want, flags := range map[string][]string{
		`true [30] [you@golive.localhost] HOLD`:             {},
		`true [1440 30] [a@example.com b@example.com] HOLD`: {"--remind", "24h,30m", "--to", "a@example.com,b@example.com"},
		`false [] [you@golive.localhost] DEPLOY_LATEST`:     {"--remind", "none", "--no-mail", "--if-changed", "deploy-latest"},
	} {
		r := golive(t, s.env(), append([]string{"schedule", "prod_PineFree", "tomorrow 9:00", "--yes", "--json"}, flags...)...)
		lines := jsonLines(t, r.out)
		if waits := strings.Contains(r.err, "Not confirmed yet: a@example.com, b@example.com."); waits != strings.Contains(want, "a@example.com") {
			t.Errorf("%v says %s", flags, r.err)
		}
		d := lines[len(lines)-1].Deployment
		if len(lines) != 3 || !lines[0].Validation.OK || len(lines[1].Plan.Changes) == 0 || d.Status != "SCHEDULED" || d.LocalTime != "2026-11-23T09:00:00" {
			t.Fatalf("%+v", lines)
		}
		type settings struct {
			IfChanged     string
			Notifications struct {
				Email               bool
				RemindBeforeMinutes []int
				Recipients          []string
			}
		}
		set, err := client.Deployment[settings](t.Context(), c, d.ID, `ifChanged notifications { email remindBeforeMinutes recipients }`)
		if err != nil || set == nil {
			t.Fatal(set, err)
		}
		n := set.Notifications
		if got := fmt.Sprint(n.Email, n.RemindBeforeMinutes, n.Recipients, " ", set.IfChanged); got != want {
			t.Errorf("%q gives %s, want %s", flags, got, want)
		}
		golive(t, s.env(), "cancel", d.ID).line(t)
	}
}

func testMoves(t *testing.T, s *scene) {
	id := golive(t, s.env(), "schedule", "prod_PinePro", "2026-12-25 09:00 America/New_York", "--yes").line(t)
	asked := golive(t, s.env(), "reschedule", id, "2026-12-26 10:00")
	asked.fails(t, 1, "--yes")
	// It stays in the zone that was chosen, which is not the tenant's.
	asked.says(t, "Now: "+newYorkChristmas, "New: Saturday, 26 December 2026, 10:00 in America/New_York (UTC-05:00), which is 15:00 UTC, in 34 days", "Pine Pro")
	if moved := golive(t, s.env(), "reschedule", id, "2026-12-26 10:00", "--yes").line(t); moved != id {
		t.Error(moved)
	}
	golive(t, s.env(), "reschedule", id, "2026-12-26 10:00", "--yes").says(t, "Nothing changed")
	if u := golive(t, s.env(), "upcoming").line(t); !strings.HasPrefix(u, "2026-12-26T10:00:00-05:00  America/New_York  in 34 days  Pine Pro (prod_PinePro)  ") {
		t.Error(u)
	}
	golive(t, s.env(), "reschedule", id, "in 45 seconds", "--yes").fails(t, 1, "minute")
	golive(t, s.env(), "cancel", id).line(t)
	golive(t, s.env(), "reschedule", id, "tomorrow 9:00", "--yes").fails(t, 1, "CANCELLED")
	golive(t, s.env(), "deploy-now", id, "--yes").fails(t, 1, "CANCELLED")
}

func testDeployNow(t *testing.T, s *scene) {
	id := golive(t, s.env(), "schedule", "prod_PinePro", "2026-12-25 09:00 America/New_York", "--yes").line(t)
	asked := golive(t, s.env(), "deploy-now", id)
	asked.fails(t, 1, "--yes")
	asked.says(t, newYorkChristmas, "+ Pine Pro")
	// One that nobody started in time says so.
	if _, err := s.db.Exec(t.Context(), `UPDATE deployments SET wait_reason = 'MISSED' WHERE id = $1`, id); err != nil {
		t.Fatal(err)
	}
	golive(t, s.env(), "deploy-now", id).says(t, "(on hold")
	now := golive(t, s.env(), "deploy-now", id, "--yes")
	if now.line(t) != "COMPLETED "+id {
		t.Errorf("%+v", now)
	}
}

func testChristmas(t *testing.T, s *scene) {
	id := golive(t, s.env(), "schedule", "prod_PineTeam", "2026-12-25 09:00 America/New_York", "--yes", "--reason", "presents").line(t)
	running := start(t, s.env(), "watch", id)
	s.at(t, "2026-12-25T13:59:59Z")
	if r := running.wait(); r.line(t) != "COMPLETED "+id {
		t.Errorf("%+v", r)
	}
	if u := golive(t, s.env(), "upcoming"); u.out != "" {
		t.Errorf("%+v", u)
	}
}
