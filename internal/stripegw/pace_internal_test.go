package stripegw

import (
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
)

func TestDefaultRatesLeaveRoomBelowStripesLimits(t *testing.T) {
	t.Parallel()
	g := New(Config{})
	live, test := g.paces.of(catalog.Live, "acct_1"), g.paces.of(catalog.Test, "acct_1")
	if live.account.Limit() != 80 || live.account.Burst() != 80 {
		t.Errorf("live: %v a second, burst %d", live.account.Limit(), live.account.Burst())
	}
	if test.account.Limit() != 20 || test.account.Burst() != 20 {
		t.Errorf("test: %v a second, burst %d", test.account.Limit(), test.account.Burst())
	}
	if live.perEndpoint != 20 {
		t.Errorf("endpoint: %v a second", live.perEndpoint)
	}
}

func TestEndpointsAreMethodAndTemplate(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/v1/prices":                   "POST /v1/prices",
		"/v1/prices/price_1":           "POST /v1/prices/{id}",
		"/v1/products/a%2Fb":           "POST /v1/products/{id}",
		"/v1/products/prod_1/features": "POST /v1/products/{id}/features",
	} {
		if got := (call{method: "POST", path: path}).endpoint(); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
