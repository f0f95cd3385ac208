package stripesim_test

import (
	"fmt"
	"strings"
	"testing"
)

// unsound sets a fault of reads by remote control, and takes it back after use.
func (b bench) unsound(fault string, use func()) {
	b.t.Helper()
	id := control[struct{ ID string }](b, "POST", "faults", fault).ID
	use()
	control[object](b, "DELETE", "faults?id="+id, "")
}

func TestWhatIsHiddenIsInNoList(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 5 {
		b.product(fmt.Sprintf("p%d", i))
	}
	b.unsound(`{"kind":"hide","times":-1,"match":{"path":"^/v1/products$"},"ids":["p1","p3"]}`, func() {
		b.ok("GET", "/v1/products?limit=2", "").wants(t, "has_more", "true", "data.0.id", "p4", "data.1.id", "p2")
		b.ok("GET", "/v1/products?limit=2&starting_after=p3", "").wants(t, "has_more", "false", "data.0.id", "p2", "data.1.id", "p0")
		b.ok("GET", "/v1/products?limit=2&ending_before=p1", "").wants(t, "data.0.id", "p4", "data.1.id", "p2")
		b.ok("GET", "/v1/products?ids[]=p1", "").wants(t, "data", "[]")
		b.ok("GET", "/v1/products/p1", "").wants(t, "id", "p1")
	})
	b.unsound(`{"kind":"hide","times":-1}`, func() {
		b.ok("GET", "/v1/products", "").wants(t, "has_more", "false", "data", "[]")
	})
	b.ok("GET", "/v1/products", "").wants(t, "data.4.id", "p0")
}

func TestListsThatDoNotEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.product("p0")
	b.product("p1")
	b.unsound(`{"kind":"stuck","times":-1}`, func() {
		for _, query := range []string{"", "?limit=2&starting_after=p0"} {
			b.ok("GET", "/v1/products"+query, "").wants(t, "has_more", "true", "data.0.id", "p1", "data.1.id", "p0")
		}
	})
	b.unsound(`{"kind":"endless","times":-1}`, func() {
		seen := map[string]bool{}
		cursor := "p0"
		for range 3 {
			page := b.ok("GET", "/v1/products?starting_after="+cursor, "")
			page.wants(t, "has_more", "true", "data.0.name", "Plan", "data.1", "<none>")
			cursor = page.get("data.0.id")
			seen[cursor] = true
		}
		if len(seen) != 3 {
			t.Errorf("ids %v", seen)
		}
	})
}

func TestWhatIsAlteredHoldsAnything(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.product("p0")
	b.product("p1")
	b.unsound(`{"kind":"alter","times":-1,"ids":["p0"],"set":{"package_dimensions":{"height":1.0e-05},"name":"\u0000"}}`, func() {
		for _, path := range []string{"", "/p0"} {
			a := b.ok("GET", "/v1/products"+path, "")
			if !strings.Contains(a.text, `"height":1.0e-05`) || strings.Count(a.text, `"name":"\u0000"`) != 1 {
				t.Errorf("%s: %s", path, a.text)
			}
		}
		b.ok("GET", "/v1/products/p1", "").wants(t, "name", "Plan")
	})
	b.ok("GET", "/v1/products/p0", "").wants(t, "name", "Plan")
}
