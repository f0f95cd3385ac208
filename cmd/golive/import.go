package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/golive-hq/golive/internal/client"
)

type importCmd struct {
	api
	ofTenant
	Products []string `arg:"" optional:"" name:"product" help:"The products' IDs in Stripe (default: all products)."`
	JSON     bool     `name:"json" help:"Print the result as JSON."`
}

// imported is an ImportProductsPayload.
type imported struct {
	Imported int `json:"imported"`
	Changed  int `json:"changed"`
	Gone     int `json:"gone"`
}

// Run imports from test mode.
func (c *importCmd) Run(ctx context.Context, t *terminal) error {
	of, err := c.of(ctx, &c.api)
	if err != nil {
		return err
	}
	input := map[string]any{"tenantId": of.ID}
	if len(c.Products) > 0 {
		input["stripeProductIds"] = c.Products
	}
	got, err := mutate[imported](ctx, &c.api, "importProducts", input, "imported changed gone")
	if err != nil {
		return err
	}
	if c.JSON {
		return t.document(got)
	}
	said := fmt.Sprintf("Imported %s from test mode: %d new or changed", count(got.Imported, "product"), got.Changed)
	if got.Gone > 0 {
		said += fmt.Sprintf(", %d no longer there", got.Gone)
	}
	t.say("%s. List them with: golive products", said)
	return nil
}

// mutate is client.Mutate, with an error that is safe to show.
func mutate[T any](ctx context.Context, a *api, mutation string, input map[string]any, fields string) (T, error) {
	c, err := a.client()
	if err != nil {
		var none T
		return none, err
	}
	got, err := client.Mutate[T](ctx, c, mutation, input, fields)
	if errors.Is(err, client.ErrUnreachable) {
		err = fmt.Errorf("it may or may not have been done, and is safe to repeat: %w", err)
	}
	return got, printable(err)
}
