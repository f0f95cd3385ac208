package catalog_test

import (
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
)

// An id is one segment of the path, whatever it holds, and no way to another one.
func TestPathIsOneSegment(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"prod_1": "/v1/products/prod_1", "a/b?c#d": "/v1/products/a%2Fb%3Fc%23d", ".": "/v1/products/%2E", "..": "/v1/products/%2E%2E", "a..b": "/v1/products/a..b",
	} {
		if got := catalog.ResourceProduct.Path(id); got != want {
			t.Errorf("%q: %s, want %s", id, got, want)
		}
	}
}
