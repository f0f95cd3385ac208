package plan_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// Every field of the catalogue's types is compared: one that a table forgot
// would be lost in silence.
func TestDriftComparesEveryField(t *testing.T) {
	t.Parallel()
	for name, drift := range map[string]func() []string{
		"product": func() []string { return plan.ProductDrift(filled[catalog.Product](), &catalog.Product{}) },
		"price":   func() []string { return plan.PriceDrift(filled[catalog.Price](), &catalog.Price{}) },
	} {
		compared := strings.Join(drift(), " ")
		for _, field := range jsonFields(map[string]reflect.Type{
			"product": reflect.TypeFor[catalog.Product](), "price": reflect.TypeFor[catalog.Price](),
		}[name]) {
			if field != "id" && field != "product" && field != "-" && !strings.Contains(compared, field) {
				t.Errorf("%s.%s is not compared", name, field)
			}
		}
	}
}
