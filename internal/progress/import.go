package progress

import (
	"context"

	"github.com/golive-hq/golive/internal/importing"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Imports sends the tenant's newest import as it is, and again whenever it is not as it was:
// changes in quick succession may come as one. The channel closes with ctx; see Pull for those
// who want no goroutine.
func (s *Service) Imports(ctx context.Context, tenantID string) (<-chan *importing.Import, error) {
	if err := tenant.Require(ctx, tenantID, tenant.RoleViewer); err != nil {
		return nil, err
	}
	f := s.joinImports(tenantID)
	w := &glance{feed: f}
	return follow(ctx, &stream[*importing.Import]{next: w.next}, &f.feed, func() { s.leaveImports(tenantID) }), nil
}

// imports is the feed of one tenant's newest import.
type imports struct {
	feed
	tenantID string

	// Both belong to feed.mu: as it was seen last, and how many different ones were seen.
	newest *importing.Import
	number int
}

func (s *Service) joinImports(tenantID string) *imports {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.imports[tenantID]
	if f == nil {
		f = &imports{tenantID: tenantID}
		f.db = s.importing.DB
		f.look = f.read
		f.failed = func(err error) { s.log.Warn("could not read an import; will retry", "tenant", tenantID, "error", err) }
		f.bell = s.hub.SubscribeFunc(importing.Topic(tenantID), f.ring)
		s.imports[tenantID] = f
		f.ring()
	}
	f.members++
	return f
}

func (s *Service) leaveImports(tenantID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.imports[tenantID]
	if f.members--; f.members == 0 {
		delete(s.imports, tenantID)
		f.bell.Close()
	}
}

// read tells whether the newest import is not as it was seen last.
func (f *imports) read(ctx context.Context) (news bool, err error) {
	now, err := importing.NewestOf(postgres.For(ctx, f.tenantID), f.db, f.tenantID)
	if now == nil || err != nil {
		return false, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if was := f.newest; was != nil && was.ID == now.ID && was.Read == now.Read && (was.FinishedAt == nil) == (now.FinishedAt == nil) {
		return false, nil
	}
	f.newest = now
	f.number++
	return true, nil
}

// glance is one subscription to a tenant's imports.
type glance struct {
	feed   *imports
	number int // of what was handed out last
}

func (g *glance) next(context.Context) (found []*importing.Import, over bool, err error) {
	g.feed.mu.Lock()
	defer g.feed.mu.Unlock()
	if g.number == g.feed.number {
		return nil, false, nil
	}
	g.number = g.feed.number
	return []*importing.Import{g.feed.newest}, false, nil
}
