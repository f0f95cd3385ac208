package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
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

// calendars serves tenants' calendars under secret addresses, to programs that
// know no other way to prove who asks.
type calendars struct {
	tenants *tenant.Service
	letters *letter.Writer
	log     *slog.Logger
	places  chan struct{}
	// unavailable turns the database's trouble into UNAVAILABLE.
	unavailable func(error) error
}

func newCalendars(c Config) calendars {
	return calendars{c.API.Tenants, c.Letters, c.Log, make(chan struct{}, feedsAtOnce), c.unavailable}
}

// ServeHTTP answers a path whose value "file" is the secret and ".ics".
func (c calendars) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case c.places <- struct{}{}:
	default:
		w.Header().Set("Retry-After", "30")
		http.Error(w, "Too many calendar requests right now. Try again in 30 seconds.", http.StatusServiceUnavailable)
		return
	}
	feed, err := c.read(r)
	switch err = c.unavailable(err); {
	case fault.CodeOf(err) == fault.Unavailable:
		w.Header().Set("Retry-After", "30")
		http.Error(w, "The calendar is unavailable right now. Try again later.", http.StatusServiceUnavailable)
	case fault.CodeOf(err) == fault.NotFound:
		http.Error(w, fault.As(err).Message, http.StatusNotFound)
	case err != nil:
		c.log.ErrorContext(r.Context(), "calendar request failed", "error", err, "request_id", logid.Request(r.Context()))
		http.Error(w, "The calendar is unavailable right now. Try again later.", http.StatusInternalServerError)
	default:
		show(w, r, feed)
	}
}

// read gives the place back: who takes the answer slowly keeps nobody waiting.
func (c calendars) read(r *http.Request) ([]byte, error) {
	defer func() { <-c.places }()
	secret := strings.TrimSuffix(r.PathValue("file"), ".ics")
	owner, err := c.tenants.ByFeed(r.Context(), secret)
	if err != nil {
		return nil, err
	}
	return c.letters.Calendar(r.Context(), owner)
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
