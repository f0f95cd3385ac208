package server

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/golive-hq/golive/internal/fault"
)

// Limits of guessing: somebody who mistypes stays far below, and a secret of 256 bits
// would not be found at a million times the rate; what is bounded is the database's work.
const (
	guessesAtOnce  = 10
	guessesEvery   = 6 * time.Second // 10 a minute
	networksAtOnce = 10_000
)

// guesses counts wrong secrets by where they come from, in this process alone: a bucket
// that drips, kept as the instant at which it will be empty. Whoever has guessed too often
// gets what is theirs all the same, for others may come from the same address, but one
// after the other.
type guesses struct {
	mu    sync.Mutex
	empty map[netip.Prefix]time.Time
	now   func() time.Time
	// line are the places of all who have guessed too often together.
	line chan struct{}
}

func newGuesses(line int) *guesses {
	return &guesses{empty: map[netip.Prefix]time.Time{}, now: time.Now, line: make(chan struct{}, line)}
}

// look looks a secret up for whom ctx says; wrong is what do returns where it is none. wait
// is how long whoever gave a wrong one should wait, 0 where it was not one too many.
func (g *guesses) look(ctx context.Context, wrong fault.Code, do func(context.Context) error) (wait time.Duration, err error) {
	from := network(ctx) // behind proxies that nobody named, theirs
	if wait = g.guess(from); wait == 0 {
		if err = do(ctx); fault.CodeOf(err) != wrong {
			g.forgive(from)
		}
		return 0, err
	}
	select {
	case g.line <- struct{}{}:
		defer func() { <-g.line }()
		return wait, do(ctx)
	case <-ctx.Done():
		return wait, fault.New(fault.RateLimited, "Too many unknown tokens, sessions or calendars were sent from your address. Try again in %s seconds.", seconds(wait))
	}
}

// guess notes a guess before it is known whether it is one, so that many at once are as
// many. It returns how long the network would have to wait for it, 0 where it need not.
func (g *guesses) guess(from netip.Prefix) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	if len(g.empty) >= networksAtOnce {
		g.forget(now)
	}
	next := g.empty[from]
	if next.Before(now) {
		next = now
	}
	if wait := next.Sub(now.Add((guessesAtOnce - 1) * guessesEvery)); wait > 0 {
		return wait
	}
	g.empty[from] = next.Add(guessesEvery)
	return 0
}

// forgive takes a guess back that was right.
func (g *guesses) forgive(from netip.Prefix) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.empty[from] = g.empty[from].Add(-guessesEvery)
	if !g.empty[from].After(g.now()) {
		delete(g.empty, from)
	}
}

// forget drops those that are empty, and where none is all: a crowd that large is no
// single guesser.
func (g *guesses) forget(now time.Time) {
	for from, empty := range g.empty {
		if !empty.After(now) {
			delete(g.empty, from)
		}
	}
	if len(g.empty) >= networksAtOnce {
		clear(g.empty)
	}
}
