package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/server"
	"github.com/golive-hq/golive/internal/tenant"
)

// An offer that nobody takes up is no reason to refuse a request: Java's client makes one
// with each.
func TestUpgradesToOthersAreNotHeeded(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, offer := range []string{"h2c", "TLS/1.0", "h2c, foo/2", "foo, websocket-x"} {
		headers := map[string]string{"Connection": "Upgrade, HTTP2-Settings", "Upgrade": offer, "HTTP2-Settings": "AAEAAEAAAAIAAAAB"}
		for method, path := range map[string]string{http.MethodPost: "/graphql", http.MethodGet: "/graphql?query=%7B__typename%7D"} {
			status, _, body := s.send(t, method, path, "", []byte(`{"query":"{ __typename }"}`), headers)
			if status != http.StatusOK || !strings.Contains(string(body), `"Query"`) {
				t.Errorf("%s with Upgrade: %s: %d %s", method, offer, status, body)
			}
		}
	}
	// A POST is no handshake.
	status, _, body := s.send(t, http.MethodPost, "/graphql", "", []byte(`{"query":"{ __typename }"}`), map[string]string{"Connection": "Upgrade", "Upgrade": "websocket"})
	if status != http.StatusOK {
		t.Errorf("POST: %d %s", status, body)
	}
}

func TestAcceptIsWeighed(t *testing.T) {
	t.Parallel()
	s := start(t)
	for accept, want := range map[string]string{
		"": jsonType, "*/*": jsonType, "text/html": jsonType,
		graphqlType: graphqlType,
		graphqlType + ";q=0.5, " + jsonType + ";q=0.9":               jsonType,
		jsonType + ";q=0.5, " + graphqlType + ";q=0.9":               graphqlType,
		graphqlType + "; charset=utf-8, " + jsonType:                 graphqlType,
		jsonType + ", " + graphqlType:                                jsonType,
		graphqlType + ";q=0, " + jsonType + ";q=0.1":                 jsonType,
		graphqlType + ";q=0":                                         jsonType,
		"text/html, " + graphqlType + ";q=x, " + jsonType + ";q=0.1": jsonType,
	} {
		_, header, _ := s.send(t, http.MethodPost, "/graphql", "", []byte(`{"query":"{ __typename }"}`), map[string]string{"Accept": accept})
		if got := header.Get("Content-Type"); got != want+"; charset=utf-8" {
			t.Errorf("%q gets %s, want %s", accept, got, want)
		}
	}
}

func TestHeadIsAGetWithoutBody(t *testing.T) {
	t.Parallel()
	s := start(t)
	for path, want := range map[string]int{
		"/graphql?query=%7B__typename%7D": 200, "/graphql": 400, "/healthz": 200, "/": 404,
		"/graphql?query=mutation%7BdeployNow(input:%7BdeploymentId:%22x%22,version:1%7D)%7BuserErrors%7Bcode%7D%7D%7D": 405,
	} {
		status, header, body := s.send(t, http.MethodHead, path, "", nil, nil)
		if status != want || len(body) > 0 || header.Get("Content-Type") == "" {
			t.Errorf("HEAD %s: %d %v %s", path, status, header, body)
		}
	}
	_, header, _ := s.send(t, http.MethodPut, "/graphql", "", []byte(`{}`), nil)
	if header.Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("Allow: %s", header.Get("Allow"))
	}
}

func TestRefusedEncodingsAreNamed(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, tokens := s.newTenant(t, "acme")
	for _, path := range []string{"/graphql", "/api/v1/products/deploy"} {
		status, header, _ := s.send(t, http.MethodPost, path, tokens[tenant.RoleAdmin], []byte("\x1f\x8b"), map[string]string{"Content-Encoding": "gzip"})
		if status != http.StatusUnsupportedMediaType || header.Get("Accept-Encoding") != "identity" {
			t.Errorf("%s: %d %v", path, status, header)
		}
	}
}

