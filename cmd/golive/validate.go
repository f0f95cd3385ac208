package main

import (
	"context"
	"encoding/json"
	"errors"
)

// report is a ValidationReport.
type report struct {
	OK        bool          `json:"ok"`
	CheckedAt string        `json:"checkedAt"`
	Results   []checkResult `json:"results"`
}

type checkResult struct {
	Check   string          `json:"check"`
	Status  string          `json:"status"`
	Message string          `json:"message"`
	Details json.RawMessage `json:"details,omitempty"`
}

const reportFields = `ok checkedAt results { check status message details }`

type validateCmd struct {
	api
	productArg
	Adopt bool `help:"Check as if live objects with the same ID would be adopted."`
	JSON  bool `name:"json" help:"Print the report as JSON."`
}

// Run ends with success only where nothing would stop a go-live.
func (c *validateCmd) Run(ctx context.Context, t *terminal) error {
	p, err := c.product(ctx, c.Product)
	if err != nil {
		return err
	}
	r, err := c.validate(ctx, p.ID, c.Adopt)
	if err != nil {
		return err
	}
	if c.JSON {
		err = t.document(r)
	} else {
		r.show(t, p)
	}
	if err == nil && !r.OK {
		err = errTold
	}
	return err
}

func (a *api) validate(ctx context.Context, productID string, adopt bool) (*report, error) {
	data, err := ask[struct{ ValidateProduct *report }](ctx, a, `query($id: ID!, $adopt: Boolean!) { validateProduct(productId: $id, adopt: $adopt) { `+reportFields+` } }`,
		map[string]any{"id": productID, "adopt": adopt})
	if err == nil && data.ValidateProduct == nil {
		err = errors.New("The product no longer exists.")
	}
	return data.ValidateProduct, err
}

// show tells what did not pass, failures first, and how many did.
func (r *report) show(t *terminal, p product) {
	passed := 0
	for _, status := range []string{"FAILED", "WARNING", "PASSED"} {
		for _, c := range r.Results {
			switch {
			case c.Status != status:
			case status == "PASSED":
				passed++
			case status == "FAILED":
				t.say("%s %s: %s", t.paint(red, "✗"), c.Check, plain(c.Message))
			default:
				t.say("%s %s: %s", t.paint(yellow, "!"), c.Check, plain(c.Message))
			}
		}
	}
	t.say("%s %d of %d checks passed for %s", t.paint(green, "✓"), passed, len(r.Results), p)
}
