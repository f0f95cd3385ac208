package catalog_test

import (
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
)

func TestMoneyIsExactInMajorUnits(t *testing.T) {
	t.Parallel()
	for want, m := range map[string]catalog.Money{
		"19.00":             {MinorUnits: "1900", Currency: "usd"},
		"0.05":              {MinorUnits: "5", Currency: "usd"},
		"0.0125":            {MinorUnits: "1.25", Currency: "chf"},
		"500":               {MinorUnits: "500", Currency: "jpy"},
		"0.5":               {MinorUnits: "0.5", Currency: "jpy"},
		"1.230":             {MinorUnits: "1230", Currency: "kwd"},
		"-0.07":             {MinorUnits: "-7", Currency: "eur"},
		"90071992547409.93": {MinorUnits: "9007199254740993", Currency: "eur"}, // no float holds this
	} {
		if got := m.Amount(); got != want {
			t.Errorf("%+v is %s, want %s", m, got, want)
		}
	}
}

func TestOnlyPricesOfAFixedUnitHaveAnAmount(t *testing.T) {
	t.Parallel()
	if m := (&catalog.Price{UnitAmountDecimal: "0", Currency: "usd"}).Amount(); m == nil || m.Amount() != "0.00" {
		t.Errorf("a free price costs %v", m)
	}
	if m := (&catalog.Price{Currency: "usd", Tiers: []catalog.Tier{{}}}).Amount(); m != nil {
		t.Errorf("tiers cost %v", m)
	}
}
