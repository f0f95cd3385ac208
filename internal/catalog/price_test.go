package catalog_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
)

func TestPriceKeepsEveryDigitAndNull(t *testing.T) {
	t.Parallel()
	var p catalog.Price
	decode(t, `{"id":"price_1","currency":"usd","unit_amount":null,"unit_amount_decimal":"123456789012.123456789012",
		"tiers":[{"flat_amount":0,"flat_amount_decimal":"0","unit_amount":null,"unit_amount_decimal":null,"up_to":null}],
		"recurring":{"interval":"month","interval_count":1,"trial_period_days":null,"usage_type":"licensed"},
		"currency_options":{"usd":{"unit_amount_decimal":"1"},"eur":{"unit_amount_decimal":"0.50"}}}`, &p)
	want := catalog.Price{
		ID: "price_1", Currency: "usd", UnitAmountDecimal: "123456789012.123456789012",
		Tiers:           []catalog.Tier{{FlatAmountDecimal: "0"}},
		Recurring:       &catalog.Recurring{Interval: "month", IntervalCount: 1, UsageType: "licensed"},
		CurrencyOptions: map[string]catalog.CurrencyOption{"eur": {UnitAmountDecimal: "0.5"}},
	}
	if !reflect.DeepEqual(p, want) {
		t.Errorf("got  %+v\nwant %+v", p, want)
	}
	stored, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var again catalog.Price
	decode(t, string(stored), &again)
	if !reflect.DeepEqual(again, want) {
		t.Errorf("after a round trip through the store: %+v", again)
	}
}

func TestAmountsToldOnlyAsIntegersAreKept(t *testing.T) {
	t.Parallel()
	var p catalog.Price
	decode(t, `{"currency":"usd","unit_amount":1900,"tiers":[{"unit_amount":0,"flat_amount":5,"up_to":10}],
		"currency_options":{"eur":{"unit_amount":1800}}}`, &p)
	upTo := int64(10)
	want := catalog.Price{
		Currency: "usd", UnitAmountDecimal: "1900",
		Tiers:           []catalog.Tier{{UnitAmountDecimal: "0", FlatAmountDecimal: "5", UpTo: &upTo}},
		CurrencyOptions: map[string]catalog.CurrencyOption{"eur": {UnitAmountDecimal: "1800"}},
	}
	if !reflect.DeepEqual(p, want) {
		t.Errorf("got  %+v\nwant %+v", p, want)
	}
}

func TestOwnCurrencyAloneIsNoCurrencyOption(t *testing.T) {
	t.Parallel()
	var p catalog.Price
	decode(t, `{"currency":"usd","currency_options":{"usd":{"unit_amount":1900}}}`, &p)
	if p.CurrencyOptions != nil {
		t.Errorf("currency options %v, want none", p.CurrencyOptions)
	}
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}
