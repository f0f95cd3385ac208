package server

import (
	"net/netip"
	"sync"
	"time"
)

// Limits of guessing: somebody who mistypes stays far below, and a secret of 256 bits
// would not be found at a million times the rate; what is bounded is the database's work.
const (
	guessesAtOnce  = 10
	guessesEvery   = 6 * time.Second // 10 a minute
	networksAtOnce = 10_000
)

// guesses counts wrong secrets by where they come from, in this process alone: a bucket
// that drips, kept as the instant at which it will be empty.
type guesses struct {
	mu    sync.Mutex
	empty map[netip.Prefix]time.Time
	now   func() time.Time
}

func newGuesses() *guesses { return &guesses{empty: map[netip.Prefix]time.Time{}, now: time.Now} }

// wait is how long this network has to wait before its next guess, 0 where it may now.
func (g *guesses) wait(from netip.Prefix) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(0, g.empty[from].Sub(g.now().Add((guessesAtOnce-1)*guessesEvery)))
}

// wrong notes a guess that was none.
func (g *guesses) wrong(from netip.Prefix) {
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
	g.empty[from] = next.Add(guessesEvery)
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
