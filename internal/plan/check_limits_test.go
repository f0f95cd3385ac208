package plan_test

import (
	"strconv"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// The highest amount of each kind of currency passes, and one step more does not.
func TestCheckAmountLimits(t *testing.T) {
	t.Parallel()
	for currency, limit := range map[string]int64{
		"usd": 99_999_999, "eur": 99_999_999, "krw": 99_999_999, "isk": 99_999_900, "ugx": 99_999_900, "kwd": 99_999_990,
		"inr": 999_999_999, "jpy": 9_999_999_999, "cop": 999_999_999_999, "huf": 999_999_999_999, "idr": 999_999_999_999,
		"lbp": 99_999_999_999_999,
	} {
		at := func(amount int64) plan.CheckStatus {
			return statusOf(t, "product_price", costs(catalog.Decimal(strconv.FormatInt(amount, 10)), currency))
		}
		// All nines look like a test's, which is a warning.
		if got := at(limit); got == plan.CheckFailed {
			t.Errorf("%d %s is %s", limit, currency, got)
		}
		if got := at(limit + 100); got != plan.CheckFailed {
			t.Errorf("%d %s is %s", limit+100, currency, got)
		}
	}
	if got := statusOf(t, "product_price", metered("99999999.000000000001", "usd")); got != plan.CheckFailed {
		t.Errorf("a fraction above the highest amount is %s", got)
	}
}

// What Stripe charges at least passes, and one less is a warning.
func TestCheckAmountMinimum(t *testing.T) {
	t.Parallel()
	for currency, minimum := range map[string]int64{
		"usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
		"gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50, "pln": 200,
		"ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
	} {
		for amount, want := range map[int64]plan.CheckStatus{minimum - 1: plan.CheckWarning, minimum + 1: plan.CheckPassed} {
			if got := statusOf(t, "product_price", costs(catalog.Decimal(strconv.FormatInt(amount, 10)), currency)); got != want {
				t.Errorf("%d %s is %s, want %s", amount, currency, got, want)
			}
		}
	}
	// Where no minimum is known, none is missed; nor of what is multiplied first.
	if got := statusOf(t, "product_price", costs("2", "kzt")); got != plan.CheckPassed {
		t.Errorf("two tiyn are %s", got)
	}
	if got := statusOf(t, "product_price", metered("2", "usd")); got != plan.CheckPassed {
		t.Errorf("two cents of a use are %s", got)
	}
}

// A charge is a multiple of the smallest coin, or of what card networks take.
func TestCheckAmountSteps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		amount   catalog.Decimal
		currency string
		want     plan.CheckStatus
	}{
		{"5120", "bhd", plan.CheckPassed},
		{"5125", "bhd", plan.CheckFailed},
		{"5125", "jod", plan.CheckFailed},
		{"5125", "omr", plan.CheckFailed},
		{"5125", "tnd", plan.CheckFailed},
		{"51200", "isk", plan.CheckPassed},
		{"51210", "isk", plan.CheckFailed},
		{"51250", "ugx", plan.CheckFailed},
		{"51250", "usd", plan.CheckPassed},
		{"51250.5", "usd", plan.CheckPassed},
		{"51250.5", "krw", plan.CheckWarning},
	} {
		if got := statusOf(t, "product_price", costs(c.amount, c.currency)); got != c.want {
			t.Errorf("%s %s is %s, want %s", c.amount, c.currency, got, c.want)
		}
	}
}

// What customers may choose lies between bounds that do not cross; a bound that is
// not set crosses nothing.
func TestCheckPriceThatCustomersChoose(t *testing.T) {
	t.Parallel()
	five, seven, nine := int64(500), int64(700), int64(900)
	for name, c := range map[string]struct {
		custom catalog.CustomUnitAmount
		want   plan.CheckStatus
	}{
		"free":                         {catalog.CustomUnitAmount{}, plan.CheckPassed},
		"between":                      {catalog.CustomUnitAmount{Minimum: &five, Preset: &seven, Maximum: &nine}, plan.CheckPassed},
		"all one":                      {catalog.CustomUnitAmount{Minimum: &five, Preset: &five, Maximum: &five}, plan.CheckPassed},
		"minimum above maximum":        {catalog.CustomUnitAmount{Minimum: &seven, Maximum: &five}, plan.CheckFailed},
		"preset below minimum":         {catalog.CustomUnitAmount{Minimum: &seven, Preset: &five}, plan.CheckFailed},
		"preset above maximum":         {catalog.CustomUnitAmount{Maximum: &seven, Preset: &nine}, plan.CheckFailed},
		"only a preset":                {catalog.CustomUnitAmount{Preset: &five}, plan.CheckPassed},
		"maximum too high":             {catalog.CustomUnitAmount{Maximum: new(int64(100_000_000))}, plan.CheckFailed},
		"minimum and preset too high":  {catalog.CustomUnitAmount{Minimum: new(int64(100_000_000))}, plan.CheckFailed},
		"preset alone, and too high":   {catalog.CustomUnitAmount{Preset: new(int64(100_000_000))}, plan.CheckFailed},
		"a bound that looks like test": {catalog.CustomUnitAmount{Minimum: new(int64(1))}, plan.CheckPassed},
	} {
		got := statusOf(t, "product_price", price(func(p *catalog.Price) {
			p.UnitAmountDecimal, p.Recurring, p.CustomUnitAmount = "", nil, &c.custom
		}))
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// Tiers ascend, all have an amount, and just the last one is open-ended.
func TestCheckPriceTiers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tiers []catalog.Tier
		want  plan.CheckStatus
	}{
		"one":                     {[]catalog.Tier{tier("", "5", 0)}, plan.CheckPassed},
		"three":                   {[]catalog.Tier{tier("1", "", 5), tier("", "5", 6), tier("0", "0", 0)}, plan.CheckPassed},
		"none":                    {nil, plan.CheckFailed},
		"one that ends":           {[]catalog.Tier{tier("", "5", 5)}, plan.CheckFailed},
		"two ends alike":          {[]catalog.Tier{tier("", "5", 5), tier("", "4", 5), tier("", "3", 0)}, plan.CheckFailed},
		"no amount in the last":   {[]catalog.Tier{tier("", "5", 5), tier("", "", 0)}, plan.CheckFailed},
		"no end in the middle":    {[]catalog.Tier{tier("", "5", 5), tier("", "4", 0), tier("", "3", 0)}, plan.CheckFailed},
		"a negative amount":       {[]catalog.Tier{tier("-1", "5", 0)}, plan.CheckFailed},
		"a negative unit":         {[]catalog.Tier{tier("1", "-5", 0)}, plan.CheckFailed},
		"an amount with an odd ¢": {[]catalog.Tier{tier("", "1", 0)}, plan.CheckPassed},
	} {
		if got := statusOf(t, "product_price", tiers(c.tiers...)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
