package stripesim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Delivery is what goes wrong with webhooks on their way; its zero value is nothing.
// Percentages are of deliveries, retries among them.
type Delivery struct {
	// Paused sends nothing by itself; Deliver does.
	Paused bool `json:"paused,omitempty"`
	// Duplicates percent are sent twice.
	Duplicates int `json:"duplicates,omitempty"`
	// Lost percent are never sent, nor tried again: GET /v1/events has them still.
	Lost int `json:"lost,omitempty"`
	// Shuffle sends what is due in random order.
	Shuffle bool `json:"shuffle,omitempty"`
	// Delay of first attempts in milliseconds, by the simulator's clock.
	Delay int64 `json:"delay_ms,omitempty"`
	// WrongSecret signs with another endpoint's secret.
	WrongSecret bool `json:"wrong_secret,omitempty"`
	// TwoSignatures signs with an older secret too, as in the day after a roll.
	TwoSignatures bool `json:"two_signatures,omitempty"`
	// Skew is by how many seconds the time in signatures is off.
	Skew int64 `json:"skew_s,omitempty"`
	// APIVersion of the events as sent; empty is the one that they have.
	APIVersion string `json:"api_version,omitempty"`
	// Parallel is how many are on their way at once to each endpoint; 0 is one, in order.
	Parallel int `json:"parallel,omitempty"`
	// Seed makes what is random repeatable.
	Seed uint64 `json:"seed,omitempty"`
}

// Attempt is a delivery that was tried.
type Attempt struct {
	EventID    string    `json:"event"`
	Type       string    `json:"type"`
	EndpointID string    `json:"endpoint"`
	At         time.Time `json:"at"`
	// Number of the attempt, from 1.
	Number int `json:"number"`
	// Status is the endpoint's answer, 0 for none.
	Status int    `json:"status"`
	Error  string `json:"error,omitempty"`
	// Lost was never sent.
	Lost bool `json:"lost,omitempty"`
	// Duplicate of the one before.
	Duplicate bool `json:"duplicate,omitempty"`
}

func (a Attempt) succeeded() bool { return a.Status/100 == 2 }

// retries are how long after its first attempt a delivery is tried again. Stripe documents
// three days with back-off in live, and three times over a few hours in test; the times
// themselves are unverified.
var retries = map[Mode][]time.Duration{
	Test: {10 * time.Minute, time.Hour, 3 * time.Hour},
	Live: {
		5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 20 * time.Hour, 30 * time.Hour,
		40 * time.Hour, 50 * time.Hour, 60 * time.Hour, 72 * time.Hour,
	},
}

// disableAfter is how long an endpoint may fail before Stripe disables it; unverified.
const disableAfter = 9 * 24 * time.Hour

// delivery is an event that an endpoint is yet to get.
type delivery struct {
	EventID    string    `json:"event"`
	EndpointID string    `json:"endpoint"`
	Created    time.Time `json:"created"`
	At         time.Time `json:"at"`
	Attempts   int       `json:"attempts"`
}

// enlist plans the event's deliveries.
func (o *op) enlist(e *event) {
	for _, entry := range o.webhooks.all {
		w := entry.value
		if w.Status != "enabled" || !matchesType(e.Type, w.EnabledEvents) || !reachable(w.URL) {
			continue
		}
		e.PendingWebhooks++
		o.queue(&delivery{EventID: e.ID, EndpointID: w.ID, Created: o.now, At: o.now.Add(o.sim.courier.delay())})
	}
}

// reachable tells whether the simulator sends there at all. It never leaves the machine:
// what an endpoint elsewhere would get counts as delivered.
func reachable(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	if u.Hostname() == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.IsLoopback()
}

// queue keeps the deliveries in order of time, and of creation within an instant.
func (st *store) queue(d *delivery) {
	i := len(st.deliveries)
	for i > 0 && st.deliveries[i-1].At.After(d.At) {
		i--
	}
	st.deliveries = slices.Insert(st.deliveries, i, d)
}

