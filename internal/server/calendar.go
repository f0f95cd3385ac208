package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/letter"
	"github.com/golive-hq/golive/internal/logid"
	"github.com/golive-hq/golive/internal/tenant"
)

// feedsAtOnce bounds what calendar programs can ask of the database together:
// they come by the thousand at the full hour, and nobody waits for them.
const feedsAtOnce = 8

// errBusy means that all places are taken.
var errBusy = errors.New("too many calendars at once")

// calendars serves tenants' calendars under secret addresses, to programs that
// know no other way to prove who asks.
type calendars struct {
	tenants *tenant.Service
	letters *letter.Writer
	log     *slog.Logger
	places  chan struct{}
	guesses *guesses
	// unavailable turns the database's trouble into UNAVAILABLE.
	unavailable func(error) error
}

func newCalendars(c Config) calendars {
	return calendars{c.API.Tenants, c.Letters, c.Log, make(chan struct{}, feedsAtOnce), newGuesses(), c.unavailable}
}

// ServeHTTP answers a path whose value "file" is the secret and ".ics".
func (c calendars) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	from := network(r.Context()) // behind proxies that nobody named, theirs
	if wait := c.guesses.wait(from); wait > 0 {
		w.Header().Set("Retry-After", seconds(wait))
		http.Error(w, "Too many unknown calendars were asked for from your address. Try again later.", http.StatusTooManyRequests)
		return
	}
	feed, err := c.read(r)
	err = c.unavailable(err)
	switch {
	case errors.Is(err, errBusy):
		w.Header().Set("Retry-After", "30")
		http.Error(w, "Too many calendar requests right now. Try again in 30 seconds.", http.StatusServiceUnavailable)
	case fault.CodeOf(err) == fault.Unavailable:
		w.Header().Set("Retry-After", "30")
		http.Error(w, "The calendar is unavailable right now. Try again later.", http.StatusServiceUnavailable)
	case fault.CodeOf(err) == fault.NotFound:
		c.guesses.wrong(from)
		http.Error(w, fault.As(err).Message, http.StatusNotFound)
	case err != nil:
		c.log.ErrorContext(r.Context(), "calendar request failed", "error", err, "request_id", logid.Request(r.Context()))
		http.Error(w, "The calendar is unavailable right now. Try again later.", http.StatusInternalServerError)
	default:
		show(w, r, feed)
	}
}

// read takes a place only for a secret that is one: guesses must not keep calendars out.
func (c calendars) read(r *http.Request) ([]byte, error) {
	secret := strings.TrimSuffix(r.PathValue("file"), ".ics")
	owner, err := c.tenants.ByFeed(r.Context(), secret)
	if err != nil {
		return nil, err
	}
	return c.write(r.Context(), owner)
}

// write gives the place back: who takes the answer slowly keeps nobody waiting.
func (c calendars) write(ctx context.Context, owner tenant.Tenant) ([]byte, error) {
	select {
	case c.places <- struct{}{}:
	default:
		return nil, errBusy
	}
	defer func() { <-c.places }()
	return c.letters.Calendar(ctx, owner)
}

// seconds rounds a wait up, as Retry-After has it.
func seconds(wait time.Duration) string {
	return strconv.Itoa(int((wait + time.Second - 1) / time.Second))
}

// show answers 304 to whoever has these bytes already.
func show(w http.ResponseWriter, r *http.Request, feed []byte) {
	sum := sha256.Sum256(feed)
	h := w.Header()
	h.Set("Content-Type", "text/calendar; charset=utf-8")
	h.Set("Content-Disposition", `inline; filename="golive.ics"`)
	h.Set("Cache-Control", "private, max-age=300")
	h.Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	h.Set("X-Robots-Tag", "noindex") // an address that was pasted somewhere must not be found there
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(feed))
}
