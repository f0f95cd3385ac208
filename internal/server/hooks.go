package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/logid"
)

// What Stripe may send to one endpoint; what is refused for coming too fast it sends again.
// Unknown paths are counted by where they come from.
const (
	mostHook      = 512 << 10
	hookTime      = 5 * time.Second
	hooksAtOnce   = 1000
	hooksEvery    = time.Second / 200
	strangeAtOnce = 10
	strangeEvery  = time.Second / 10
)

// What this process does at once: bodiesAtOnce bounds memory, and storedAtOnce leaves half of
// the connections to others. Whoever gets no place in time is asked to send it again.
const (
	bodiesAtOnce = 128
	storedAtOnce = 8
)

// Results of deliveries that never reached the inbox, for metrics.
const (
	hookUnknown     inbox.Result = "unknown"
	hookLimited     inbox.Result = "limited"
	hookTooLarge    inbox.Result = "too_large"
	hookTooSlow     inbox.Result = "too_slow"
	hookUnavailable inbox.Result = "unavailable"
	hookFailed      inbox.Result = "failed"
	// hookGone is a delivery whose sender did not wait for an answer.
	hookGone inbox.Result = "gone"
)

// statuses tell Stripe no more than whether to send an event again.
var statuses = map[inbox.Result]int{
	hookUnknown: http.StatusNotFound, hookLimited: http.StatusTooManyRequests, hookTooLarge: http.StatusRequestEntityTooLarge,
	hookTooSlow: http.StatusRequestTimeout, hookUnavailable: http.StatusServiceUnavailable, hookFailed: http.StatusInternalServerError,
	hookGone: http.StatusServiceUnavailable,
}

// hooks take Stripe's events.
type hooks struct {
	inbox       *inbox.Service
	log         *slog.Logger
	known       *buckets[string] // by tenant and mode
	strange     *guesses
	found       *foundHooks
	bodies      places
	stored      places
	unavailable func(error) error
	delivered   func(mode catalog.Mode, result inbox.Result, took time.Duration)
}

func newHooks(c Config) hooks {
	h := hooks{
		c.API.Inbox, c.Log, newBuckets[string](hooksAtOnce, hooksEvery), newGuessesOf(1, strangeAtOnce, strangeEvery), &foundHooks{},
		make(places, bodiesAtOnce), make(places, storedAtOnce), c.unavailable, c.Delivered,
	}
	if h.delivered == nil {
		h.delivered = func(catalog.Mode, inbox.Result, time.Duration) {}
	}
	return h
}

// ServeHTTP answers once an event is stored.
func (h hooks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	ctx, stop := context.WithTimeout(r.Context(), hookTime)
	defer stop()
	hook, result, err := h.find(ctx, r.PathValue("path"))
	if result == "" {
		result, err = h.take(ctx, hook, w, r)
	}
	h.delivered(hook.Mode, result, time.Since(began))
	if err != nil {
		h.log.ErrorContext(r.Context(), "webhook delivery failed", "error", err, "request_id", logid.Request(r.Context()))
	}
	status, failed := statuses[result]
	switch {
	case result.Accepted():
		status = http.StatusOK
	case !failed:
		status = http.StatusBadRequest
	}
	w.WriteHeader(status)
}

// find returns the endpoint, or what keeps it from getting anything.
func (h hooks) find(ctx context.Context, path string) (hook inbox.Hook, result inbox.Result, err error) {
	wait, err := h.look(ctx, path, &hook)
	switch code := fault.CodeOf(h.unavailable(err)); {
	case errors.Is(err, context.Canceled):
		return hook, hookGone, nil
	case code == fault.RateLimited, code == fault.NotFound && wait > 0:
		return hook, hookLimited, nil
	case code == fault.NotFound:
		return hook, hookUnknown, nil
	case code == fault.Unavailable:
		return hook, hookUnavailable, nil
	case err != nil:
		return hook, hookFailed, err
	case h.known.take(hook.TenantID+string(hook.Mode)) > 0:
		return hook, hookLimited, nil
	}
	return hook, "", nil
}

// look has only those paths counted as guesses that nothing was found at before.
func (h hooks) look(ctx context.Context, path string, hook *inbox.Hook) (wait time.Duration, err error) {
	found, known := h.found.get(path)
	if known && time.Since(found.at) < hookFresh {
		*hook = found.Hook
		return 0, nil
	}
	do := func(ctx context.Context) (err error) {
		*hook, err = h.lookAnew(ctx, path)
		return err
	}
	if known {
		return 0, do(ctx)
	}
	return h.strange.look(ctx, fault.NotFound, do)
}

// lookAnew finds the endpoint as it is now, and remembers it. Of all who wait for a place those
// take what others have found meanwhile.
func (h hooks) lookAnew(ctx context.Context, path string) (hook inbox.Hook, err error) {
	asked := time.Now()
	err = h.stored.in(ctx, func() error {
		at := time.Now()
		if found, known := h.found.get(path); known && found.at.After(asked) {
			hook = found.Hook
			return nil
		}
		if hook, err = h.inbox.HookAt(ctx, path); err == nil {
			h.found.add(path, hook, at)
		}
		return err
	})
	if fault.CodeOf(err) == fault.NotFound {
		h.found.remove(path)
	}
	return hook, err
}

// take reads what was sent, where it may be Stripe's, and has it stored.
func (h hooks) take(ctx context.Context, hook inbox.Hook, w http.ResponseWriter, r *http.Request) (inbox.Result, error) {
	switch {
	case !inbox.HasSignature(r.Header.Get("Stripe-Signature")):
		return inbox.Forged, nil
	case r.ContentLength > mostHook:
		return hookTooLarge, nil
	case !h.bodies.take(ctx):
		return hookUnavailable, nil
	}
	defer h.bodies.leave()
	return h.read(ctx, hook, w, r)
}

func (h hooks) read(ctx context.Context, hook inbox.Hook, w http.ResponseWriter, r *http.Request) (result inbox.Result, err error) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(hookTime))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostHook))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return hookTooLarge, nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return hookTooSlow, nil
	case err != nil:
		return inbox.Malformed, nil // whoever sent it went away
	}
	result, err = h.receive(ctx, hook, r, body)
	switch code := fault.CodeOf(h.unavailable(err)); {
	case errors.Is(err, context.Canceled):
		return hookGone, nil
	case code == fault.NotFound:
		return hookUnknown, nil
	case code == fault.Unavailable:
		return hookUnavailable, nil
	case err != nil:
		return hookFailed, err
	}
	return result, nil
}

// receive looks for an endpoint anew that has not signed what was sent, as far as is
// remembered: its secret may have been made since.
func (h hooks) receive(ctx context.Context, hook inbox.Hook, r *http.Request, body []byte) (inbox.Result, error) {
	result, err := h.store(ctx, hook, r, body)
	if result != inbox.Forged {
		return result, err
	}
	if hook, err = h.lookAnew(ctx, r.PathValue("path")); err != nil {
		return "", err
	}
	return h.store(ctx, hook, r, body)
}

func (h hooks) store(ctx context.Context, hook inbox.Hook, r *http.Request, body []byte) (result inbox.Result, err error) {
	err = h.stored.in(ctx, func() error {
		result, err = h.inbox.Receive(ctx, hook, r.Header.Get("Stripe-Signature"), body)
		return err
	})
	return result, err
}
