package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
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

// show tells what did not pass, failures first, and how many did. Checks that could not
// run because Stripe did not answer have one line together: there is one thing to do.
func (r *report) show(t *terminal, p product) {
	down := r.unanswered()
	for _, c := range r.with("FAILED") {
		if !c.unanswered() {
			t.say("%s %s: %s", t.paint(red, "✗"), c.Check, plain(c.Message))
		}
	}
	if len(down) > 0 {
		t.say("%s %d of %d checks couldn't run for %s: %s", t.paint(red, "✗"), len(down), len(r.Results), p, plain(strings.TrimPrefix(down[0].Message, "Not checked: ")))
	}
	if len(down) > 0 && len(down) == len(r.with("FAILED")) {
		return
	}
	for _, c := range r.with("WARNING") {
		t.say("%s %s: %s", t.paint(yellow, "!"), c.Check, plain(c.Message))
	}
	t.say("%s for %s", r.summary(t), p)
}

func (r *report) summary(t *terminal) string {
	text := fmt.Sprintf("%s %d of %s passed", t.paint(green, "✓"), len(r.with("PASSED")), count(len(r.Results), "check"))
	if failed := len(r.with("FAILED")) - len(r.unanswered()); !r.OK {
		text = fmt.Sprintf("%s %d of %s failed", t.paint(red, "✗"), failed, count(len(r.Results), "check"))
	}
	if warnings := len(r.with("WARNING")); warnings > 0 {
		text += ", " + count(warnings, "warning")
	}
	return text
}

func (r *report) whatNow() string {
	if len(r.unanswered()) == len(r.with("FAILED")) {
		return "Try again once Stripe responds."
	}
	return "Fix the failed checks, then try again."
}

func (r *report) with(status string) (some []checkResult) {
	for _, c := range r.Results {
		if c.Status == status {
			some = append(some, c)
		}
	}
	return some
}

func (r *report) unanswered() (some []checkResult) {
	for _, c := range r.with("FAILED") {
		if c.unanswered() {
			some = append(some, c)
		}
	}
	return some
}

// unanswered tells a check that could not run because Stripe was not there.
func (c checkResult) unanswered() bool {
	var told struct {
		CouldNotRun bool
		Category    string
	}
	return json.Unmarshal(c.Details, &told) == nil && told.CouldNotRun &&
		slices.Contains([]string{"STRIPE_UNAVAILABLE", "NETWORK", "STRIPE_RATE_LIMIT"}, told.Category)
}
