package plan

import (
	"encoding/json"

	"github.com/golive-hq/golive/internal/catalog"
)

// TouchedBy tells what a step that took effect has touched: its object under
// liveID, and the price whose lookup key it took.
func TouchedBy(s Step, liveID string) ([]Touched, error) {
	t := Touched{Resource: s.Resource, TestID: s.TestID, LiveID: liveID, Fields: sortedKeys(s.Want)}
	if err := t.before(s.Before); err != nil {
		return nil, err
	}
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