// The page is at home at the public address, whatever a proxy calls the server.
func TestThePublicOriginIsOurs(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *server.Config) { c.PublicURL = "http://golive.example.com/below" })
	for origin, want := range map[string]int{"http://golive.example.com": 200, "https://golive.example.com": 403, "http://evil.example.com": 403} {
		status, _, body := s.send(t, http.MethodPost, "/graphql", "", []byte(`{"query":"{ __typename }"}`), map[string]string{"Origin": origin})
		if status != want {
			t.Errorf("%s: %d %s", origin, status, body)
		}
	}
}

func TestThePlaygroundIsForCallersWithACredential(t *testing.T) {
	t.Parallel()
	s, dev := start(t), start(t, inDevelopment)
	_, tokens := s.newTenant(t, "acme")
	for _, path := range []string{"/playground", "/playground/playground.js"} {
		for name, c := range map[string]struct {
			s     *stack
			token string
			want  int
		}{
			"nobody": {s, "", 401}, "a token": {s, tokens[tenant.RoleViewer], 200}, "a wrong one": {s, "glt_wrong", 401}, "development": {dev, "", 200},
		} {
			if status, _, _ := c.s.send(t, http.MethodGet, path, c.token, nil, nil); status != c.want {
				t.Errorf("%s for %s: %d", path, name, status)
			}
		}
	}
}

// How long a list is, is asked for those who want to know.
func TestListsAreCountedWhereAsked(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, _ := s.newShop(t, "acme")
	for _, list := range []string{"products", "deployments", "upcoming"} {
		query := `query ($count: Boolean!) { tenant(slug: "acme") { ` + list + `(first: 5) { nodes { id } totalCount @include(if: $count) } } }`
		cost := func(count bool) int64 {
			s.ok(t, token, query, vars{"count": count})
			before := s.queries.n.Load()
			s.ok(t, token, query, vars{"count": count})
			return s.queries.n.Load() - before
		}
		if with, without := cost(true), cost(false); with != without+1 {
			t.Errorf("%s: %d questions with a count, %d without", list, with, without)
		}
	}
}

// Everything that is asked of the database for a caller ends.
func TestOperationsHaveADeadline(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, token, products := s.newShop(t, "acme")
	for query, most := range map[string]time.Duration{
		`{ tenant(slug: "acme") { products(first: 1) { nodes { id } } } }`:                                            10 * time.Second,
		`mutation { goLive(input: {productId: "` + products[0] + `"}) { userErrors { code } } }`:                      10 * time.Second,
		`{ ...f } fragment f on Query { ... { validateProduct(productId: "` + products[0] + `") { ok } } }`:           time.Minute,
		`mutation { importProducts(input: {tenantId: "` + tenantID + `"}) { imported userErrors { code message } } }`: 5 * time.Minute,
	} {
		s.queries.longest.Store(0)
		s.ok(t, token, query, nil)
		if got := time.Duration(s.queries.longest.Load()); got > most || got < most*9/10 {
			t.Errorf("%s may take %v, want %v", query, got, most)
		}
	}
	for path, body := range map[string]string{
		"/api/v1/products/deploy": `{"action":"status","productId":"prod_unknown"}`,
		s.calendar(t, "acme"):     "", s.link(t, tenantID, "ada@acme.example"): "",
	} {
		s.queries.longest.Store(0)
		method := http.MethodGet
		if body != "" {
			method = http.MethodPost
		}
		status, _, text := s.send(t, method, path, token, []byte(body), nil)
		if got := time.Duration(s.queries.longest.Load()); got > 10*time.Second || got < 9*time.Second {
			t.Errorf("%s may take %v: %d %s", path, got, status, text)
		}
	}
}

