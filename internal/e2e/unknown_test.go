package e2e_test

import (
	"encoding/json"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/stripesim"
)

// TestNothingOfTheCataloguesIsUnknown: the warning of fields that Golive does not
// copy is for those alone.
func TestNothingOfTheCataloguesIsUnknown(t *testing.T) {
	t.Parallel()
	knowsAll(t, "the demo shop", stripesim.DemoCatalogue())
	for _, c := range loadCorpus(t) {
		w := &world{}
		for _, p := range c.Phases {
			if err := w.apply(p.Test, nil); err != nil {
				t.Fatalf("%s: %v", c.File, err)
			}
			knowsAll(t, c.File, w.state())
		}
	}
}

func knowsAll(t *testing.T, name string, s stripesim.State) {
	t.Helper()
	unknownOf[catalog.Product](t, name, s.Products)
	unknownOf[catalog.Price](t, name, s.Prices)
}

func unknownOf[T catalog.Product | catalog.Price](t *testing.T, name string, objects []json.RawMessage) {
	t.Helper()
	for _, raw := range objects {
		if unknown, err := catalog.Unknown[T](raw); err != nil || len(unknown) > 0 {
			t.Errorf("%s: unknown %q, error %v in %s", name, unknown, err, raw)
		}
	}
}
