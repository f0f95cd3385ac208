package stripesim_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/stripesim/simtest"
)

// BenchmarkCalls measures the simulator alone, without network and checks, on
// a catalogue of 3,000 products and 12,000 prices.
func BenchmarkCalls(b *testing.B) {
	s := simtest.Start(b)
	seedMany(b, s, 3000, 4)
	for _, c := range []struct{ name, method, path, form string }{
		{"get product", "GET", "/v1/products/prod_1500", ""},
		{"update product", "POST", "/v1/products/prod_1500", "metadata[a]=b"},
		{"create price", "POST", "/v1/prices", "product=prod_1500&currency=usd&unit_amount=5&recurring[interval]=month"},
		{"prices of a product", "GET", "/v1/prices?product=prod_1600&active=true", ""},
		{"prices by lookup key", "GET", "/v1/prices?lookup_keys[]=none", ""},
		{"last page of 100 prices", "GET", "/v1/prices?limit=100&starting_after=price_30_0&expand[]=data.tiers&expand[]=data.currency_options", ""},
		{"archived prices, none", "GET", "/v1/prices?limit=100&active=false", ""},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.form))
				r.Header.Set("Authorization", "Bearer "+s.Account.TestKey)
				w := httptest.NewRecorder()
				s.Sim.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Body)
				}
			}
		})
	}
}
