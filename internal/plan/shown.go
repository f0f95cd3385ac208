package plan

import (
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
)

// repricing adds to the change of a price with that label which one it replaces, and what
// it costs before and after. An archived price costs nothing any more.
func repricing(label string, p pair, old *catalog.Price, c Change) Change {
	c.Named = label
	if old != nil {
		c.Replaces, c.AmountBefore = old.ID, old.Amount()
	} else if p.live != nil && p.live.Active {
		c.AmountBefore = p.live.Amount()
	}
	if p.test.Active {
		c.AmountAfter = p.test.Amount()
	}
	return c
}

// Label is what people call the object.
func (c *Change) Label() string {
	if c.Named != "" {
		return c.Named
	}
	// Every summary begins with it.
	label, _, _ := strings.Cut(c.Summary, ": ")
	return label
}

// FieldKind tells how a field's value is shown.
type FieldKind string

// The kinds of fields.
const (
	FieldText  FieldKind = "TEXT"
	FieldMoney FieldKind = "MONEY"
	FieldFlag  FieldKind = "FLAG"
	FieldList  FieldKind = "LIST"
	FieldMap   FieldKind = "MAP"
)

// Kind is the field's kind. Of its two values one is set.
func (f *FieldChange) Kind() FieldKind {
	value := f.After
	if value == nil {
		value = f.Before
	}
	switch value.(type) {
	case bool:
		return FieldFlag
	case []any:
		return FieldList
	case map[string]any:
		return FieldMap
	}
	if f.Field == "unit_amount_decimal" {
		return FieldMoney
	}
	return FieldText
}
