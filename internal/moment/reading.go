package moment

import (
	"errors"
	"strings"
	"time"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/localtime"
)

// Asked is a time as a person types or picks it: exactly one of Text and Local.
type Asked struct {
	Text  *string
	Local *localtime.DateTime
	// Zone is that of Local, and of a Text that names none.
	Zone string
	// ViewerZone is where the reader is, nil where that does not matter.
	ViewerZone *string
	// How is for a reading that a clock change skips or repeats; "" is localtime.Reject.
	How localtime.Disambiguation
}

// Reading is what that means.
type Reading struct {
	TimeZone  string
	LocalTime *localtime.DateTime
	// Instant and Resolution are nil where there is a choice, or nothing to resolve.
	Instant    *time.Time
	Resolution *localtime.Resolution
	// Candidates are the two instants to choose from, the earlier first, else none.
	Candidates []localtime.Candidate
	// Words say the instant in its zone and in UTC, ViewerWords where the reader is, nil
	// where that is the same, and Relative how far away it is.
	Words, ViewerWords, Relative *string
	// Problem is why nothing can be scheduled for it.
	Problem *fault.Error
}

// Read says what a time means, seen at now.
func Read(a Asked, now time.Time) Reading {
	r := Reading{TimeZone: a.Zone, LocalTime: a.Local, Candidates: []localtime.Candidate{}}
	w := When{Local: a.Local, Zone: a.Zone, Disambiguation: a.How}
	if a.Text != nil && a.Local == nil {
		var err error
		if w, err = readText(a, now); err != nil {
			r.Problem = problemOf(err, "text")
			return r
		}
		r.TimeZone, r.LocalTime = w.Zone, w.Local
	} else if a.Text != nil || a.Local == nil {
		r.Problem = fault.New(fault.InvalidInput, "Set exactly one of text and localTime.").At("text")
		return r
	}
	m, candidates, err := w.resolve()
	if err != nil {
		r.Candidates, r.Problem = append(r.Candidates, candidates...), problemOf(err, "localTime")
		return r
	}
	r.tell(m, a, now)
	return r
}

// readText is the time that a text names, in its zone.
func readText(a Asked, now time.Time) (When, error) {
	home, err := localtime.Load(a.Zone)
	if err != nil {
		return When{}, fault.Wrap(err, fault.TimeZoneUnknown, "%s", err).At("timeZone")
	}
	m, err := localtime.ParseHuman(*a.Text, now, home)
	if err != nil {
		return When{}, err
	}
	return When{Instant: m.Instant, Local: m.Local, Zone: m.Zone.String(), Disambiguation: a.How}, nil
}

// tell adds what is known of a time that is an instant.
func (r *Reading) tell(m Time, a Asked, now time.Time) {
	local, _ := m.Zone.At(m.At)
	unique, words, relative := localtime.Unique, m.Zone.Said(m.At), localtime.Until(m.At, now)
	r.Instant, r.Resolution, r.Words, r.Relative = &m.At, &unique, &words, &relative
	if m.Resolution != nil {
		r.Resolution = m.Resolution
	}
	if r.LocalTime == nil {
		r.LocalTime = &local
	}
	if a.ViewerZone != nil {
		if viewer, err := localtime.Load(*a.ViewerZone); err == nil && !viewer.Alike(m.Zone, m.At) {
			words := viewer.Plainly(m.At)
			r.ViewerWords = &words
		}
	}
	field := m.field()
	if a.Text != nil {
		field = "text"
	}
	r.Problem = fault.As(CheckLead(m.Zone, m.At, now, field))
}

// problemOf is err for people, about what they typed or picked.
func problemOf(err error, field string) *fault.Error {
	var unknown *localtime.UnknownZoneError
	f := fault.As(err)
	switch {
	case f == nil && errors.As(err, &unknown):
		return fault.Wrap(err, fault.TimeZoneUnknown, "%s", unknown).At(field)
	case f == nil:
		return fault.Wrap(err, fault.InvalidInput, "%s.", capital(err.Error())).At(field)
	case len(f.Field) > 0:
		return f.At(f.Field[len(f.Field)-1])
	}
	return f.At(field)
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
