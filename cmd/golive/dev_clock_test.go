package main

import (
	"strings"
	"syscall"
	"testing"

	"github.com/golive-hq/golive/internal/pgtest"
)

// Christmas morning, whenever this runs: the schedule that was made five minutes
// before it begins on the second, by every process's clock.
func TestDevOnChristmasMorning(t *testing.T) {
	t.Parallel()
	dir, database := dataDir(t), "DATABASE_URL="+pgtest.URL(t)
	s := startStackAt(t, "2026-12-25T08:55:00Z", dir, database)
	if !strings.Contains(s.banner, "started at 2026-12-25T08:55:00Z and keeps running") || !strings.Contains(s.banner, "leases, retries and history use real time") {
		t.Errorf("the banner says nothing of the clock:\n%s", s.banner)
	}
	id := golive(t, s.env(), "schedule", "prod_PineStorage", "today 10:00 Europe/Berlin", "--yes").line(t)
	golive(t, s.env(), "schedule", "prod_PineStorage", "today 9:55 Europe/Berlin", "--yes").fails(t, 1, "in the past")
	if r := golive(t, []string{database}, "doctor"); !strings.Contains(r.out, "FIX  clock: due times use a clock that is ") {
		t.Errorf("%+v", r)
	}
	s.end(syscall.SIGTERM)

	again := startStackAt(t, "2026-12-25T09:59:59+01:00", dir, database)
	if line := golive(t, again.env(), "watch", id).line(t); line != "COMPLETED "+id {
		t.Error(line)
	}
	again.end(syscall.SIGTERM)

	now := startStack(t, dir, database)
	if strings.Contains(now.banner, "clock") {
		t.Errorf("the banner speaks of a clock:\n%s", now.banner)
	}
	if r := golive(t, []string{database}, "doctor"); !strings.Contains(r.out, "clock: due times use real time") {
		t.Errorf("%+v", r)
	}
}

func TestDevRefusesTimesThatAreNone(t *testing.T) {
	t.Parallel()
	for at, says := range map[string]string{
		"tomorrow":             `"tomorrow" is not a valid time: use a time such as 2026-12-25T08:55:00Z`,
		"2026-12-25T08:55:00":  "is not a valid time",
		"2026-13-25T08:55:00Z": "is not a valid time",
		"2026-02-30T08:55:00Z": "is not a valid time",
		"":                     "is not a valid time",
		"1999-12-31T23:59:59Z": "between 2000 and 2099",
		"9999-12-31T23:59:59Z": "between 2000 and 2099",
	} {
		golive(t, nil, "dev", "--time", at).fails(t, exitUsage, says)
	}
}
