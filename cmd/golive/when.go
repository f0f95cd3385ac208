package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golive-hq/golive/internal/localtime"
	"github.com/golive-hq/golive/internal/moment"
)

// clock is what time it is for the service, and where its people are.
type clock struct {
	Now      time.Time `json:"now"`
	TimeZone string    `json:"timeZone"`
}

// clockFields are those of a Tenant.
const clockFields = `tenant { now timeZone }`

// home is the zone of times that name none. A name that the service knows and this
// command does not, for their data are of different ages, is no reason to fail.
func (c clock) home(preferred string) *localtime.Zone {
	for _, name := range []string{preferred, c.TimeZone, "UTC"} {
		if zone, err := localtime.Load(name); err == nil {
			return zone
		}
	}
	return nil
}

// when is how commands take a time.
type when struct {
	Time           string `arg:"" help:"For example \"tomorrow 9:00 Europe/Berlin\", \"friday 18:30\", \"2026-12-25 09:00 America/New_York\", \"in 2 hours\" or 2026-12-25T14:00:00Z. Without a zone, the tenant's time zone applies."`
	Disambiguation string `enum:"reject,compatible,earlier,later" default:"reject" help:"How to resolve a local time that a clock change skips or repeats: reject, compatible, earlier or later."`
}

// chosen is a time with the words in which it was said back to the person.
type chosen struct {
	localtime.Moment
	instant time.Time
	words   string
}

// read understands the time, and resolves it as the service will.
func (w when) read(c clock, preferredZone string) (chosen, error) {
	m, err := localtime.ParseHuman(w.Time, c.Now, c.home(preferredZone))
	if err != nil {
		return chosen{}, err
	}
	resolved, err := m.Resolve(w.how())
	if err != nil {
		return chosen{}, undecided(err, m.Zone, c.Now)
	}
	if err := moment.CheckLead(m.Zone, resolved.Instant, c.Now); err != nil {
		return chosen{}, err
	}
	return chosen{m, resolved.Instant, m.Zone.Words(resolved.Instant, c.Now)}, nil
}

func (w when) how() localtime.Disambiguation {
	return localtime.Disambiguation(strings.ToUpper(w.Disambiguation))
}

// undecided says a skipped or repeated reading as flags of this command.
func undecided(err error, zone *localtime.Zone, now time.Time) error {
	var nonexistent *localtime.NonexistentError
	var ambiguous *localtime.AmbiguousError
	var candidates []localtime.Candidate
	var what string
	switch {
	case errors.As(err, &nonexistent):
		candidates = nonexistent.Candidates
		what = fmt.Sprintf("%s doesn't exist in %s because clocks go forward", nonexistent.Local, zone)
	case errors.As(err, &ambiguous):
		candidates = ambiguous.Candidates
		what = fmt.Sprintf("%s occurs twice in %s because clocks go back", ambiguous.Local, zone)
	default:
		return err
	}
	for _, c := range candidates {
		what += fmt.Sprintf("\n  --disambiguation %-7s %s", strings.ToLower(string(c.Disambiguation)), zone.Words(c.Instant, now))
	}
	return errors.New(what)
}

// fill adds the time to an input of the API, as the person meant it: a wall-clock
// reading stays one.
func (w when) fill(input map[string]any, at chosen) map[string]any {
	input["timeZone"] = at.Zone.String()
	if at.Instant != nil {
		input["instant"] = at.Instant.Format(time.RFC3339)
		return input
	}
	input["localTime"] = at.Local.String()
	input["disambiguation"] = w.how()
	return input
}

// confirmed says so where the service took the time for another than was agreed to:
// its time zone data may be newer than those of this command.
func (at chosen) confirmed(t *terminal, d *deployment, now time.Time) {
	if d.ScheduledFor != nil && !d.ScheduledFor.Equal(at.instant) {
		t.say("%s The server has different time zone data and scheduled it for %s.", t.paint(yellow, "!"), at.Zone.Words(*d.ScheduledFor, now))
	}
}

// clockOf asks for the clock of a product's tenant.
func (a *api) clockOf(ctx context.Context, p product) (clock, error) {
	type answer struct{ Product *struct{ Tenant clock } }
	data, err := ask[answer](ctx, a, `query($id: ID!) { product(id: $id) { `+clockFields+` } }`, map[string]any{"id": p.ID})
	if err != nil {
		return clock{}, err
	}
	if data.Product == nil {
		return clock{}, errors.New("the product no longer exists")
	}
	return data.Product.Tenant, nil
}
