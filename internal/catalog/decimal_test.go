package catalog_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
)

func TestDecimalsAreReadExactly(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]catalog.Decimal{
		`1.0e-05`: "0.00001", `1E3`: "1000", `1e+3`: "1000", `12.5e1`: "125", `12.50e0`: "12.5", `0e9`: "0", `0.000e-3`: "0",
		`-2.5e-1`: "-0.25", `120e-1`: "12", `"1e-2"`: "0.01", `123456789012.123456789012e-3`: "123456789.012123456789012",
		`1e100`: catalog.Decimal("1" + strings.Repeat("0", 100)), `1e-100`: catalog.Decimal("0." + strings.Repeat("0", 99) + "1"),
		`19.90`: "19.9", `"0"`: "0", `"1.000"`: "1", `".5"`: ".5", `null`: "", `""`: "", `100`: "100",
	} {
		var got catalog.Decimal
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s is %q, %v, want %q", text, got, err, want)
		}
	}
}

// A number that would fill the memory is none.
func TestWhatIsNoDecimal(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`1e999999999`, `1e-999999999`, `1e101`, `1e99999999999999999999`, `"1e"`, `"e5"`, `"."`, `"-"`, `"1-2"`, `"1.2.3"`, `"0x10"`, `"NaN"`, `"1 "`, `{}`, `true`,
	} {
		got := catalog.Decimal("before")
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s is %q", text, got)
		}
	}
}

func TestIntegersAreReadFromPlainNumbers(t *testing.T) {
	t.Parallel()
	raw := `{"recurring":{"interval_count":1E0,"trial_period_days":14.0},"tiers":[{"up_to":1e3}],"custom_unit_amount":{"minimum":5e+1},"nickname":"1E3"}`
	var p catalog.Price
	if err := json.Unmarshal(catalog.PlainNumbers([]byte(raw)), &p); err != nil {
		t.Fatal(err)
	}
	if p.Recurring.IntervalCount != 1 || *p.Recurring.TrialPeriodDays != 14 || *p.Tiers[0].UpTo != 1000 || *p.CustomUnitAmount.Minimum != 50 || p.Nickname != "1E3" {
		t.Errorf("%+v", p)
	}
	for _, untouched := range []string{`{"a":1e999999999}`, `no JSON`} {
		if got := string(catalog.PlainNumbers([]byte(untouched))); got != untouched {
			t.Errorf("%s became %s", untouched, got)
		}
	}
}
