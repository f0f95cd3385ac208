package localtime_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/localtime"
)

func TestUnknownZonesAreToldWithTheNearestName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Europe/Berln":                          "Europe/Berlin",
		"europe/berlin":                         "Europe/Berlin",
		"Berlin":                                "Europe/Berlin",
		"new york":                              "America/New_York",
		"America/New York":                      "America/New_York",
		"America/NewYork":                       "America/New_York",
		"US/Easter":                             "US/Eastern",
		"Kolkatta":                              "Asia/Kolkata",
		"utc":                                   "UTC",
		"Rme":                                   "Europe/Rome",
		"null":                                  "", // two letters from Zulu
		"nil":                                   "",
		"NULL":                                  "",
		"A1":                                    "",
		"M 5":                                   "",
		"EST":                                   "America/New_York",
		"est":                                   "America/New_York",
		"EST5EDT":                               "America/New_York",
		"PST8PDT":                               "America/Los_Angeles",
		"CET":                                   "Europe/Berlin",
		"BST":                                   "Europe/London",
		"GMT":                                   "UTC",
		"Local":                                 "",
		"":                                      "",
		"+02:00":                                "",
		"-5":                                    "",
		"UTC+2":                                 "",
		"GMT+0":                                 "",
		"GMT-0":                                 "",
		"Factory":                               "",
		"posixrules":                            "",
		"America":                               "America/Merida", // no good guess, but the nearest
		"../../etc/passwd":                      "",
		"/etc/localtime":                        "",
		"Middle-earth/Bree":                     "",
		"Europe/Berlin\x00":                     "Europe/Berlin",
		strings.Repeat("Europe/Berlin", 10_000): "",
	} {
		zone, err := localtime.Load(name)
		var unknown *localtime.UnknownZoneError
		if !errors.As(err, &unknown) {
			t.Errorf("%.40q: %v, %v", name, zone, err)
			continue
		}
		if unknown.Suggestion != want || want != "" && !strings.HasSuffix(err.Error(), ". Did you mean "+want+"?") || len(err.Error()) > 200 {
			t.Errorf("%.40q: %.300v, want %q", name, err, want)
		}
	}
}

// Only what is written as an offset is called one.
func TestUnknownZonesAreNoOffsets(t *testing.T) {
	t.Parallel()
	for name, offset := range map[string]bool{"A1": false, "/5": false, "é 1": false, "Z:3": false, "+5": true, "UTC-5": true, "gmt \u22125": true, "Z+1": true} {
		if _, err := localtime.Load(name); err == nil || strings.Contains(err.Error(), "offset") != offset {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestKnownZones(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"UTC", "Etc/UTC", "Etc/GMT+5", "Europe/Berlin", "America/Argentina/Buenos_Aires", "US/Eastern", "Asia/Calcutta",
		"Japan", "GB", "America/Coyhaique",
	} {
		if zone := load(t, name); zone.String() != name {
			t.Errorf("%s calls itself %s", name, zone)
		}
	}
	if n := len(localtime.Names()); n < 550 {
		t.Errorf("only %d zones are embedded", n)
	}
}

func TestAtIsWhatClocksShow(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 25, 14, 0, 0, 999_999_999, time.UTC)
	for name, want := range map[string]string{
		"America/New_York": "2026-12-25T09:00:00-05:00", "Asia/Kathmandu": "2026-12-25T19:45:00+05:45", "UTC": "2026-12-25T14:00:00+00:00",
		"Pacific/Kiritimati": "2026-12-26T04:00:00+14:00",
	} {
		if local, offset := load(t, name).At(at); local.String()+offset != want {
			t.Errorf("%s: %s%s, want %s", name, local, offset, want)
		}
	}
	if _, offset := load(t, "Europe/Amsterdam").At(time.Date(1890, 1, 1, 0, 0, 0, 0, time.UTC)); len(offset) != len("+00:17:30") {
		t.Error(offset)
	}
}

// Whoever replaces tzdata.zi must run go generate, too.
func TestTheArchiveIsOfTheSource(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("tzdata.zi")
	if err != nil {
		t.Fatal(err)
	}
	if first, _, _ := bytes.Cut(source, []byte("\n")); string(first) != "# version "+localtime.Version() {
		t.Errorf("%s, and the archive has version %s: run go generate", first, localtime.Version())
	}
	// The names of zones and links: of lines that begin with Z the second word, with L the third.
	declared := 0
	for line := range strings.Lines(string(source)) {
		words := strings.Fields(line)
		name := ""
		switch {
		case strings.HasPrefix(line, "Z "):
			name = words[1]
		case strings.HasPrefix(line, "L "):
			name = words[2]
		}
		if name == "" || name == "Factory" {
			continue
		}
		declared++
		if _, err := localtime.Data(name); err != nil {
			t.Errorf("%s is missing in the archive: run go generate", name)
		}
	}
	if archived := len(localtime.Names()); archived != declared {
		t.Errorf("the archive has %d zones, tzdata.zi %d: run go generate", archived, declared)
	}
}

func TestVersionsAreInOrder(t *testing.T) {
	t.Parallel()
	inOrder := []string{"2025b", "2025c", "2025z", "2025za", "2026a", "2026f"}
	for i, older := range inOrder {
		for j, newer := range inOrder {
			if got := localtime.CompareVersions(older, newer); got < 0 != (i < j) || got > 0 != (i > j) {
				t.Errorf("%s to %s is %d", older, newer, got)
			}
		}
	}
}