// due takes out the deliveries whose time has come, but for busy endpoints; those of
// deleted and disabled endpoints are given up.
func (st *store) due(now time.Time, busy map[string]context.CancelFunc) (due []*delivery) {
	st.deliveries = slices.DeleteFunc(st.deliveries, func(d *delivery) bool {
		w, ok := st.webhooks.get(d.EndpointID)
		if !ok || w.Status != "enabled" {
			return true
		}
		if d.At.After(now) || busy[d.EndpointID] != nil {
			return false
		}
		d.Attempts++
		st.sending[d] = true
		due = append(due, d)
		return true
	})
	return due
}

// note keeps what came of a delivery: done, to be tried again, or given up.
func (o *op) note(d *delivery, a Attempt) {
	delete(o.sending, d)
	w, ok := o.webhooks.get(d.EndpointID)
	e, known := o.events.get(d.EventID)
	if !ok || !known || a.Duplicate {
		return
	}
	if a.succeeded() {
		o.events.edit(e.ID, func(e *event) { e.PendingWebhooks = max(0, e.PendingWebhooks-1) })
		o.webhooks.edit(w.ID, func(w *webhook) { w.FailingSince = nil })
		return
	}
	if a.Lost {
		return
	}
	since := o.now
	if w.FailingSince != nil {
		since = *w.FailingSince
	}
	o.webhooks.edit(w.ID, func(w *webhook) {
		w.FailingSince = &since
		if o.now.Sub(since) >= disableAfter {
			w.Status = "disabled"
		}
	})
	if left := retries[o.mode]; d.Attempts <= len(left) {
		again := *d
		again.At = d.Created.Add(left[d.Attempts-1])
		if again.At.Before(o.now) {
			again.At = o.now.Add(time.Second)
		}
		o.queue(&again)
	}
}

// SetDelivery changes what goes wrong with webhooks from now on.
func (c *courier) SetDelivery(d Delivery) {
	c.set(d)
	c.sim.alarm.wake()
}

func (c *courier) set(d Delivery) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trouble = d
	c.random = rand.New(rand.NewPCG(d.Seed, 0))
}

func (c *courier) delay() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Duration(c.trouble.Delay) * time.Millisecond
}

// Deliver sends events to their endpoints now, in this order and in Delivery's other
// trouble, whether they were sent before or not, and returns the attempts. What is left of
// them to be sent by itself stays so.
func (c *courier) Deliver(ctx context.Context, accountID string, mode Mode, eventIDs ...string) ([]Attempt, error) {
	a, err := c.sim.account(accountID)
	if err != nil {
		return nil, err
	}
	var all []Attempt
	for _, id := range eventIDs {
		letters := c.letters(a, mode, id)
		if letters == nil {
			return all, fmt.Errorf("stripesim: no event %s for an endpoint that can be reached", id)
		}
		for _, l := range letters {
			all = append(all, c.send(ctx, l))
		}
	}
	return all, nil
}

// letters are an event's, one for each endpoint that takes it.
func (c *courier) letters(a *account, mode Mode, eventID string) (letters []letter) {
	c.sim.alone(a, mode, func(o *op) {
		e, ok := o.events.get(eventID)
		if !ok {
			return
		}
		for _, entry := range o.webhooks.all {
			if w := entry.value; w.Status == "enabled" && matchesType(e.Type, w.EnabledEvents) && reachable(w.URL) {
				letters = append(letters, letter{
					account: a, mode: mode, webhook: *w, event: *e, byHand: true,
					delivery: &delivery{EventID: e.ID, EndpointID: w.ID, Created: o.now, Attempts: 1},
				})
			}
		}
	})
	return letters
}

// Attempts are the deliveries that were tried, in order, of all accounts.
func (c *courier) Attempts() []Attempt {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.attempts)
}

// Delivered waits until all that is due by the simulator's clock has been tried.
func (c *courier) Delivered(ctx context.Context) error {
	if wait := c.rest(); wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
			return fmt.Errorf("stripesim: not all webhooks were sent: %w", ctx.Err())
		}
	}
	return nil
}

// loopback tells whether an address is the machine's own, which needs no https.
func loopback(address string) bool {
	return strings.HasPrefix(address, "http://") && reachable(address)
}
