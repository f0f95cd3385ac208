package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"github.com/golive-hq/golive/internal/tenant"
)

// shop is a tenant with an account of its own, so that its limits are its own.
// productID is the product that goes live.
type shop struct {
	*stack
	account   struct{ ID, TestKey, LiveKey string }
	slug      string
	token     string
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
	if sh.token, err = s.tenants.CreateToken(ctx, sh.slug, "owner@"+sh.slug+".example", tenant.RoleAdmin); err != nil {
		return nil, err
	}
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
		var connected struct {
			ConnectStripe struct{ UserErrors []struct{ Message string } }
		}
		err := s.query(ctx, `mutation($i: ConnectStripeInput!) { connectStripe(input: $i) { userErrors { message } } }`,
			map[string]any{"i": map[string]any{"tenantId": tenantID, "mode": mode, "secretKey": key}}, &connected)
		if err != nil || len(connected.ConnectStripe.UserErrors) > 0 {
			return fmt.Errorf("connect: %w %v", err, connected.ConnectStripe.UserErrors)
		}
	}
	err := s.query(ctx, `mutation($t: ID!) { importProducts(input: {tenantId: $t}) { imported } }`, map[string]any{"t": tenantID}, &struct{}{})
	if err != nil {
		return err
	}
	var listed struct {
		Viewer struct {
			Memberships []struct {
				Tenant struct {
					Products struct{ Nodes []struct{ ID string } }
				}
			}
		}
	}
	if err := s.query(ctx, `{ viewer { memberships { tenant { products { nodes { id } } } } } }`, nil, &listed); err != nil {
		return err
	}
	s.productID = listed.Viewer.Memberships[0].Tenant.Products.Nodes[0].ID
	return nil
}

func (s *shop) query(ctx context.Context, text string, variables map[string]any, data any) error {
	body, err := json.Marshal(map[string]any{"query": text, "variables": variables})
	if err != nil {
		return err
	}
	answer, err := request(ctx, http.MethodPost, s.api+"/graphql", s.token, body)
	if err != nil {
		return err
	}
	var result struct {
		Data   json.RawMessage
		Errors []struct{ Message string }
	}
	if err := json.Unmarshal(answer, &result); err != nil {
		return err
	}
	if len(result.Errors) > 0 {
		return fmt.Errorf("graphql: %s", result.Errors[0].Message)
	}
	return json.Unmarshal(result.Data, data)
}

// goLive asks for the go-live and returns the deployment's id.
func (s *shop) goLive(ctx context.Context) (string, error) {
	var d struct {
		GoLive struct {
			Deployment *struct{ ID string }
			UserErrors []struct{ Message string }
		}
	}
	err := s.query(ctx, `mutation($p: ID!) { goLive(input: {productId: $p}) { deployment { id } userErrors { message } } }`,
		map[string]any{"p": s.productID}, &d)
	if err != nil || d.GoLive.Deployment == nil {
		return "", fmt.Errorf("goLive: %w %v", err, d.GoLive.UserErrors)
	}
	return d.GoLive.Deployment.ID, nil
}

// event is a DeploymentEvent.
type event struct {
	Sequence int
	At       time.Time
	Status   string
	Message  string
	Terminal bool
}

// watch hands over every event of a deployment until each says that it is enough.
func (s *shop) watch(ctx context.Context, id string, each func(event) (enough bool)) error {
	conn, res, err := websocket.Dial(ctx, "ws"+s.api[len("http"):]+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		return err
	}
	if res.Body != nil {
		_ = res.Body.Close()
	}
	defer func() { _ = conn.CloseNow() }()
	type frame struct {
		ID      string `json:"id,omitempty"`
		Type    string `json:"type"`
		Payload any    `json:"payload,omitempty"`
	}
	for _, f := range []frame{
		{Type: "connection_init", Payload: map[string]string{"authorization": "Bearer " + s.token}},
		{ID: "1", Type: "subscribe", Payload: map[string]any{
			"query":     `subscription($id: ID!) { deploymentProgress(deploymentId: $id, after: 0) { sequence at status message terminal } }`,
			"variables": map[string]any{"id": id},
		}},
	} {
		if err := wsjson.Write(ctx, conn, f); err != nil {
			return err
		}
	}
	for {
		var f struct {
			Type    string
			Payload struct {
				Data struct{ DeploymentProgress event }
			}
		}
		if err := wsjson.Read(ctx, conn, &f); err != nil {
			return err
		}
		switch {
		case f.Type == "next" && each(f.Payload.Data.DeploymentProgress):
			return nil
		case f.Type == "error" || f.Type == "complete":
			return fmt.Errorf("the subscription ended: %s", f.Type)
		case f.Type == "ping":
			if err := wsjson.Write(ctx, conn, frame{Type: "pong"}); err != nil {
				return err
			}
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
