package progress

import (
	"context"
	"sync"
	"time"

	"github.com/golive-hq/golive/internal/postgres"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/tenant"
)

// Changed sends every deployment of the tenant whose status, schedule or progress changed,
// as it is when read: changes in quick succession may come as one. With since, what
// changed after that comes first. The channel closes with ctx; see Pull for those who want
// no goroutine.
func (s *Service) Changed(ctx context.Context, tenantID string, since *time.Time) (<-chan *deployment.Deployment, error) {
	if err := tenant.Require(ctx, tenantID, tenant.RoleViewer); err != nil {
		return nil, err
	}
	f := s.joinChanges(tenantID)
	if err := f.begin(ctx); err != nil {
		s.leaveChanges(tenantID)
		return nil, err
	}
	c := &cursor{feed: f, since: since}
	f.add(c)
	left := func() { f.drop(c); s.leaveChanges(tenantID) }
	return follow(ctx, &stream[*deployment.Deployment]{next: c.read}, &f.feed, left), nil
}

// sight is what was last seen of a deployment. A status can change without an event:
// COMPLETED becomes ROLLED_BACK, and back.
type sight struct {
	last   int
	status deployment.Status
}

// changes is the feed of one tenant.
type changes struct {
	feed
	tenantID string

	// reading guards what looks need: what they saw last, and when.
	reading sync.Mutex
	begun   bool
	seen    map[string]sight
	at      time.Time

	// Below belongs to feed.mu. log holds what changed, numbered from first on, for as
	// long as somebody has not got it; nil where the same deployment changed again, at
	// latest's number.
	log     []*deployment.Deployment
	first   int
	latest  map[string]int
	cursors map[*cursor]struct{}
}

func (s *Service) joinChanges(tenantID string) *changes {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.changes[tenantID]
	if f == nil {
		f = &changes{tenantID: tenantID, latest: map[string]int{}, cursors: map[*cursor]struct{}{}}
		f.db = s.deployments.DB
		f.look = f.refresh
		f.failed = func(err error) { s.log.Warn("could not read changes; will retry", "tenant", tenantID, "error", err) }
		f.bell = s.hub.SubscribeFunc("tenant/"+tenantID, f.ring)
		s.changes[tenantID] = f
	}
	f.members++
	return f
}

func (s *Service) leaveChanges(tenantID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.changes[tenantID]
	if f.members--; f.members == 0 {
		delete(s.changes, tenantID)
		f.bell.Close()
	}
}

// begin sees for the first time; what is there then is no news.
func (f *changes) begin(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	f.reading.Lock()
	defer f.reading.Unlock()
	if f.begun {
		return nil
	}
	began := time.Now()
	touched, err := deployment.Seen(ctx, f.db, f.tenantID, time.Minute)
	if err != nil {
		return err
	}
	f.seen, f.at, f.begun = sightings(touched), began, true
	return nil
}

func sightings(touched []deployment.Sight) map[string]sight {
	seen := make(map[string]sight, len(touched))
	for _, t := range touched {
		seen[t.ID] = sight{t.LastSequence, t.Status}
	}
	return seen
}

// refresh reads what is not as it was seen before. It covers what was touched since the
// last look, or so shortly before that it may have been committed after it; after a failure
// the next look covers what this one should have.
func (f *changes) refresh(ctx context.Context) (news bool, err error) {
	f.reading.Lock()
	defer f.reading.Unlock()
	if !f.begun {
		return false, nil
	}
	began := time.Now()
	ctx = postgres.For(ctx, f.tenantID)
	touched, err := deployment.Seen(ctx, f.db, f.tenantID, began.Sub(f.at)+time.Minute)
	if err != nil {
		return false, err
	}
	now := sightings(touched)
	var changed []string
	for id, seen := range now {
		if f.seen[id] != seen {
			changed = append(changed, id)
		}
	}
	found, err := deployment.Those(ctx, f.db, changed)
	if err != nil {
		return false, err
	}
	for _, d := range found {
		// The row may be newer than the list that named it.
		now[d.ID] = sight{d.LastSequence, d.Status}
	}
	f.seen, f.at = now, began
	f.keep(found)
	return len(found) > 0, nil
}

// keep adds to the log, and forgets what everybody has.
func (f *changes) keep(found []*deployment.Deployment) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range found {
		if n, logged := f.latest[d.ID]; logged {
			f.log[n-f.first] = nil
		}
		f.latest[d.ID] = f.first + len(f.log)
		f.log = append(f.log, d)
	}
	needed := f.first + len(f.log)
	for c := range f.cursors {
		needed = min(needed, c.next)
	}
	for _, d := range f.log[:needed-f.first] {
		if d != nil {
			delete(f.latest, d.ID)
		}
	}
	f.log, f.first = append([]*deployment.Deployment(nil), f.log[needed-f.first:]...), needed
}

// cursor is one subscription to a tenant's changes.
type cursor struct {
	feed *changes
	next int // in the log; belongs to feed.mu

	// since is where it has come to in what changed before it began, with id among what
	// changed in the same moment; nil once it has all.
	since *time.Time
	id    string
}

// add puts c at the end of the log, and drop takes it away.
func (f *changes) add(c *cursor) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c.next = f.first + len(f.log)
	f.cursors[c] = struct{}{}
}

func (f *changes) drop(c *cursor) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.cursors, c)
}

// read returns what follows: first, by pages, what changed before it began.
func (c *cursor) read(ctx context.Context) (found []*deployment.Deployment, over bool, err error) {
	if c.since == nil {
		return c.logged(), false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	touched, err := deployment.TouchedAfter(ctx, c.feed.db, c.feed.tenantID, *c.since, c.id)
	if err != nil {
		return nil, false, err
	}
	if len(touched) == 0 {
		c.since = nil
		return c.logged(), false, nil
	}
	last := touched[len(touched)-1]
	c.since, c.id = &last.UpdatedAt, last.ID
	return touched, false, nil
}

// logged takes all that there is in the log.
func (c *cursor) logged() (found []*deployment.Deployment) {
	f := c.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, stays := f.cursors[c]; !stays {
		return nil // the log no longer keeps what c has not had
	}
	for _, d := range f.log[c.next-f.first:] {
		if d != nil {
			found = append(found, d)
		}
	}
	c.next = f.first + len(f.log)
	return found
}
