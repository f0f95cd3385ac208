package plan

import "github.com/golive-hq/golive/internal/catalog"

// LiveIDs are the live objects that must be there or may be, whatever lists show:
// those that are linked, and those that a deployment has touched.
func (k Known) LiveIDs(touched ...Touched) []string {
	var ids []string
	for _, liveID := range k.Links {
		ids = append(ids, liveID)
	}
	for _, t := range touched {
		ids = append(ids, t.LiveID)
		if t.Product != nil {
			ids = append(ids, t.Product.DefaultPrice) // it may be the default price again
		}
	}
	return ids
}

// TestIDs are the test objects that were there when they were linked, or when the
// product was imported, nil for never.
func (k Known) TestIDs(imported *catalog.Snapshot) []string {
	var ids []string
	for test := range k.Links {
		ids = append(ids, test.ID)
	}
	if imported == nil {
		return ids
	}
	for i := range imported.Prices {
		ids = append(ids, imported.Prices[i].ID)
	}
	return append(ids, imported.Product.ID)
}
