package server_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/server"
)

// below serves s as a proxy does that keeps a path for it, and nothing else.
func below(t *testing.T, s *stack, path string) *url.URL {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(path+"/", http.StripPrefix(path, s.server))
	proxy := httptest.NewServer(mux)
	t.Cleanup(proxy.Close)
	u, err := url.Parse(proxy.URL + path + "/")
	must(t, err)
	return u
}

func page(t *testing.T, at *url.URL) (*url.URL, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at.String(), nil)
	must(t, err)
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(t, err)
	if res.StatusCode != http.StatusOK {
		t.Errorf("%s: %d", at, res.StatusCode)
	}
	return res.Request.URL, string(body)
}

var links = regexp.MustCompile(`(?:href|src)="([^"]*)"`)

// Whatever a page needs and leads to is found below the path that it is served at, and
// the playground asks the API there.
func TestPagesWorkBelowAPath(t *testing.T) {
	t.Parallel()
	const path = "/tools/golive"
	s := start(t, inDevelopment, func(c *server.Config) { c.PublicURL = "https://example.com" + path })
	base := below(t, s, path)
	for _, from := range []string{"playground", "playground/", "playground/index.html"} {
		start, err := base.Parse(from)
		must(t, err)
		at, body := page(t, start)
		found := links.FindAllStringSubmatch(body, -1)
		if len(found) == 0 {
			t.Errorf("%s links nothing", at)
		}
		for _, link := range found {
			to, err := at.Parse(link[1])
			must(t, err)
			if !strings.HasPrefix(to.Path, path+"/") {
				t.Errorf("%s leads to %s", at, to)
			}
			page(t, to)
		}
	}
	script, err := base.Parse("playground/playground.js")
	must(t, err)
	if _, code := page(t, script); strings.Contains(code, "location.origin") || !strings.Contains(code, `new URL("graphql",location.href)`) || strings.Contains(code, `href:"/"`) {
		t.Error("the playground asks the API somewhere else")
	}
}

func TestRESTTakesStripesIDs(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	mine := s.ok(t, token, `query($id: ID!) { product(id: $id) { stripeProductId } }`, vars{"id": products[0]})
	stripeID := get(t, mine, "product", "stripeProductId")
	for _, action := range []string{"validate", "status", "deploy"} {
		status, got := s.rest(t, token, vars{"action": action, "productId": stripeID})
		if status >= 300 || got["error"] != nil {
			t.Errorf("%s: %d %v", action, status, got)
		}
		if action == "deploy" && get(t, got, "deployment", "product", "id") != products[0] {
			t.Errorf("another product: %v", got)
		}
	}
	_, other, _ := s.newShop(t, "other")
	for _, id := range []string{"prod_nowhere", "' OR ''='", "PROD_SIMPLE"} {
		status, got := s.rest(t, other, vars{"action": "deploy", "productId": id})
		if status != http.StatusNotFound || get(t, got, "error", "code") != "NOT_FOUND" {
			t.Errorf("%q: %d %v", id, status, got)
		}
	}
	status, got := s.rest(t, other, vars{"action": "deploy", "productId": "prod_\x00"})
	if status != http.StatusBadRequest || get(t, got, "error", "code") != "INVALID_INPUT" || !slices.Equal(get(t, got, "error", "field").([]any), []any{"productId"}) {
		t.Errorf("what no id can be: %d %v", status, got)
	}
	// Another spelling of our own id stays one.
	if status, got := s.rest(t, token, vars{"action": "validate", "productId": strings.ToUpper(products[0])}); status != http.StatusOK {
		t.Errorf("%d %v", status, got)
	}
}
