package catalog_test

import (
	"slices"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
)

func TestUnknownNamesWhatHasNoPlace(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string][]string{
		`{"id":"price_1","object":"price","livemode":false,"type":"recurring","created":5,"unit_amount":5}`: nil,
		`{"metadata":{"any":"key"},"recurring":{"meter":"mtr_1","trial_period_days":3},"tiers":null}`:       nil,
		`{"surcharge":{"percent":3},"anchor":0}`:                                                            {"anchor", "surcharge"},
		`{"surcharge":{"percent":null,"caps":[],"rules":[{"on":false}]},"anchor":"","held":false}`:          nil,
		`{"recurring":{"anchor":"first"},"tiers":[{"up_to":1,"cap":5},{"cap":6,"flat_amount":1}]}`:          {"recurring.anchor", "tiers.cap"},
		`{"currency_options":{"eur":{"unit_amount":5,"cap":1},"usd":{"tiers":[{"cap":2}]}}}`:                {"currency_options.cap", "currency_options.tiers.cap"},
	} {
		if got, err := catalog.Unknown[catalog.Price]([]byte(raw)); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s\nunknown %q, want %q, error %v", raw, got, want, err)
		}
	}
	product := `{"id":"prod_1","type":"service","updated":5,"features":[{"name":"a","icon":"b"}],"package_dimensions":{"height":1,"unit":"inch"},"attributes":["size"]}`
	want := []string{"attributes", "features.icon", "package_dimensions.unit"}
	if got, err := catalog.Unknown[catalog.Product]([]byte(product)); err != nil || !slices.Equal(got, want) {
		t.Errorf("unknown %q, want %q, error %v", got, want, err)
	}
}
