package stripegw

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/golive-hq/golive/internal/inbox"
)

// Webhooks is an account as those use it whom Stripe tells of payments.
type Webhooks struct{ *Account }

// endpointBody is a webhook endpoint as payments need it.
type endpointBody struct{ inbox.Endpoint }

func (b *endpointBody) whole() bool { return b.ID != "" }

// Endpoints reads all webhook endpoints with their metadata, enabled or not. None of it is
// shared with other reads: whoever repairs an endpoint has to see what they did.
func (a Webhooks) Endpoints(ctx context.Context) ([]inbox.Endpoint, error) {
	bodies, err := listing[endpointBody]{
		path: "/v1/webhook_endpoints", query: url.Values{}, few: true, id: func(b *endpointBody) string { return b.ID },
	}.read(ctx, a.Account)
	return each(bodies, func(b endpointBody) inbox.Endpoint { return b.Endpoint }), err
}

// Endpoint reads one webhook endpoint, nil where there is none with that id.
func (a Webhooks) Endpoint(ctx context.Context, id string) (*inbox.Endpoint, error) {
	got, err := get[endpointBody](ctx, a.Account, "/v1/webhook_endpoints/"+url.PathEscape(id), nil)
	return orNil(&got.Endpoint, err)
}

// DeleteEndpoint deletes a webhook endpoint; one that is gone is no error.
func (a Webhooks) DeleteEndpoint(ctx context.Context, id string) error {
	var gone endpointBody
	err := a.getOnce(ctx, call{method: http.MethodDelete, path: "/v1/webhook_endpoints/" + url.PathEscape(id)}, &gone)
	_, err = orNil(&gone, err)
	return err
}

// Events reads one page of the events created at or after a time, newest first and raw: the
// one after the event with that id, or the first for "".
func (a Webhooks) Events(ctx context.Context, since time.Time, after string) (events [][]byte, more bool, err error) {
	return a.events(ctx, since, after, url.Values{})
}

// Undelivered reads those of them that some endpoint of the account has not got, or not yet.
func (a Webhooks) Undelivered(ctx context.Context, since time.Time, after string) (events [][]byte, more bool, err error) {
	return a.events(ctx, since, after, url.Values{"delivery_success": {"false"}})
}

func (a Webhooks) events(ctx context.Context, since time.Time, after string, query url.Values) (events [][]byte, more bool, err error) {
	query.Set("limit", strconv.Itoa(pageSize))
	query.Set("created[gte]", strconv.FormatInt(since.Unix(), 10))
	if after != "" {
		query.Set("starting_after", after)
	}
	got, err := get[page[json.RawMessage]](ctx, a.Account, "/v1/events", query)
	return each(got.Data, func(raw json.RawMessage) []byte { return raw }), got.HasMore, err
}
