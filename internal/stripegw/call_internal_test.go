package stripegw

import "testing"

func TestEndpointsAreMethodAndTemplate(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/v1/prices":                   "POST /v1/prices",
		"/v1/prices/price_1":           "POST /v1/prices/{id}",
		"/v1/products/a%2Fb":           "POST /v1/products/{id}",
		"/v1/products/prod_1/features": "POST /v1/products/{id}/features",

		"/v1/checkout/sessions":             "POST /v1/checkout/sessions",
		"/v1/checkout/sessions/cs_1/expire": "POST /v1/checkout/sessions/{id}/expire",
	} {
		if got := (call{method: "POST", path: path}).endpoint(); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
