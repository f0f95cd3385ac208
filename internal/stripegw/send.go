package stripegw

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/golive-hq/golive/internal/catalog"
)

// Send performs one write, once: nothing here or below repeats it. Any error
// but those of kind KindPermission, KindRequest and KindRateLimit leaves open
// whether the write took effect; it is a *catalog.Error, or ctx's error where
// ctx ended before the write's turn came. A write that has begun outlasts ctx, for
// the gateway's timeout at most.
func (a *Account) Send(ctx context.Context, w catalog.Write) (written catalog.Written, err error) {
	if w.IdempotencyKey == "" {
		return catalog.Written{}, &catalog.Error{Kind: catalog.KindRequest, Message: "a write needs an idempotency key"}
	}
	defer func() { a.gateway.calls.count(a.mode, err) }()
	ans, err := a.do(ctx, call{method: http.MethodPost, path: w.Path, body: w.Body, key: w.IdempotencyKey, epoch: w.Epoch})
	if err != nil {
		return catalog.Written{}, err
	}
	var object struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(ans.raw, &object); err != nil || object.ID == "" {
		return catalog.Written{}, ans.misread(err)
	}
	return catalog.Written{
		ID:        object.ID,
		RequestID: ans.header.Get("Request-Id"),
		Replayed:  ans.header.Get("Idempotent-Replayed") == "true",
		Raw:       ans.raw,
	}, nil
}
