package main

import (
	"strconv"
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
	if !strings.Contains(s.banner, "2026-12-25T08:55:00Z") || !strings.Contains(s.banner, "--time") {
		t.Errorf("the banner says nothing of the clock:\n%s", s.banner)
	}
	id := golive(t, s.env(), "schedule", "prod_PineStorage", "today 10:00 Europe/Berlin", "--yes").line(t)
	golive(t, s.env(), "schedule", "prod_PineStorage", "today 9:55 Europe/Berlin", "--yes").fails(t, 1, "2026-12-25 09:55")
	if r := golive(t, []string{database}, "doctor"); !strings.Contains(r.out, "FIX  clock: ") {
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
	if r := golive(t, []string{database}, "doctor"); strings.Contains(r.out, "FIX  clock: ") || !strings.Contains(r.out, "ok   clock: ") {
		t.Errorf("%+v", r)
	}
}

func TestDevRefusesTimesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"tomorrow", "2026-12-25T08:55:00", "2026-13-25T08:55:00Z", "2026-02-30T08:55:00Z", ""} {
		golive(t, nil, "dev", "--time", at).fails(t, exitUsage, strconv.Quote(at), "2026-12-25T08:55:00Z")
	}
	for _, at := range []string{"1999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"} {
		golive(t, nil, "dev", "--time", at).fails(t, exitUsage, at, "2000", "2099")
	}
}
