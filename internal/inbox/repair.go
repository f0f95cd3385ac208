package inbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/postgres"
)

// oldSecrets sign for as long beside the one that took their place as Stripe may still use
// them, at most as many as there are places for.
const (
	oldSecrets  = "24 hours"
	mostSecrets = 3
)

// stamp is what tells Golive's own endpoint from others of the account.
func (t *turn) stamp() string { return t.TenantID + "/payments/" + string(modeOf(t.Livemode)) }

// repair returns the endpoint as it should be. It is looked for first, by its stamp: of one
// that was made and never noted nobody has the secret any more, so it is deleted and made
// again.
func (t *turn) repair(ctx context.Context, account Stripe) (*Endpoint, error) {
	all, err := account.Endpoints(ctx)
	if err != nil {
		return nil, err
	}
	var kept *Endpoint
	for _, e := range all {
		switch {
		case e.Metadata[catalog.StampKey] != t.stamp():
		case t.EndpointID != nil && e.ID == *t.EndpointID && bytes.Equal(hashOf(pathOf(e.URL)), t.PathHash):
			kept = &e
		default:
			if err := account.DeleteEndpoint(ctx, e.ID); err != nil {
				return nil, err
			}
		}
	}
	usable, err := t.secretsOf(ctx, t.DB, t.TenantID, t.Livemode)
	if kept == nil || err != nil || len(usable) == 0 {
		return t.replace(ctx, account, kept, newPath())
	}
	silent, err := t.silent(ctx, endpoint{t.TenantID, t.AccountID, t.Livemode, t.EndpointID})
	switch {
	case err != nil:
		return nil, err
	case silent, kept.APIVersion != catalog.APIVersion: // neither a secret that someone rolled can be read nor a version changed
		return t.replace(ctx, account, kept, pathOf(kept.URL))
	}
	return t.mend(ctx, account, kept)
}

// pathOf is the secret end of an endpoint's address.
func pathOf(address string) string { return address[strings.LastIndexByte(address, '/')+1:] }

// mend brings an endpoint up to date.
func (t *turn) mend(ctx context.Context, account Stripe, e *Endpoint) (*Endpoint, error) {
	want := t.PublicURL + HookPath + pathOf(e.URL)
	if e.URL == want && e.Status == "enabled" && len(missing(e.EnabledEvents)) == 0 {
		return e, nil
	}
	form := url.Values{"url": {want}, "disabled": {"false"}}
	subscribe(form)
	e.URL = want
	_, err := account.Send(ctx, catalog.Write{Path: "/v1/webhook_endpoints/" + e.ID, Body: form.Encode(), IdempotencyKey: "golive:payments:" + uuid.NewString()})
	return e, err
}

// missing are the types that an endpoint is not told of.
func missing(enabled []string) []string {
	if slices.Contains(enabled, "*") {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(Types), func(typ string) bool { return slices.Contains(enabled, typ) })
}

func subscribe(form url.Values) {
	for i, typ := range Types {
		form.Set(fmt.Sprintf("enabled_events[%d]", i), typ)
	}
}

// replace makes an endpoint, and then deletes the one in whose place it is. Where both have
// the same address no event is lost between them, for both secrets are good there.
func (t *turn) replace(ctx context.Context, account Stripe, old *Endpoint, path string) (*Endpoint, error) {
	if err := t.announce(ctx, path); err != nil {
		return nil, err
	}
	e, err := t.create(ctx, account, path)
	if err != nil || old == nil {
		return e, err
	}
	return e, account.DeleteEndpoint(ctx, old.ID)
}

// announce notes an endpoint before it is made.
func (t *turn) announce(ctx context.Context, path string) error {
	same := bytes.Equal(hashOf(path), t.PathHash)
	t.PathHash, t.EndpointID = hashOf(path), nil
	return postgres.InTx(ctx, t.DB, func(tx pgx.Tx) error {
		if err := t.write(ctx, tx, `path_hash = $4, endpoint_id = NULL`, t.PathHash); err != nil || same {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM webhook_secrets WHERE tenant_id = $1 AND livemode = $2`, t.TenantID, t.Livemode)
		return wrap(err, "drop the secrets of another address")
	})
}

// create makes the endpoint, and notes it with its secret, which Stripe tells once.
func (t *turn) create(ctx context.Context, account Stripe, path string) (*Endpoint, error) {
	e := &Endpoint{URL: t.PublicURL + HookPath + path}
	form := url.Values{
		"url": {e.URL}, "api_version": {catalog.APIVersion}, "description": {"Golive: orders and payments"}, "metadata[" + catalog.StampKey + "]": {t.stamp()},
	}
	subscribe(form)
	made, err := account.Send(ctx, catalog.Write{Path: "/v1/webhook_endpoints", Body: form.Encode(), IdempotencyKey: "golive:payments:" + uuid.NewString()})
	if err != nil {
		return nil, err
	}
	var told struct{ ID, Secret string }
	if err := json.Unmarshal(made.Raw, &told); err != nil || told.Secret == "" {
		return nil, errors.Join(errors.New("Stripe told no secret of a new webhook endpoint"), err)
	}
	e.ID, t.EndpointID, t.made = told.ID, &told.ID, true
	return e, postgres.InTx(context.WithoutCancel(ctx), t.DB, func(tx pgx.Tx) error { return t.note(ctx, tx, told.Secret) })
}

// note keeps an endpoint's id and its secret together, or neither.
func (t *turn) note(ctx context.Context, tx pgx.Tx, secret string) error {
	if err := t.write(ctx, tx, `endpoint_id = $4`, t.EndpointID); err != nil {
		return err
	}
	sealed, err := t.Keys.Seal(secret, secretSlot(t.TenantID, modeOf(t.Livemode), sealVersion))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM webhook_secrets WHERE tenant_id = $1 AND livemode = $2 AND (until < now() OR number NOT IN
		(SELECT number FROM webhook_secrets WHERE tenant_id = $1 AND livemode = $2 ORDER BY until DESC NULLS FIRST LIMIT $3))`, t.TenantID, t.Livemode, mostSecrets-1)
	if err == nil {
		_, err = tx.Exec(ctx, `UPDATE webhook_secrets SET until = now() + $3::interval WHERE tenant_id = $1 AND livemode = $2 AND until IS NULL`, t.TenantID, t.Livemode, oldSecrets)
	}
	if err == nil {
		_, err = tx.Exec(ctx, `INSERT INTO webhook_secrets (tenant_id, livemode, number, sealed, seal_version) SELECT $1, $2, min(n), $3, $4
			FROM generate_series(1, $5::int) AS n WHERE n NOT IN (SELECT number FROM webhook_secrets WHERE tenant_id = $1 AND livemode = $2)`,
			t.TenantID, t.Livemode, sealed, sealVersion, mostSecrets)
	}
	return wrap(err, "keep an endpoint's secret")
}
