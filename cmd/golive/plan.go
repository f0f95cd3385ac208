package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// plan is a Plan.
type plan struct {
	Hash    string          `json:"hash"`
	IsEmpty bool            `json:"isEmpty"`
	Changes []plannedChange `json:"changes"`
}

type plannedChange struct {
	Action       string        `json:"action"`
	Resource     string        `json:"resource"`
	TestID       string        `json:"testId,omitempty"`
	LiveID       string        `json:"liveId,omitempty"`
	Summary      string        `json:"summary"`
	Reversible   bool          `json:"reversible"`
	RollbackNote string        `json:"rollbackNote,omitempty"`
	Fields       []fieldChange `json:"fields"`
}

type fieldChange struct {
	Field  string          `json:"field"`
	Before json.RawMessage `json:"before"`
	After  json.RawMessage `json:"after"`
}

const planFields = `hash isEmpty changes {
	action resource testId liveId summary reversible rollbackNote fields { field before after }
}`

type planCmd struct {
	api
	productArg
	Adopt bool `help:"Plan to adopt live objects with the same ID that Golive didn't create."`
	JSON  bool `name:"json" help:"Print the plan as JSON."`
}

// Run shows the plan on standard output.
func (c *planCmd) Run(ctx context.Context, t *terminal) error {
	p, err := c.product(ctx, c.Product)
	if err != nil {
		return err
	}
	goLive, err := c.plan(ctx, p.ID, c.Adopt)
	if err != nil {
		return err
	}
	if c.JSON {
		return t.document(goLive)
	}
	return t.answer(goLive.text(t, p))
}

func (a *api) plan(ctx context.Context, productID string, adopt bool) (*plan, error) {
	data, err := ask[struct{ PlanGoLive *plan }](ctx, a, `query($id: ID!, $adopt: Boolean!) { planGoLive(productId: $id, adopt: $adopt) { `+planFields+` } }`,
		map[string]any{"id": productID, "adopt": adopt})
	if err == nil && data.PlanGoLive == nil {
		err = errors.New("The product no longer exists.")
	}
	return data.PlanGoLive, err
}

// text is the plan as a diff: a sign, the sentence, then the fields.
func (p *plan) text(t *terminal, of product) string {
	if p.IsEmpty {
		return fmt.Sprintf("%s: live mode matches test mode, nothing to change", of)
	}
	lines := []string{fmt.Sprintf("%s: %s in live mode", of, count(len(p.Changes), "change"))}
	for _, c := range p.Changes {
		lines = append(lines, c.lines(t)...)
	}
	return strings.Join(append(lines, p.legend(t)), "\n")
}

// legend explains the signs that the plan uses.
func (p *plan) legend(t *terminal) string {
	var said []string
	for _, action := range []string{"CREATE", "UPDATE", "ARCHIVE", "REACTIVATE"} {
		if slices.ContainsFunc(p.Changes, func(c plannedChange) bool { return c.Action == action }) {
			sign := signs[action]
			said = append(said, t.paint(sign.colour, sign.sign)+" "+sign.means)
		}
	}
	return "  (" + strings.Join(said, ", ") + ")"
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// signs of the actions, with colours and what they mean.
var signs = map[string]struct{ sign, colour, means string }{
	"CREATE":     {"+", green, "created"},
	"UPDATE":     {"~", yellow, "changed"},
	"ARCHIVE":    {"-", red, "archived"},
	"REACTIVATE": {"^", green, "for sale again"},
}

func (c plannedChange) lines(t *terminal) []string {
	sign, known := signs[c.Action]
	if !known {
		sign.sign, sign.colour = "?", yellow
	}
	id := c.LiveID
	if id == "" {
		id = c.TestID
	}
	lines := []string{fmt.Sprintf("  %s %s %s", t.paint(sign.colour, sign.sign), plain(c.Summary), t.paint(dim, "("+plain(id)+")"))}
	width := 0
	for _, f := range c.Fields {
		width = max(width, len(f.Field))
	}
	for _, f := range c.Fields {
		lines = append(lines, fmt.Sprintf("      %-*s  %s", width, plain(f.Field), f.change()))
	}
	if c.RollbackNote != "" {
		lines = append(lines, "      "+t.paint(yellow, "!")+" "+plain(c.RollbackNote))
	}
	return lines
}

func (f fieldChange) change() string {
	if isNull(f.Before) {
		return shown(f.After)
	}
	return shown(f.Before) + " → " + shown(f.After)
}

func isNull(v json.RawMessage) bool { return len(v) == 0 || string(v) == "null" }

// shown is a value as JSON on one line.
func shown(v json.RawMessage) string {
	if isNull(v) {
		return "(none)"
	}
	var b bytes.Buffer
	if json.Compact(&b, v) != nil {
		return plain(string(v))
	}
	return plain(b.String())
}
