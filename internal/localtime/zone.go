package localtime

import (
	"fmt"
	"sync"
	"time"
)

// Zone is an IANA time zone.
type Zone struct {
	name     string
	location *time.Location
}

// loaded keeps zones by name: whoever reads a thousand schedules reads few zones.
var loaded sync.Map

// Load returns the zone of an IANA name such as Europe/Berlin or UTC. All names of
// the tz database are zones, old ones such as US/Eastern and Japan among them, but
// for abbreviations (EST, CET, EST5EDT), which say no place: for those, for
// offsets, "Local", "" and everything unknown the error is an *UnknownZoneError.
func Load(name string) (*Zone, error) {
	if err := refuse(name); err != nil {
		return nil, err
	}
	return load(name)
}

// load is Load for any name that the data have.
func load(name string) (*Zone, error) {
	if z, ok := loaded.Load(name); ok {
		return z.(*Zone), nil
	}
	bytes, err := data(name)
	if err != nil {
		return nil, unknown(name)
	}
	location, err := time.LoadLocationFromTZData(name, bytes)
	if err != nil {
		return nil, fmt.Errorf("read the embedded zone %s: %w", name, err)
	}
	z, _ := loaded.LoadOrStore(name, &Zone{name, location})
	return z.(*Zone), nil
}

// String gives the zone's name.
func (z *Zone) String() string { return z.name }

// At gives what clocks in the zone show at t, the fraction of the second cut off,
// and their offset from UTC at that time, such as -05:00.
func (z *Zone) At(t time.Time) (local DateTime, offset string) {
	here := t.In(z.location)
	return reading(here), offsetOf(here)
}

// Alike tells that clocks in both zones show the same at t.
func (z *Zone) Alike(other *Zone, t time.Time) bool { return z.offset(t) == other.offset(t) }

// offset is how far clocks in the zone are ahead of UTC at t.
func (z *Zone) offset(t time.Time) time.Duration {
	_, seconds := t.In(z.location).Zone()
	return time.Duration(seconds) * time.Second
}

func offsetOf(here time.Time) string {
	if _, seconds := here.Zone(); seconds%60 != 0 { // local mean time, before there were zones
		return here.Format("-07:00:00")
	}
	return here.Format("-07:00")
}
