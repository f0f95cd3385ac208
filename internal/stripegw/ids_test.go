package stripegw_test

import (
	"encoding/json"
	"net/url"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/stripesim"
)

// Whatever an id or a lookup key holds, it is one segment of a path and one value of a
// query: by itself, in lists, and in writes.
func TestOddIDsAreReadAndWritten(t *testing.T) {
	t.Parallel()
	for _, id := range []string{
		"a/b?c#d%e", "..", ".", "/", "//x", "?", "#", "%", "%2F", "%zz", "{x}", "a b", "a+b", "a&b=c", ":", ";a,b", "цена/価格", "\"'", "prices", "x?active=false",
	} {
		s := start(t)
		product, price := encoded(t, object{"id": id, "name": "Odd"}), encoded(t, object{
			"id": id, "product": id, "currency": "usd", "unit_amount": 5, "lookup_key": id,
		})
		s.seed(t, stripesim.Live, []string{product, `{"id": "prod_other", "name": "Other"}`}, []string{price, `{"product": "prod_other", "currency": "usd", "unit_amount": 7}`})

		if got, err := s.live.Snapshot(t.Context(), id, nil); err != nil || got == nil || got.Product.ID != id || len(got.Prices) != 1 || got.Prices[0].ID != id {
			t.Errorf("%q: read %+v (%v)", id, got, err)
		}
		if got, err := s.live.Price(t.Context(), id); err != nil || got == nil || got.ID != id {
			t.Errorf("%q: price %+v (%v)", id, got, err)
		}
		if got, err := s.live.PricesByLookupKeys(t.Context(), []string{id}); err != nil || len(got) != 1 {
			t.Errorf("%q: held by %+v (%v)", id, got, err)
		}
		if got, err := s.live.Catalogue(t.Context(), []string{id}); err != nil || len(got) != 1 || got[0].Product.ID != id {
			t.Errorf("%q: catalogue %+v (%v)", id, got, err)
		}
		for _, resource := range []catalog.Resource{catalog.ResourceProduct, catalog.ResourcePrice} {
			written, err := s.live.Send(t.Context(), catalog.Write{
				Path: resource.Path(id), Body: "metadata[" + url.QueryEscape(`a/b?c#d%e {x}:+&"`) + "]=" + url.QueryEscape(id), IdempotencyKey: string(resource),
			})
			if err != nil || written.ID != id {
				t.Errorf("%q: wrote to %q (%v)", id, written.ID, err)
			}
		}
		if got, err := s.live.Price(t.Context(), id); err != nil || got.Metadata[`a/b?c#d%e {x}:+&"`] != id {
			t.Errorf("%q: metadata %v (%v)", id, got, err)
		}
	}
}

type object = map[string]any

func encoded(t *testing.T, o object) string {
	t.Helper()
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
