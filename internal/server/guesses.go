package server

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/quota"
)

// Limits of guessing: somebody who mistypes stays far below, and a secret of 256 bits
// would not be found at a million times the rate; what is bounded is the database's work.
const (
	guessesAtOnce = quota.FailuresAMinute
	guessesEvery  = time.Minute / guessesAtOnce
)

// guesses counts wrong secrets by where they come from, in this process alone. Whoever has
// guessed too often gets what is theirs all the same, for others may come from the same
// address, but one after the other.
type guesses struct {
	*buckets[netip.Prefix]
	// line are the places of all who have guessed too often together.
	line chan struct{}
}

func newGuesses(line int) *guesses { return newGuessesOf(line, guessesAtOnce, guessesEvery) }

func newGuessesOf(line, atOnce int, every time.Duration) *guesses {
	return &guesses{newBuckets[netip.Prefix](atOnce, every), make(chan struct{}, line)}
}

// look looks a secret up for whom ctx says; wrong is what do returns where it is none. wait
// is how long whoever gave a wrong one should wait, 0 where it was not one too many.
func (g *guesses) look(ctx context.Context, wrong fault.Code, do func(context.Context) error) (wait time.Duration, err error) {
	from := network(ctx) // behind proxies that nobody named, theirs
	// A guess is noted before it is known whether it is one, so that many at once are as many.
	if wait = g.take(from); wait == 0 {
		err = do(ctx)
		// Whoever goes away before the answer keeps from knowing whether it was a guess.
		if left := errors.Is(ctx.Err(), context.Canceled); err == nil || fault.CodeOf(err) != wrong && !left {
			g.giveBack(from)
		}
		return 0, err
	}
	select {
	case g.line <- struct{}{}:
		defer func() { <-g.line }()
		return wait, do(ctx)
	case <-ctx.Done():
		e := fault.New(fault.RateLimited, "Too many unknown tokens, sessions or calendars were sent from your address. Try again in %s seconds.", seconds(wait))
		e.RetryAfter = wait
		return wait, e
	}
}
