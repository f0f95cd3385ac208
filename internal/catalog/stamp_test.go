package catalog_test

import (
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
)

const (
	someTenant     = "0198c0de-0000-7000-8000-000000000001"
	someDeployment = "0198c0de-0000-7000-8000-000000000002"
)

// A stamp says whatever id it was made of, and what other versions made stays readable.
func TestStampOfAnyID(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"price_1", "a/b", "/", "//", "a/b/3", someTenant + "/x/" + someDeployment + "/7", "", "a b?c#d%e{f}+&:", "цена/価格", "stamp"} {
		made := catalog.Stamp{Tenant: someTenant, TestID: id, Deployment: someDeployment, Step: 12}
		got, ok := catalog.StampOf(map[string]string{catalog.StampKey: made.String()})
		if !ok || got != made {
			t.Errorf("%q: read %+v (%v)", id, got, ok)
		}
	}
}

func TestStampOfWhatIsNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "yes", "a/b/c", "a/b/c/d", "a/b/c/", "1", "a/1", "a/b/1", "///"} {
		if got, ok := catalog.StampOf(map[string]string{catalog.StampKey: text}); ok {
			t.Errorf("%q was read as %+v", text, got)
		}
	}
	if got, ok := catalog.StampOf(map[string]string{catalog.StampKey: "t/price_a/d1/3"}); !ok || got != (catalog.Stamp{Tenant: "t", TestID: "price_a", Deployment: "d1", Step: 3}) {
		t.Errorf("an old stamp was read as %+v", got)
	}
}
