package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/fault"
)

// api says where the service answers and who asks.
type api struct {
	URL   string `env:"GOLIVE_URL" default:"http://127.0.0.1:8080" help:"URL of the Golive API."`
	Token string `env:"GOLIVE_TOKEN" help:"API token (glt_…). Prefer the environment variable: arguments are visible in process lists."`
}

// client fails where a variable is not set, or not well.
func (a *api) client() (*client.Client, error) {
	if a.Token == "" {
		return nil, errors.New("GOLIVE_TOKEN is not set: ask an operator to create a token with `golive token create`")
	}
	if u, err := url.Parse(a.URL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("GOLIVE_URL must be an http or https URL, such as https://golive.example.com, not %q", a.URL)
	}
	return &client.Client{URL: a.URL, Token: a.Token}, nil
}

// ask is client.Do, with an error that is safe to show.
func ask[T any](ctx context.Context, a *api, operation string, variables map[string]any) (data T, err error) {
	c, err := a.client()
	if err != nil {
		return data, err
	}
	data, err = client.Do[T](ctx, c, operation, variables)
	return data, printable(err)
}

// look is client.Deployment, with an error that is safe to show.
func look[D any](ctx context.Context, a *api, id, fields string) (*D, error) {
	c, err := a.client()
	if err != nil {
		return nil, err
	}
	d, err := client.Deployment[D](ctx, c, id, fields)
	return d, printable(err)
}

// change is client.Change, with an error that is safe to show. Beside a refusal
// there may be the deployment that is in the way.
func (a *api) change(ctx context.Context, mutation string, input map[string]any) (*deployment, error) {
	c, err := a.client()
	if err != nil {
		return nil, err
	}
	d, err := client.Change[deployment](ctx, c, mutation, input, deploymentFields)
	return d, printable(err)
}

// printable makes what the service says is wrong safe to show.
func printable(err error) error {
	if e := fault.As(err); e != nil {
		return fault.Wrap(err, e.Code, "%s", plain(e.Message))
	}
	return err
}
