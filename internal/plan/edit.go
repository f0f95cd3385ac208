package plan

import (
	"slices"

	"github.com/golive-hq/golive/internal/catalog"
)

// edit is what a price that is in live still needs, and the step that writes it.
type edit struct {
	pair
	step       Step
	changed    []string
	want, have values
}

func (d *differ) edit(p pair) edit {
	e := edit{pair: p, want: valuesOf(priceFields, p.test), have: valuesOf(priceFields, p.live)}
	e.changed = differingNames(d.updatable(p, e.want), e.want, e.have)
	return e
}

// begin gives an edit its step, but for what that writes.
func (e *edit) begin(change int, action Action, summary string) {
	e.step = Step{
		Change: change, Action: action, Resource: catalog.ResourcePrice, TestID: e.test.ID, LiveID: e.live.ID,
		Summary: summary, Path: catalog.ResourcePrice.Path(e.live.ID), Before: raw(e.live),
	}
}

// updatable returns the fields to write: those that differ, less what Stripe
// refuses to change on an archived price, less a lookup key that another step
// takes away anyway (clearing it first would leave the key without a price).
func (d *differ) updatable(p pair, want values) []string {
	var out []string
	for _, f := range differing(priceFields, p.test, p.live) {
		taken := f.name == "lookup_key" && want[f.name] == nil && d.takerOf(p.live) != nil
		if !taken && (f.frozen == nil || !f.frozen(p.test, p.live)) {
			out = append(out, f.name)
		}
	}
	return out
}

// clearOptions adds a call of its own where a currency option goes: Stripe merges
// options one by one and clears them only all together. The edit then sets those
// that stay.
func (d *differ) clearOptions(e *edit, action Action, after ...*draft) []*draft {
	const field = "currency_options"
	if !slices.Contains(e.changed, field) || !losesMember(e.want[field], e.have[field]) {
		return nil
	}
	clearing := e.step
	clearing.Action = action
	clearing.Body = updateBody([]string{field}, values{}, "")
	clearing.Want = map[string]any{field: nil}
	return []*draft{d.draft(clearing.Change, clearing, after...)}
}

// write adds the step that writes the changed fields. A lookup key that another price
// of ours holds is taken from it.
func (d *differ) write(e *edit, after ...*draft) *draft {
	transfer := ""
	if holder := d.holder(e.pair); holder != nil && slices.Contains(e.changed, "lookup_key") {
		transfer, e.step.KeyFrom = "transfer_lookup_key", rawPrice(holder)
	}
	e.step.Body, e.step.Want = updateBody(e.changed, e.want, transfer), pick(e.want, e.changed)
	return d.draft(e.step.Change, e.step, after...)
}

func updateAction(p pair) Action {
	if p.test.Active && !p.live.Active {
		return Reactivate
	}
	return Update
}

func losesMember(want, have any) bool {
	for k := range members(have) {
		if _, kept := members(want)[k]; !kept && want != nil {
			return true
		}
	}
	return false
}

// decidesTax tells that a currency option that stays says for the first time
// whether it includes tax.
func decidesTax(want, have any) bool {
	behavior := func(option any) string {
		text, _ := members(option)["tax_behavior"].(string)
		return text
	}
	for currency, old := range members(have) {
		if !decided(behavior(old)) && decided(behavior(members(want)[currency])) {
			return true
		}
	}
	return false
}

func (d *differ) priceChange(e *edit, old *catalog.Price) Change {
	var base values
	if known, ok := d.in.Known.Prices[e.test.ID]; ok {
		base = valuesOf(priceFields, &known)
	}
	action, summary := updateAction(e.pair), d.updateSummary(e.pair, e.changed, old)
	if e.archived() {
		action, summary = Archive, d.archiveSummary(e.pair)
	}
	note := ""
	if slices.Contains(e.changed, "tax_behavior") || decidesTax(e.want["currency_options"], e.have["currency_options"]) {
		note = noteTaxBehavior
	}
	return repricing(d.label(e.test), e.pair, old, Change{
		Action: action, Resource: catalog.ResourcePrice, TestID: e.test.ID, LiveID: e.live.ID, Summary: summary,
		Reversible: note == "", RollbackNote: note, Fields: d.fieldChanges(e.changed, e.want, e.have, base),
	})
}
