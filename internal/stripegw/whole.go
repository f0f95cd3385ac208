package stripegw

import (
	"errors"
	"slices"
	"sync/atomic"
	"time"
)

// pageWorth is how many filtered lists, which are read side by side, take as long
// as a page, which has to wait for the one before: with the rate of an endpoint
// at 20 a second, two of them are a tenth of a second.
const pageWorth = 2

// A question that stood for so long before its turn came has others behind it, which the
// whole list answers, too: this many pages of it are worth reading then.
const (
	queued     = 250 * time.Millisecond
	queueWorth = 4
)

// worth is how many pages of the whole list are worth reading instead of so many
// filtered ones.
func worth[Q, A any](all []*question[Q, A], filtered int) int {
	most := filtered / pageWorth
	if len(all) > 1 {
		most = max(most, pageWorth)
	}
	if slices.ContainsFunc(all, func(q *question[Q, A]) bool { return q.queued }) {
		return max(most, queueWorth)
	}
	return most
}

// within reads a whole list where it takes most pages at most, and else returns
// errTooLong. It remembers in pages how many they were.
func within[T any](pages *atomic.Int64, most int, read func() ([]T, error)) ([]T, error) {
	if most == 0 || pages.Load() > int64(most) {
		return nil, errTooLong
	}
	all, err := read()
	switch {
	case errors.Is(err, errTooLong):
		pages.Store(int64(most) + 1)
	case err == nil:
		pages.Store(int64(len(all)/pageSize) + 1)
	}
	return all, err
}
