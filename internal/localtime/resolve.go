package localtime

import (
	"fmt"
	"time"
)

// Disambiguation says what to make of a reading that a clock change skips or
// repeats. The words mean what they mean in ECMAScript's Temporal.
type Disambiguation string

// What can be made of such a reading. In an overlap EARLIER and LATER are the
// two times at which clocks show it. In a gap they are the instants that it would
// be by the offset after and before the gap: 02:30, skipped by one hour, is 01:30
// or 03:30. COMPATIBLE is what RFC 5545 says: EARLIER in an overlap, LATER in a
// gap. REJECT, and any other word, is an error in both.
const (
	Reject     Disambiguation = "REJECT"
	Compatible Disambiguation = "COMPATIBLE"
	Earlier    Disambiguation = "EARLIER"
	Later      Disambiguation = "LATER"
)

// Resolution says how a reading became an instant.
type Resolution string

// The resolutions.
const (
	// Unique is a reading that clocks show once.
	Unique Resolution = "UNIQUE"
	// GapShifted is one that they skip: at the instant they show another.
	GapShifted Resolution = "GAP_SHIFTED"
	// OverlapEarlier is the first of the two times that they show it.
	OverlapEarlier Resolution = "OVERLAP_EARLIER"
	// OverlapLater is the second.
	OverlapLater Resolution = "OVERLAP_LATER"
)

// Resolved is the instant of a reading, in UTC, and how it was found.
type Resolved struct {
	Instant    time.Time
	Resolution Resolution
}

// Candidate is one of two instants that a reading could mean.
type Candidate struct {
	// Instant is in UTC.
	Instant time.Time `json:"instant"`
	// UTCOffset is that of the zone's clocks then, such as -05:00.
	UTCOffset string `json:"utcOffset"`
	// Disambiguation chooses it: EARLIER or LATER.
	Disambiguation Disambiguation `json:"disambiguation"`
}

// Resolve returns the instant at which clocks in the zone show local. Where a
// change of the clocks skips or repeats it, how decides; under REJECT the error is
// a *NonexistentError or an *AmbiguousError.
func (z *Zone) Resolve(local DateTime, how Disambiguation) (Resolved, error) {
	earlier, later, exists := z.instants(local)
	if earlier.Equal(later) {
		return Resolved{earlier, Unique}, nil
	}
	switch {
	case exists && (how == Earlier || how == Compatible):
		return Resolved{earlier, OverlapEarlier}, nil
	case exists && how == Later:
		return Resolved{later, OverlapLater}, nil
	case !exists && how == Earlier:
		return Resolved{earlier, GapShifted}, nil
	case !exists && (how == Later || how == Compatible):
		return Resolved{later, GapShifted}, nil
	}
	undecided := undecided{z, local, []Candidate{z.candidate(earlier, Earlier), z.candidate(later, Later)}}
	if exists {
		return Resolved{}, &AmbiguousError{undecided}
	}
	return Resolved{}, &NonexistentError{undecided}
}

// reach is further than any offset goes: what clocks show was or will be the time
// in UTC within it.
const reach = 26 * time.Hour

// instants returns the first and the last time at which clocks show local, which
// nearly always are the same. Where they never do, exists is false and the two are
// what it would be by the offset after the gap and the one before it.
//
// It tries every offset that is in force within reach. That an offset fits is asked
// of the instant it leads to, not of the ends of its period: behind the last
// transition that the data lists, ZoneBounds gives ends of years for ends of periods.
func (z *Zone) instants(local DateTime) (earlier, later time.Time, exists bool) {
	wall := local.utc()
	begin, end := wall.Add(-reach), wall.Add(reach)
	before := z.offset(begin)
	for p := begin; p.Before(end); p = z.nextPeriod(p, end) {
		offset := z.offset(p)
		was, is := wall.Add(-before), wall.Add(-offset)
		switch {
		case z.offset(is) == offset && !exists:
			earlier, later, exists = is, is, true
		case z.offset(is) == offset:
			later = is
		case !exists && !was.Before(p) && is.Before(p): // too late for the period before p, too early for this one
			earlier, later = is, was
		}
		before = offset
	}
	return earlier, later, exists
}

// nextPeriod is when the clocks change next after p, or when nothing is known to
// change but ZoneBounds begins anew; at most end.
func (z *Zone) nextPeriod(p, end time.Time) time.Time {
	_, next := p.In(z.location).ZoneBounds()
	switch {
	case next.IsZero() || next.After(end):
		return end
	case !next.After(p): // on the last day of leap years, which ZoneBounds takes for the next year's
		return p.Add(time.Hour)
	}
	return next.UTC()
}

func (z *Zone) candidate(t time.Time, how Disambiguation) Candidate {
	_, offset := z.At(t)
	return Candidate{t, offset, how}
}

// undecided is a reading that has two meanings, or none and two neighbours.
type undecided struct {
	Zone  *Zone
	Local DateTime
	// Candidates are the two instants to choose from, the earlier first.
	Candidates []Candidate
}

func (u undecided) choice() string {
	say := func(c Candidate) string {
		local, offset := u.Zone.At(c.Instant)
		return fmt.Sprintf("%s (%s%s)", c.Disambiguation, local, offset)
	}
	return "choose " + say(u.Candidates[0]) + " or " + say(u.Candidates[1])
}

// NonexistentError is a reading that clocks in the zone skip.
type NonexistentError struct{ undecided }

func (e *NonexistentError) Error() string {
	return fmt.Sprintf("%s doesn't exist in %s because clocks go forward; %s.", e.Local, e.Zone, e.choice())
}

// AmbiguousError is a reading that clocks in the zone show twice.
type AmbiguousError struct{ undecided }

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%s occurs twice in %s because clocks go back; %s.", e.Local, e.Zone, e.choice())
}
