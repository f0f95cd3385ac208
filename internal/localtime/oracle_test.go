package localtime_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/localtime"
)

// Every change of the clocks in every zone from 2011 to 2035, read around it in
// steps of ten minutes, against Python's zoneinfo on the same data. Zones that
// share their data are read once; those that Load refuses are among them.
func TestAgreesWithPython(t *testing.T) {
	t.Parallel()
	dir, distinct := extract(t)
	told, ended := python(t, dir, distinct)
	var seen tally
	for told.Scan() {
		seen.line(t, told.Text())
		if t.Failed() && seen.wrong > 20 {
			t.Fatal("and more of it")
		}
	}
	if err := errors.Join(told.Err(), ended()); err != nil {
		t.Fatal(err)
	}
	t.Logf("tz database %s: %d names, %d distinct zones, %d changes of the clocks, %d readings (%d skipped, %d repeated): %d wrong",
		localtime.Version(), len(localtime.Names()), len(distinct), seen.changes, seen.readings, seen.skipped, seen.repeated, seen.wrong)
	if ours := changesByOurselves(t, distinct); ours != seen.changes {
		t.Errorf("Python finds %d changes of the clocks, and we %d", seen.changes, ours)
	}
	// A run that tested next to nothing must not pass.
	if seen.changes < 5000 || seen.skipped < 10_000 || seen.repeated < 10_000 {
		t.Errorf("that is too little to be all of them: %+v", seen)
	}
}

// extract writes all zones into a folder, and returns one name for each content.
func extract(t *testing.T) (dir string, distinct []string) {
	t.Helper()
	dir = t.TempDir()
	known := map[string]bool{}
	for _, name := range localtime.Names() {
		data, err := localtime.Data(name)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if !known[string(data)] {
			known[string(data)] = true
			distinct = append(distinct, name)
		}
	}
	return dir, distinct
}

func python(t *testing.T, zones string, names []string) (told *bufio.Scanner, ended func() error) {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal("this test needs python3, 3.9 or newer, as the second opinion: install it (make test does)")
	}
	cmd := exec.CommandContext(t.Context(), path, "testdata/oracle.py")
	cmd.Env = []string{"PYTHONTZPATH=" + zones}
	cmd.Stdin = strings.NewReader(strings.Join(names, "\n"))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return bufio.NewScanner(out), cmd.Wait
}

// tally counts what was compared.
type tally struct{ changes, readings, skipped, repeated, wrong int }

func (c *tally) line(t *testing.T, line string) {
	t.Helper()
	words := strings.Fields(line)
	numbers := make([]int64, 4)
	for i, word := range words[2:] {
		n, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		numbers[i] = n
	}
	zone, err := localtime.LoadAny(words[1])
	if err != nil {
		t.Fatal(err)
	}
	first, second, third, shown := numbers[0], numbers[1], numbers[2], int(numbers[3])
	if words[0] == "C" {
		c.changes++
		c.sameChange(t, zone, time.Unix(first, 0), time.Duration(second)*time.Second, time.Duration(third)*time.Second)
		return
	}
	c.readings++
	switch shown {
	case 0:
		c.skipped++
	case 2:
		c.repeated++
	}
	c.sameReading(t, zone, localtime.Reading(time.Unix(first, 0).UTC()), time.Unix(second, 0), time.Unix(third, 0), shown)
}

func (c *tally) sameChange(t *testing.T, zone *localtime.Zone, at time.Time, before, after time.Duration) {
	t.Helper()
	if b, a := zone.Offset(at.Add(-time.Second)), zone.Offset(at); b != before || a != after {
		c.wrong++
		t.Errorf("%s at %s: Python has %s and %s, we have %s and %s", zone, at.UTC(), before, after, b, a)
	}
}

func (c *tally) sameReading(t *testing.T, zone *localtime.Zone, local localtime.DateTime, earlier, later time.Time, shown int) {
	t.Helper()
	want := map[localtime.Disambiguation]localtime.Resolved{}
	switch shown {
	case 1:
		for _, how := range []localtime.Disambiguation{localtime.Reject, localtime.Compatible, localtime.Earlier, localtime.Later} {
			want[how] = localtime.Resolved{Instant: earlier, Resolution: localtime.Unique}
		}
	case 0:
		want[localtime.Earlier] = localtime.Resolved{Instant: earlier, Resolution: localtime.GapShifted}
		want[localtime.Later] = localtime.Resolved{Instant: later, Resolution: localtime.GapShifted}
		want[localtime.Compatible] = want[localtime.Later]
	case 2:
		want[localtime.Earlier] = localtime.Resolved{Instant: earlier, Resolution: localtime.OverlapEarlier}
		want[localtime.Later] = localtime.Resolved{Instant: later, Resolution: localtime.OverlapLater}
		want[localtime.Compatible] = want[localtime.Earlier]
	}
	for how, expected := range want {
		got, err := zone.Resolve(local, how)
		if err != nil || !got.Instant.Equal(expected.Instant) || got.Resolution != expected.Resolution {
			c.wrong++
			t.Errorf("%s in %s, %s: %v (%v), and Python says %v", local, zone, how, got, err, expected)
		}
	}
	if shown != 1 {
		if got, err := zone.Resolve(local, localtime.Reject); err == nil {
			c.wrong++
			t.Errorf("%s in %s is shown %d times, and becomes %v", local, zone, shown, got)
		}
	}
}

// changesByOurselves counts the changes that we see, so that none is one that Python
// does not have.
func changesByOurselves(t *testing.T, names []string) (n int) {
	t.Helper()
	begin, end := time.Date(2011, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, name := range names {
		zone, err := localtime.LoadAny(name)
		if err != nil {
			t.Fatal(err)
		}
		for p, before := begin, zone.Offset(begin); p.Before(end); p = zone.NextPeriod(p, end) {
			if offset := zone.Offset(p); offset != before {
				n, before = n+1, offset
			}
		}
	}
	return n
}