// Where the database is away it says so by its status, before and behind the door.
func TestTroubleOfTheDatabaseIsUnavailable(t *testing.T) {
	t.Parallel()
	var away func() error
	s := start(t, func(c *server.Config) {
		c.API.Unavailable = func(err error) error {
			if away != nil && err != nil {
				return postgres.Unavailable(away())
			}
			return err
		}
	})
	_, token, products := s.newShop(t, "acme")
	away = func() error { return context.DeadlineExceeded }
	s.acting.Close()
	for path, body := range map[string]string{
		"/graphql":                `{"query":"{ viewer { email } }"}`,
		"/api/v1/products/deploy": `{"action":"validate","productId":"` + products[0] + `"}`,
	} {
		status, header, text := s.send(t, http.MethodPost, path, token, []byte(body), nil)
		if status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" || !strings.Contains(string(text), "UNAVAILABLE") {
			t.Errorf("%s: %d %v %s", path, status, header, text)
		}
	}
	status, header, text := s.send(t, http.MethodGet, "/calendar/glc_x.ics", "", nil, nil)
	if status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
		t.Errorf("calendar: %d %v %s", status, header, text)
	}
	if status, _, _ := s.send(t, http.MethodGet, "/unsubscribe/x", "", nil, nil); status != http.StatusServiceUnavailable {
		t.Errorf("unsubscribe: %d", status)
	}
}

// aliases is one field, n times over.
func aliases(n int, field string) string {
	var all strings.Builder
	for i := range n {
		fmt.Fprintf(&all, "a%d: %s ", i, field)
	}
	return all.String()
}

// A mutation that was carried out is not told as one that was refused, or could be tried
// again, because nobody can have its result.
func TestMutationsWithoutAResultWereCarriedOut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ trouble, fields, code string }{
		"too large":  {`UPDATE products SET name = repeat('x', 20000)`, "tenant { products(first: 100) { nodes {" + aliases(100, "name") + "} } }", "BAD_REQUEST"},
		"unreadable": {`ALTER TABLE deployment_steps RENAME TO away`, "steps { index }", "UNAVAILABLE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, func(c *server.Config) {
				c.API.Unavailable = func(err error) error {
					if err != nil && strings.Contains(err.Error(), "deployment_steps") {
						return fault.New(fault.Unavailable, "Try again.")
					}
					return err
				}
			})
			_, token, products := s.newShop(t, "acme")
			_, err := s.pool.Exec(t.Context(), c.trouble)
			must(t, err)
			body, err := json.Marshal(vars{"query": `mutation { goLive(input: {productId: "` + products[0] + `"}) { deployment { ` + c.fields + ` } userErrors { code } } }`})
			must(t, err)
			status, _, text := s.send(t, http.MethodPost, "/graphql", token, body, map[string]string{"Accept": graphqlType})
			if status != http.StatusOK || !strings.Contains(string(text), "was carried out") || !strings.Contains(string(text), c.code) || !strings.Contains(string(text), `"data":`) {
				t.Errorf("%d %.500s", status, text)
			}
			var deployments int
			must(t, s.pool.QueryRow(t.Context(), `SELECT count(*) FROM deployments`).Scan(&deployments))
			if deployments != 1 {
				t.Errorf("%d deployments", deployments)
			}
		})
	}
}

// What a lock keeps from its caller is told, not waited for.
func TestALockedProductIsBusy(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *server.Config) { c.API.Unavailable = postgres.Unavailable })
	_, token, products := s.newShop(t, "acme")
	tx, err := s.pool.Begin(t.Context())
	must(t, err)
	defer func() { _ = tx.Rollback(context.Background()) }()
	_, err = tx.Exec(t.Context(), `SELECT FROM products WHERE id = $1 FOR UPDATE`, products[0])
	must(t, err)
	_, err = s.pool.Exec(t.Context(), fmt.Sprintf(`ALTER DATABASE %q SET lock_timeout = '50ms'`, s.pool.Config().ConnConfig.Database))
	must(t, err)
	s.acting.Reset() // new sessions have the limit
	// A preview has nothing to wait for.
	s.ok(t, token, `query ($p: ID!) { validateProduct(productId: $p) { ok } }`, vars{"p": products[0]})
	a := s.post(t, token, `mutation ($p: ID!) { goLive(input: {productId: $p}) { deployment { id } userErrors { code } } }`, vars{"p": products[0]})
	if a.Status != http.StatusServiceUnavailable || a.code() != string(fault.Unavailable) || a.Header.Get("Retry-After") == "" {
		t.Errorf("%d %+v", a.Status, a)
	}
	if err := tx.Rollback(t.Context()); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	s.ok(t, token, `mutation ($p: ID!) { goLive(input: {productId: $p}) { deployment { id } userErrors { code } } }`, vars{"p": products[0]})
}
