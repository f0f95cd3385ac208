package plan

import (
	"encoding/json"
	"maps"

	"github.com/golive-hq/golive/internal/catalog"
)

// TouchedBy tells what a step that took effect has touched: its object under
// liveID, and the price whose lookup key it took.
func TouchedBy(s Step, liveID string) ([]Touched, error) {
	t := Touched{Resource: s.Resource, TestID: s.TestID, LiveID: liveID, Wrote: s.Want}
	if err := t.before(s.Before); err != nil {
		return nil, err
	}
	t.spell()
	t.Fields = sortedKeys(t.Wrote)
	touched := []Touched{t}
	if len(s.KeyFrom) > 0 {
		robbed := Touched{Resource: catalog.ResourcePrice, Fields: []string{"lookup_key"}}
		if err := robbed.before(s.KeyFrom); err != nil {
			return nil, err
		}
		robbed.LiveID = robbed.Price.ID
		touched = append(touched, robbed)
	}
	return touched, nil
}

func (t *Touched) before(image json.RawMessage) error {
	if len(image) == 0 {
		return nil
	}
	if t.Resource == catalog.ResourceProduct {
		return json.Unmarshal(image, &t.Product)
	}
	return json.Unmarshal(image, &t.Price)
}

// spell makes up for journals that name metadata as a whole: all that it was to be.
func (t *Touched) spell() {
	whole, is := t.Wrote[metadataField]
	if !is {
		return
	}
	want, have := members(whole), members(metadataWire(t.metadata()))
	wrote := maps.Clone(t.Wrote)
	delete(wrote, metadataField)
	for _, all := range []map[string]any{want, have} {
		for k := range all {
			if !sameWire(want[k], have[k]) {
				wrote[keyField(k)] = want[k]
			}
		}
	}
	t.Wrote = wrote
}

// metadata is that of the object as it was before.
func (t *Touched) metadata() map[string]string {
	switch {
	case t.Product != nil:
		return t.Product.Metadata
	case t.Price != nil:
		return t.Price.Metadata
	}
	return nil
}
