package stripegw

import (
	"context"
	"net/url"

	"github.com/golive-hq/golive/internal/catalog"
)

type accountBody struct{ catalog.Account }

func (b *accountBody) whole() bool { return b.ID != "" }

// Account reads GET /v1/account: the account that the key belongs to.
func (a *Account) Account(ctx context.Context) (catalog.Account, error) {
	got, err := get[accountBody](ctx, a, "/v1/account", nil)
	return got.Account, err
}

// balanceBody keeps an absent mode apart from test.
type balanceBody struct {
	Livemode *bool `json:"livemode"`
}

func (b *balanceBody) whole() bool { return b.Livemode != nil }

// Balance reads GET /v1/balance, which proves the key's mode.
func (a *Account) Balance(ctx context.Context) (catalog.Balance, error) {
	got, err := get[balanceBody](ctx, a, "/v1/balance", nil)
	if err != nil {
		return catalog.Balance{}, err
	}
	return catalog.Balance{Livemode: *got.Livemode}, nil
}

// WebhookEndpoints reads all webhook endpoints, enabled or not.
func (a *Account) WebhookEndpoints(ctx context.Context) ([]catalog.WebhookEndpoint, error) {
	id := func(w *catalog.WebhookEndpoint) string { return w.ID }
	return list(ctx, a, "/v1/webhook_endpoints", url.Values{}, id, nil)
}
