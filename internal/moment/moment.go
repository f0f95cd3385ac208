// Package moment is when somebody wants a go-live: what they say, and which instant that is.
package moment

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/localtime"
	"github.com/golive-hq/golive/internal/postgres"
)

// When is a time as a person says it: exactly one of Instant and Local, and always
// the zone that the person thinks in.
type When struct {
	Instant *time.Time
	// Local is read on clocks in Zone. Should the rules of the zone change, the
	// instant follows them; that of Instant stays.
	Local *localtime.DateTime
	// Zone is an IANA name.
	Zone string
	// Disambiguation is for Local; "" is localtime.Reject.
	Disambiguation localtime.Disambiguation
}

// How far ahead a go-live may be scheduled.
const (
	leastLead = time.Minute
	mostYears = 2
)

// Time is a When that is an instant now, to the second.
type Time struct {
	At time.Time
	// These are nil where a person chose the instant.
	Local          *localtime.DateTime
	Resolution     *localtime.Resolution
	Disambiguation *localtime.Disambiguation
	TZData         *string

	Zone *localtime.Zone
}

// Resolve resolves w and holds it against golive_now(). The candidates are those of
// TIME_NONEXISTENT and TIME_AMBIGUOUS.
func Resolve(ctx context.Context, db postgres.Querier, w When) (Time, []localtime.Candidate, error) {
	m, candidates, err := w.resolve()
	if err != nil {
		return Time{}, candidates, err
	}
	now, err := Now(ctx, db)
	if err != nil {
		return Time{}, nil, err
	}
	return m, nil, CheckLead(m.Zone, m.At, now, "input", m.field())
}

func (m Time) field() string {
	if m.Local != nil {
		return "localTime"
	}
	return "instant"
}

// Ahead returns TIME_IN_PAST where the time has come meanwhile: sweeps see at once what
// falls due, not what is kept for a time that is over.
func (m Time) Ahead(ctx context.Context, tx pgx.Tx) error {
	// Not now(), when the transaction began: it may have waited since.
	now, err := postgres.One(ctx, tx, pgx.RowTo[time.Time], nil, `SELECT golive_now() + (clock_timestamp() - now())`)
	if err != nil || m.At.After(now) {
		return err
	}
	return CheckLead(m.Zone, m.At, now, "input", m.field())
}

// Now is the time by which schedules are due. It is the same for all processes, and not the
// machine's where development has moved it.
func Now(ctx context.Context, db postgres.Querier) (time.Time, error) {
	return postgres.One(ctx, db, pgx.RowTo[time.Time], nil, `SELECT golive_now()`)
}

func (w When) resolve() (m Time, candidates []localtime.Candidate, err error) {
	m.Zone, err = localtime.Load(w.Zone)
	var unknown *localtime.UnknownZoneError
	switch {
	case errors.As(err, &unknown):
		return m, nil, fault.Wrap(err, fault.TimeZoneUnknown, "%s", unknown).At("input", "timeZone")
	case err != nil:
		return m, nil, err
	case (w.Instant == nil) == (w.Local == nil):
		return m, nil, fault.New(fault.InvalidInput, "Set exactly one of instant and localTime.").At("input", "localTime")
	case w.Instant != nil:
		m.At = w.Instant.UTC().Truncate(time.Second)
		return m, nil, nil
	}
	return w.resolveLocal(m)
}

func (w When) resolveLocal(m Time) (Time, []localtime.Candidate, error) {
	how, tzdata := w.Disambiguation, localtime.Version()
	switch how {
	case "":
		how = localtime.Reject
	case localtime.Reject, localtime.Compatible, localtime.Earlier, localtime.Later:
	default:
		return m, nil, fault.New(fault.InvalidInput, "%q is not one of REJECT, COMPATIBLE, EARLIER, LATER.", how).At("input", "disambiguation")
	}
	resolved, err := m.Zone.Resolve(*w.Local, how)
	var nonexistent *localtime.NonexistentError
	var ambiguous *localtime.AmbiguousError
	switch {
	case errors.As(err, &nonexistent):
		return m, nonexistent.Candidates, fault.Wrap(err, fault.TimeNonexistent, "%s", err).At("input", "localTime")
	case errors.As(err, &ambiguous):
		return m, ambiguous.Candidates, fault.Wrap(err, fault.TimeAmbiguous, "%s", err).At("input", "localTime")
	case err != nil:
		return m, nil, err
	}
	m.At, m.Local = resolved.Instant, w.Local
	m.Resolution, m.Disambiguation, m.TZData = &resolved.Resolution, &how, &tzdata
	return m, nil, nil
}

// CheckLead returns TIME_IN_PAST or TIME_TOO_FAR where nothing may be scheduled for due,
// seen at now. field is the path to what said it.
func CheckLead(zone *localtime.Zone, due, now time.Time, field ...string) error {
	said := zone.Brief(due)
	switch {
	case due.Before(now):
		return fault.New(fault.TimeInPast, "%s is in the past. Choose a later time.", said).At(field...)
	case due.Before(now.Add(leastLead)):
		return fault.New(fault.TimeInPast, "%s is less than a minute away. Choose a later time, or go live now.", said).At(field...)
	case due.After(now.AddDate(mostYears, 0, 0)):
		return fault.New(fault.TimeTooFar, "%s is more than %d years away. Choose an earlier time.", said, mostYears).At(field...)
	}
	return nil
}

// String says it as people read it, in its zone.
func (m Time) String() string { return m.Zone.Brief(m.At) }

// Is tells that a schedule has this time already, chosen in the same way: an instant stays
// where new rules of its zone would move a local time.
func (m Time) Is(local *localtime.DateTime, at *time.Time, zone *string) bool {
	sameLocal := m.Local == nil && local == nil || m.Local != nil && local != nil && *m.Local == *local
	return sameLocal && m.At.Truncate(time.Microsecond).Equal(*at) && zone != nil && *zone == m.Zone.String()
}

// Words say when something is due, as its person chose it: "now" where nobody chose.
func Words(at *time.Time, zone *string) string {
	if at == nil || zone == nil {
		return "now"
	}
	z, err := localtime.Load(*zone)
	if err != nil { // newer data have dropped it
		return localtime.UTC(*at)
	}
	return z.Brief(*at)
}
