package product_test

import (
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/product"
)

func sample() catalog.Snapshot {
	return catalog.Snapshot{
		Product: catalog.Product{ID: "prod_1", Name: "Pro", Metadata: map[string]string{"sku": "1"}},
		Prices: []catalog.Price{
			{ID: "price_1", Product: "prod_1", UnitAmountDecimal: "1900", Metadata: map[string]string{"tier": "1"}},
			{ID: "price_2", Product: "prod_1", UnitAmountDecimal: "900"},
		},
	}
}

func TestDigestSeesContentAlone(t *testing.T) {
	t.Parallel()
	want := product.Digest(sample())
	for name, change := range map[string]func(*catalog.Snapshot){
		"stamps": func(s *catalog.Snapshot) {
			s.Product.Metadata[catalog.StampKey] = "t/prod_1/d/0"
			s.Prices[0].Metadata[catalog.StampKey] = "t/price_1/d/1"
		},
		"order of prices": func(s *catalog.Snapshot) { s.Prices[0], s.Prices[1] = s.Prices[1], s.Prices[0] },
		"empty for null": func(s *catalog.Snapshot) {
			s.Prices[1].Metadata = map[string]string{}
			s.Product.Images, s.Product.Features = []string{}, []catalog.Feature{}
		},
	} {
		s := sample()
		change(&s)
		if product.Digest(s) != want {
			t.Errorf("%s changed the digest", name)
		}
	}
	for name, change := range map[string]func(*catalog.Snapshot){
		"name":     func(s *catalog.Snapshot) { s.Product.Name = "Pro+" },
		"metadata": func(s *catalog.Snapshot) { s.Product.Metadata["sku"] = "2" },
		"amount":   func(s *catalog.Snapshot) { s.Prices[0].UnitAmountDecimal = "1900.5" },
		"null":     func(s *catalog.Snapshot) { s.Prices[0].UnitAmountDecimal = "" },
		"active":   func(s *catalog.Snapshot) { s.Prices[1].Active = true },
		"a price":  func(s *catalog.Snapshot) { s.Prices = s.Prices[:1] },
	} {
		s := sample()
		change(&s)
		if product.Digest(s) == want {
			t.Errorf("%s left the digest", name)
		}
	}
}

func TestDigestLeavesTheSnapshotAlone(t *testing.T) {
	t.Parallel()
	s := sample()
	s.Prices[0], s.Prices[1] = s.Prices[1], s.Prices[0]
	s.Product.Metadata[catalog.StampKey] = "mine"
	product.Digest(s)
	if s.Prices[0].ID != "price_2" || s.Product.Metadata[catalog.StampKey] != "mine" {
		t.Errorf("%+v", s)
	}
}
