package stripegw

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/golive-hq/golive/internal/catalog"
)

// call is one request to Stripe; a write if it has an idempotency key.
type call struct {
	method string
	path   string
	query  url.Values
	body   string
	key    string // idempotency key
	epoch  int64
}

// answer is what Stripe said to a call that succeeded.
type answer struct {
	raw    json.RawMessage
	header http.Header
	took   time.Duration
}

// endpoint is what Stripe limits: the method and the path without the id.
func (c call) endpoint() string {
	parts := strings.Split(c.path, "/") // "", "v1", collection, id, ...
	id := 3
	if len(parts) > 2 && parts[2] == "checkout" { // a collection of two words
		id = 4
	}
	if len(parts) > id {
		parts[id] = "{id}"
	}
	return c.method + " " + strings.Join(parts, "/")
}

// do sends c once, in its turn.
func (a *Account) do(ctx context.Context, c call) (answer, error) {
	asked := time.Now()
	if err := a.wait(ctx, c); err != nil {
		return answer{}, err
	}
	if c.key != "" {
		// A write under way is let finish, whoever wants to stop: its effect is
		// worth knowing, and the gateway's timeout bounds it.
		ctx = context.WithoutCancel(ctx)
	}
	start := time.Now()
	x := &exchange{transport: a.gateway.transport, began: start}
	raw, err := a.gateway.send(ctx, x, a.key(), c)
	took := time.Since(start)
	a.gateway.log.LogAttrs(ctx, slog.LevelDebug, "stripe call",
		slog.String("method", c.method), slog.String("path", c.path), slog.Int("status", x.status),
		slog.Duration("waited", start.Sub(asked)), slog.Duration("took", took),
		slog.String("stripe_request", x.header.Get("Request-Id")))
	a.slow(ctx, c, err)
	a.gateway.called(a.mode, c.method, took)
	var failed *catalog.Error
	if errors.As(err, &failed) {
		failed.Took = took
	}
	return answer{raw, x.header, took}, err
}

// wait returns when c may start.
func (a *Account) wait(ctx context.Context, c call) error {
	if a.gateway.limiter == nil || a.id == "" {
		return ctx.Err()
	}
	return a.gateway.limiter.Wait(ctx, a.id, a.mode == catalog.Live, c.endpoint())
}

// slow tells the limiter of a 429: somebody else calls this account, too.
func (a *Account) slow(ctx context.Context, c call, err error) {
	var refused *catalog.Error
	if a.gateway.limiter == nil || a.id == "" || !errors.As(err, &refused) || refused.Kind != catalog.KindRateLimit {
		return
	}
	a.gateway.limiter.Slow(ctx, a.id, a.mode == catalog.Live, c.endpoint(), refused.LimitReason)
}

// send makes the HTTP call by stripe-go, whose own retries, logs and telemetry
// are off, and whose typed objects are left aside.
func (g *Gateway) send(ctx context.Context, x *exchange, key string, c call) (json.RawMessage, error) {
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, garbledKey()
	}
	bounded, cancel := context.WithTimeout(ctx, g.timeoutOf(c))
	defer cancel()
	backend := stripe.BackendImplementation{
		Type:          stripe.APIBackend,
		URL:           g.base,
		HTTPClient:    &http.Client{Transport: x, CheckRedirect: refuseRedirect},
		LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
	}
	req, body, err := c.request(bounded, &backend, key)
	if err != nil {
		return nil, unsendable(key, err)
	}
	var got unread
	err = backend.Do(req, body, &got)
	if err == nil && x.status >= http.StatusMultipleChoices {
		err = errors.New("unexpected redirect")
	}
	if err != nil {
		return nil, x.failure(ctx, key, c, err)
	}
	return got.LastResponse.RawJSON, nil
}

func (g *Gateway) timeoutOf(c call) time.Duration {
	if c.key == "" {
		return g.reading
	}
	return g.timeout
}

// request builds the HTTP request and the body that goes with it, nil for none.
func (c call) request(ctx context.Context, backend *stripe.BackendImplementation, key string) (*http.Request, *bytes.Buffer, error) {
	params := &stripe.Params{Context: ctx}
	if c.epoch != 0 {
		params.Headers = http.Header{"Golive-Epoch": {strconv.FormatInt(c.epoch, 10)}}
	}
	path := c.path
	if len(c.query) > 0 {
		path += "?" + c.query.Encode()
	}
	if c.key == "" {
		req, err := backend.NewRequest(c.method, path, key, formEncoded, params)
		return req, nil, err
	}
	params.SetIdempotencyKey(c.key)
	req, err := backend.NewRequest(c.method, path, key, formEncoded, params)
	if err != nil {
		return nil, nil, err
	}
	req.ContentLength = int64(len(c.body))
	return req, bytes.NewBufferString(c.body), nil
}

const formEncoded = "application/x-www-form-urlencoded"

// unread makes stripe-go check that an answer is JSON and leave it raw.
type unread struct{ stripe.APIResource }

// UnmarshalJSON does nothing: LastResponse holds the bytes.
func (*unread) UnmarshalJSON([]byte) error { return nil }

// told prefixes err with the call it befell.
func (c call) told(err error) error {
	return fmt.Errorf("%s %s: %w", c.method, c.path, err)
}
