package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/tenant"
)

// shop is a tenant with an account of its own, so that its limits are its own.
// productID is the product that goes live.
type shop struct {
	*stack
	account   struct{ ID, TestKey, LiveKey string }
	slug      string
	tenantID  string
	as        *client.Client // the tenant's owner
	productID string
}

const demoProduct = `{
	"products": [{"id": "prod_bench", "name": "Bench", "description": "Measured.", "default_price": "price_a"}],
	"prices": [
		{"id": "price_a", "product": "prod_bench", "currency": "usd", "unit_amount": 1900, "lookup_key": "a", "recurring": {"interval": "month"}},
		{"id": "price_b", "product": "prod_bench", "currency": "usd", "unit_amount": 4900, "lookup_key": "b", "recurring": {"interval": "month", "interval_count": 3}},
		{"id": "price_c", "product": "prod_bench", "currency": "usd", "unit_amount": 19000, "lookup_key": "c", "recurring": {"interval": "year"}}]}`

// openShop makes a shop that is ready to go live with what is in its catalogue.
func (s *stack) openShop(ctx context.Context, catalogue string) (*shop, error) {
	s.shopsSoFar++
	sh := &shop{stack: s}
	if err := sh.openAccount(ctx, catalogue); err != nil {
		return nil, err
	}
	sh.slug = fmt.Sprintf("shop-%d", s.shopsSoFar)
	t, err := s.tenants.CreateTenant(ctx, sh.slug, sh.slug, "UTC")
	if err != nil {
		return nil, err
	}
	sh.tenantID = t.ID
	token, err := s.tenants.CreateToken(ctx, sh.slug, "owner@"+sh.slug+".example", tenant.RoleAdmin)
	if err != nil {
		return nil, err
	}
	sh.as = &client.Client{URL: s.api, Token: token}
	return sh, sh.connect(ctx, t.ID)
}

func (s *shop) openAccount(ctx context.Context, catalogue string) error {
	made, err := request(ctx, http.MethodPost, s.stripe+"/_sim/accounts", "", []byte(`{}`))
	if err != nil {
		return err
	}
	var account struct {
		ID      string `json:"id"`
		TestKey string `json:"test_key"`
		LiveKey string `json:"live_key"`
	}
	if err := json.Unmarshal(made, &account); err != nil {
		return err
	}
	s.account.ID, s.account.TestKey, s.account.LiveKey = account.ID, account.TestKey, account.LiveKey
	_, err = request(ctx, http.MethodPost, s.stripe+"/_sim/state?mode=test&account="+account.ID, "", []byte(catalogue))
	return err
}

func (s *shop) connect(ctx context.Context, tenantID string) error {
	for mode, key := range map[string]string{"TEST": s.account.TestKey, "LIVE": s.account.LiveKey} {
		_, err := client.Mutate[struct{}](ctx, s.as, "connectStripe", map[string]any{"tenantId": tenantID, "mode": mode, "secretKey": key}, "")
		if err != nil {
			return fmt.Errorf("connect: %w", err)
		}
	}
	if _, err := client.Mutate[struct{}](ctx, s.as, "importProducts", map[string]any{"tenantId": tenantID}, ""); err != nil {
		return err
	}
	type answer struct {
		Viewer struct {
			Memberships []struct {
				Tenant struct {
					Products struct{ Nodes []struct{ ID string } }
				}
			}
		}
	}
	listed, err := client.Do[answer](ctx, s.as, `{ viewer { memberships { tenant { products { nodes { id } } } } } }`, nil)
	if err != nil {
		return err
	}
	s.productID = listed.Viewer.Memberships[0].Tenant.Products.Nodes[0].ID
	return nil
}

// goLive asks for the go-live and returns the deployment's id.
func (s *shop) goLive(ctx context.Context) (string, error) {
	d, err := client.Change[struct{ ID string }](ctx, s.as, "goLive", map[string]any{"productId": s.productID}, "id")
	if err != nil {
		return "", fmt.Errorf("goLive: %w", err)
	}
	return d.ID, nil
}

// watch hands over every event of a deployment until each says that it is enough.
func (s *shop) watch(ctx context.Context, id string, each func(client.Event) (enough bool)) error {
	events, err := client.Progress(ctx, s.as, id, 0)
	if err != nil {
		return err
	}
	defer events.Close()
	for {
		switch e, err := events.Next(ctx); {
		case err != nil:
			return err
		case e == nil:
			return errors.New("the subscription ended before it was enough")
		case each(*e):
			return nil
		}
	}
}

// calls are the requests that the account has seen since the log was at after.
func (s *shop) calls(ctx context.Context, after int) ([]call, error) {
	query := url.Values{"account": {s.account.ID}, "after": {fmt.Sprint(after)}}
	b, err := request(ctx, http.MethodGet, s.stripe+"/_sim/requests?"+query.Encode(), "", nil)
	if err != nil {
		return nil, err
	}
	var all []call
	return all, json.Unmarshal(b, &all)
}

// call is a request that the simulator has seen.
type call struct {
	Seq, Status                     int
	Method, Path, Query, Body, Mode string
}
