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

// guessersAtOnce are those that are looked for for whoever has guessed too often.
const guessersAtOnce = 1

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
	within  within
	// unavailable turns the database's trouble into UNAVAILABLE.
	unavailable func(error) error
}

func newCalendars(c Config, within within) calendars {
	return calendars{c.API.Tenants, c.Letters, c.Log, make(chan struct{}, feedsAtOnce), newGuesses(guessersAtOnce), within, c.unavailable}
}

// ServeHTTP answers a path whose value "file" is the secret and ".ics".
func (c calendars) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var feed []byte
	var wait time.Duration
	err := c.within(r.Context(), func(ctx context.Context) (err error) {
		feed, wait, err = c.read(ctx, r.PathValue("file"))
		return err
	})
	err = c.unavailable(err)
	switch {
	case errors.Is(err, errBusy) || fault.CodeOf(err) == fault.RateLimited:
		w.Header().Set("Retry-After", "30")
		http.Error(w, "Too many calendar requests right now. Try again in 30 seconds.", http.StatusServiceUnavailable)
	case fault.CodeOf(err) == fault.Unavailable:
		w.Header().Set("Retry-After", "30")
		http.Error(w, "The calendar is unavailable right now. Try again later.", http.StatusServiceUnavailable)
	case fault.CodeOf(err) == fault.NotFound && wait > 0:
		w.Header().Set("Retry-After", seconds(wait))
		http.Error(w, "Too many unknown calendars were asked for from your address. Try again later.", http.StatusTooManyRequests)
	case fault.CodeOf(err) == fault.NotFound:
		http.Error(w, fault.As(err).Message, http.StatusNotFound)
	case err != nil:
		c.log.Log(r.Context(), levelOf(err), "calendar request failed", "error", err, "request_id", logid.Request(r.Context()))
		http.Error(w, "The calendar is unavailable right now. Try again later.", http.StatusInternalServerError)
	default:
		show(w, r, feed)
	}
}

// read takes a place only for a secret that is one: guesses must not keep calendars out.
// wait is for whoever has guessed too often.
func (c calendars) read(ctx context.Context, file string) (feed []byte, wait time.Duration, err error) {
	var owner tenant.Tenant
	wait, err = c.guesses.look(ctx, fault.NotFound, func(ctx context.Context) (err error) {
		owner, err = c.tenants.ByFeed(ctx, strings.TrimSuffix(file, ".ics"))
		return err
	})
	if err != nil {
		return nil, wait, err
	}
	feed, err = c.write(ctx, owner)
	return feed, wait, err
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
