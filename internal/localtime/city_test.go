package localtime_test

import (
	"slices"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/localtime"
)

func TestZonesToChooseAreZonesWithTheirOffsetNow(t *testing.T) {
	t.Parallel()
	for now, want := range map[time.Time]string{
		time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC): "+01:00", time.Date(2026, 7, 15, 0, 0, 0, 0, time.UTC): "+02:00",
	} {
		zones := localtime.ByCity(now)
		if len(zones) < 300 {
			t.Fatalf("%d zones", len(zones))
		}
		var names []string
		for _, z := range zones {
			names = append(names, z.Name)
			if _, err := localtime.Load(z.Name); err != nil || z.Name != "UTC" && len(z.Cities) == 0 {
				t.Errorf("%s has cities %q, %v", z.Name, z.Cities, err)
			}
			if z.Name == "Europe/Berlin" && (z.UTCOffset != want || !slices.Contains(z.Cities, "Hamburg")) {
				t.Errorf("%+v", z)
			}
		}
		if !slices.Contains(names, "UTC") || slices.Index(names, "America/New_York") > slices.Index(names, "Asia/Tokyo") {
			t.Error("UTC is missing, or zones do not go from west to east")
		}
	}
}

// A city that several zones have says none of them.
func TestCitiesNameZones(t *testing.T) {
	t.Parallel()
	utc, err := localtime.Load("UTC")
	if err != nil {
		t.Fatal(err)
	}
	for place, want := range map[string]string{
		"Berlin": "Europe/Berlin", "hamburg": "Europe/Berlin", "in New York": "America/New_York", "São Paulo": "America/Sao_Paulo", "Vienna": "Europe/Vienna",
	} {
		m, err := localtime.ParseHuman("tomorrow 9:00 "+place, time.Now(), utc)
		if err != nil || m.Zone.String() != want {
			t.Errorf("%s: %v, %v", place, m.Zone, err)
		}
	}
	if _, err := localtime.ParseHuman("tomorrow 9:00 Atlantis", time.Now(), utc); err == nil {
		t.Error("Atlantis is a place")
	}
}
