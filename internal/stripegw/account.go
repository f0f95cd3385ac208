package stripegw

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
)

// Account is one mode of one Stripe account, seen through one key. Its reads of
// the same kind that come at the same time share calls; none is older than the
// question (see catalog.AskedAt), but for what never changes of a test key.
type Account struct {
	gateway *Gateway
	mode    catalog.Mode
	// id is "" where it is yet to be found out; calls are not limited then.
	id string
	// key is a function because fmt prints even unexported fields.
	key func() string

	accounts   shared[struct{}, catalog.Account]
	balances   shared[struct{}, catalog.Balance]
	webhooks   shared[struct{}, []catalog.WebhookEndpoint]
	products   shared[string, *catalog.Product] // by id
	pricesOf   shared[string, []catalog.Price]  // by product
	keyHolders shared[[]string, []catalog.Price]
	// How many pages the account's list of products, and the longer one of its two lists
	// of prices, had when they were last read, or more than that; 0 is not known.
	productPages, pricePages atomic.Int64
}

func newAccount(g *Gateway, mode catalog.Mode, id, key string) *Account {
	a := &Account{gateway: g, mode: mode, id: id, key: func() string { return key }}
	a.accounts = same(a.readAccount)
	a.balances = same(a.readBalance)
	a.webhooks = same(a.readWebhookEndpoints)
	a.products.read = a.readProducts
	a.pricesOf.read = a.readPricesOf
	a.keyHolders.read = a.readKeyHolders
	if mode == catalog.Test {
		a.accounts.older, a.balances.older = sameKey, sameKey
	}
	return a
}

// sameKey is how long is believed of a test key what never changes: which account and
// mode it is of. That it was revoked, every other read tells. In live the account's own
// state is asked for, too.
const sameKey = 5 * time.Second

type accountBody struct{ catalog.Account }

func (b *accountBody) whole() bool { return b.ID != "" }

// Account reads GET /v1/account: the account that the key belongs to.
func (a *Account) Account(ctx context.Context) (catalog.Account, error) {
	return a.accounts.ask(ctx, struct{}{})
}

func (a *Account) readAccount(ctx context.Context) (catalog.Account, error) {
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
	return a.balances.ask(ctx, struct{}{})
}

func (a *Account) readBalance(ctx context.Context) (catalog.Balance, error) {
	got, err := get[balanceBody](ctx, a, "/v1/balance", nil)
	if err != nil {
		return catalog.Balance{}, err
	}
	return catalog.Balance{Livemode: *got.Livemode}, nil
}

// WebhookEndpoints reads all webhook endpoints, enabled or not.
func (a *Account) WebhookEndpoints(ctx context.Context) ([]catalog.WebhookEndpoint, error) {
	all, err := a.webhooks.ask(ctx, struct{}{})
	return slices.Clone(all), err
}

// webhookBody is a webhook endpoint as Stripe answers it.
type webhookBody struct {
	catalog.WebhookEndpoint
	unreadable string
}

// UnmarshalJSON makes one that cannot be read no error, so that it can be named.
func (b *webhookBody) UnmarshalJSON(raw []byte) (err error) {
	b.WebhookEndpoint, err = readObject[catalog.WebhookEndpoint](raw)
	n := nameOf(raw)
	if err == nil || n.ID == "" {
		return err
	}
	b.ID, b.unreadable = n.ID, cmp.Or(misreading(err), "it is malformed")
	return nil
}

func (a *Account) readWebhookEndpoints(ctx context.Context) ([]catalog.WebhookEndpoint, error) {
	bodies, err := listing[webhookBody]{
		path: "/v1/webhook_endpoints", query: url.Values{}, few: true, id: func(b *webhookBody) string { return b.ID },
	}.read(ctx, a)
	for _, b := range bodies {
		err = cmp.Or(err, unreadable("webhook endpoint", b.ID, b.unreadable))
	}
	return each(bodies, func(b webhookBody) catalog.WebhookEndpoint { return b.WebhookEndpoint }), err
}
