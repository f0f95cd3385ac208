package stripegw

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/golive-hq/golive/internal/catalog"
)

// Request is one write, a POST, prepared to the byte.
type Request struct {
	// Path is the path of the endpoint, "/v1/prices/price_1".
	Path string
	// Body is form-encoded and goes out as it is.
	Body string
	// IdempotencyKey makes a repetition harmless; required, at most 255 characters.
	IdempotencyKey string
	// Epoch goes along in the header Golive-Epoch, for debugging; 0 is left out.
	Epoch int64
}

// Response is what Stripe answered to a write that succeeded.
type Response struct {
	// ID is the id of the object that was written.
	ID string
	// RequestID is Stripe's name of the call.
	RequestID string
	// Replayed tells that Stripe had done this before, under the same key.
	Replayed bool
	// Raw is the object as Stripe sent it.
	Raw json.RawMessage
}

// Send performs one write, once: nothing here or below repeats it. Any error
// but those of kind KindPermission, KindRequest and KindRateLimit leaves open
// whether the write took effect; it is a *catalog.Error, or ctx's error where
// ctx ended first.
func (a *Account) Send(ctx context.Context, r Request) (Response, error) {
	if r.IdempotencyKey == "" {
		return Response{}, &catalog.Error{Kind: catalog.KindRequest, Message: "a write needs an idempotency key"}
	}
	ans, err := a.do(ctx, call{method: http.MethodPost, path: r.Path, body: r.Body, key: r.IdempotencyKey, epoch: r.Epoch})
	if err != nil {
		return Response{}, err
	}
	var object struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(ans.raw, &object); err != nil || object.ID == "" {
		x := exchange{status: http.StatusOK, header: ans.header}
		return Response{}, x.unreadable()
	}
	return Response{
		ID:        object.ID,
		RequestID: ans.header.Get("Request-Id"),
		Replayed:  ans.header.Get("Idempotent-Replayed") == "true",
		Raw:       ans.raw,
	}, nil
}
