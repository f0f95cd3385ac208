package stripegw

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
)

// A read that failed for a passing reason is tried again, so that an import or a
// check survives a rate limit or a lost connection.
const (
	maxRetries  = 3
	firstWait   = 500 * time.Millisecond
	longestWait = 2 * time.Second
)

// pageSize is the most that a list of Stripe's returns at once.
const pageSize = 100

// body is an answer that can tell whether it is what was asked for. JSON alone
// is no proof: an empty object would read as an empty catalogue.
type body interface{ whole() bool }

// get reads path into a T. It returns a *catalog.Error or ctx's error.
func get[T any, P interface {
	*T
	body
}](ctx context.Context, a *Account, path string, query url.Values) (T, error) {
	var tried time.Duration
	for attempt := 0; ; attempt++ {
		var got T
		err := a.getOnce(ctx, call{method: http.MethodGet, path: path, query: query}, P(&got))
		var failed *catalog.Error
		if !errors.As(err, &failed) {
			return got, err
		}
		tried += failed.Took
		failed.Took = tried
		if !failed.Transient() || attempt == maxRetries {
			return got, err
		}
		paused := time.Now()
		if err := pause(ctx, attempt); err != nil {
			return got, call{method: http.MethodGet, path: path}.told(err)
		}
		tried += time.Since(paused)
	}
}

func (a *Account) getOnce(ctx context.Context, c call, got body) (err error) {
	defer func() { a.gateway.calls.count(a.mode, err) }()
	ans, err := a.do(ctx, c)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(ans.raw, got); err != nil || !got.whole() {
		return ans.misread(err)
	}
	return nil
}

// pause waits a random while: full jitter keeps callers that failed together
// from coming back together.
func pause(ctx context.Context, attempt int) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(rand.N(min(firstWait<<attempt, longestWait))):
		return nil
	}
}

// page is one page of a list.
type page[T any] struct {
	Data    []T  `json:"data"`
	HasMore bool `json:"has_more"`
}

func (p *page[T]) whole() bool { return p.Data != nil && (len(p.Data) > 0 || !p.HasMore) }

// listing is a list to be read.
type listing[T any] struct {
	path  string
	query url.Values
	id    func(*T) string
	// page reads the page that a query asks for; nil does so in one call.
	page func(context.Context, url.Values) (page[T], error)
	// most is how many pages are worth reading; 0 is any number.
	most int
	// few tells that this is not the list of all that an account has.
	few bool
}

// errTooLong tells that a list has more pages than are worth reading.
var errTooLong = errors.New("the list is too long")

// maxRestarts is how often a list is begun anew.
const maxRestarts = 3

// A list that has more pages does not end.
const (
	maxPages    = 1000
	maxFewPages = 100
)

// read reads all pages, newest first, and each object once. A list whose cursor was
// deleted between two pages is begun anew, but not for ever.
func (l listing[T]) read(ctx context.Context, a *Account) ([]T, error) {
	l.query.Set("limit", strconv.Itoa(pageSize))
	for restarts := 0; ; restarts++ {
		all, err := l.pages(ctx, a)
		var failed *catalog.Error
		if !errors.As(err, &failed) || !failed.CursorMissing() {
			return all, err
		}
		if restarts == maxRestarts {
			return nil, unsound(catalog.KindConflict,
				"Stripe's list of %s kept changing while Golive read it. Try again once nothing is being deleted from it.", l.noun())
		}
		l.query.Del("starting_after")
	}
}

func (l listing[T]) pages(ctx context.Context, a *Account) ([]T, error) {
	read := l.page
	if read == nil {
		read = func(ctx context.Context, query url.Values) (page[T], error) {
			return get[page[T]](ctx, a, l.path, query)
		}
	}
	var all []T
	seen := map[string]bool{}
	for pages := 1; ; pages++ {
		got, err := read(ctx, l.query)
		if err != nil {
			return nil, err
		}
		known := len(all)
		all = append(all, l.unseen(seen, got.Data)...)
		if !got.HasMore {
			return all, nil
		}
		if pages == l.most {
			return nil, errTooLong
		}
		if err := l.goesOn(pages, len(all) > known); err != nil {
			return nil, err
		}
		l.query.Set("starting_after", l.id(&got.Data[len(got.Data)-1]))
	}
}

// unseen are those of objects that no page held yet.
func (l listing[T]) unseen(seen map[string]bool, objects []T) []T {
	return slices.DeleteFunc(slices.Clone(objects), func(object T) bool {
		id := l.id(&object)
		again := seen[id]
		seen[id] = true
		return again
	})
}

// goesOn tells why a list that says that it has more is not read on.
func (l listing[T]) goesOn(pages int, news bool) error {
	switch {
	case !news:
		return unsound(catalog.KindUnavailable,
			"Stripe's list of %s repeats itself instead of going on. Check what's between Golive and Stripe, such as a proxy, then try again.", l.noun())
	case l.few && pages == maxFewPages:
		return unsound(catalog.KindUnavailable,
			"Stripe's list of %s didn't end after %d pages. Check what's between Golive and Stripe, such as a proxy, then try again.", l.noun(), pages)
	case pages == maxPages:
		return unsound(catalog.KindUnavailable,
			"Stripe's list of %s didn't end after %d pages. Import the products you need by their Stripe IDs, up to %d at a time.", l.noun(), pages, fewProducts)
	}
	return nil
}

// noun is what the list holds, in words.
func (l listing[T]) noun() string {
	return strings.ReplaceAll(strings.TrimPrefix(l.path, "/v1/"), "_", " ")
}

// orNil makes an object that does not exist nil rather than an error.
func orNil[T any](got *T, err error) (*T, error) {
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return got, nil
}

func missing(err error) bool {
	var failed *catalog.Error
	return errors.As(err, &failed) && failed.Missing()
}
