package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/golive-hq/golive/internal/tenant"
)

// A name that is said twice is no wish: who keeps the last of them would do what who
// keeps the first never saw.
func TestOnceInRequests(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	const rest, graphql = "/api/v1/products/deploy", "/graphql"
	product := `"productId":"` + products[0] + `"`
	goLive := `"query":"mutation ($h: String) { goLive(input: {productId: \"` + products[0] + `\", planHash: $h}) { deployment { id } } }"`
	const inputs = `"query":"mutation ($in: GoLiveInput!) { goLive(input: $in) { deployment { id } } }"`
	for name, c := range map[string]struct{ path, body string }{
		"planHash, then null":     {rest, `{"action":"deploy",` + product + `,"planHash":"v1:stale","planHash":null}`},
		"two actions":             {rest, `{"action":"validate","action":"deploy",` + product + `}`},
		"an action in two cases":  {rest, `{"action":"validate","Action":"deploy",` + product + `}`},
		"another case alone":      {rest, `{"ACTION":"deploy",` + product + `}`},
		"deep in REST":            {rest, `{"action":"schedule",` + product + `,"notifications":{"email":true,"email":false}}`},
		"a variable":              {graphql, `{` + goLive + `,"variables":{"h":"v1:stale","h":null}}`},
		"a variable in two cases": {graphql, `{` + goLive + `,"variables":{"h":"v1:stale","H":null}}`},
		"a query in two cases":    {graphql, `{"query":"{ __typename }",` + strings.Replace(goLive, "query", "QUERY", 1) + `}`},
		"a query in capitals":     {graphql, `{` + strings.Replace(goLive, "query", "Query", 1) + `}`},
		"two queries":             {graphql, `{"query":"{ __typename }",` + goLive + `}`},
		"variables":               {graphql, `{` + goLive + `,"variables":{"h":"v1:stale"},"variables":{}}`},
		"escaped":                 {graphql, `{` + goLive + `,"variables":{"h":"v1:stale","\u0068":null}}`},
		"deep in an input":        {graphql, `{` + inputs + `,"variables":{"in":{` + product + `,"planHash":"v1:stale","planHash":null}}}`},
	} {
		status, _, text := s.send(t, http.MethodPost, c.path, token, []byte(c.body), nil)
		if status != http.StatusBadRequest || !strings.Contains(string(text), `"code":"BAD_REQUEST"`) {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	if n := s.count(t, "SELECT count(*) FROM deployments"); n != 0 {
		t.Errorf("%d deployments came of it", n)
	}
}

func (s *stack) count(t *testing.T, query string) (n int) {
	t.Helper()
	must(t, s.pool.QueryRow(t.Context(), query).Scan(&n))
	return n
}

func TestOnceInHeadersAndURLs(t *testing.T) {
	t.Parallel()
	s := start(t)
	for name, header := range map[string]http.Header{
		"two tokens": {"Authorization": {"Bearer a", "Bearer b"}, "Content-Type": {"application/json"}},
		"two types":  {"Content-Type": {"application/json", "text/plain"}},
	} {
		for _, path := range []string{"/graphql", "/api/v1/products/deploy"} {
			r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(`{"query":"{ __typename }"}`))
			r.Header = header
			w := httptest.NewRecorder()
			s.server.ServeHTTP(w, r)
			if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "BAD_REQUEST") {
				t.Errorf("%s to %s: %d %s", name, path, w.Code, w.Body)
			}
		}
	}
	for _, query := range []string{
		"query={__typename}&query={x}", "query={__typename}&QUERY={x}", "Query={__typename}",
		`query={__typename}&variables={}&variables={}`, `query={__typename}&variables={%22a%22:1,%22a%22:2}`, "query={__typename}%23%ff",
	} {
		status, _, text := s.send(t, http.MethodGet, "/graphql?"+query, "", nil, nil)
		if status != http.StatusBadRequest || !strings.Contains(string(text), "BAD_REQUEST") {
			t.Errorf("%s: %d %s", query, status, text)
		}
	}
}

func TestOnceOnSockets(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, tokens := s.newTenant(t, "acme")
	init := `{"type":"connection_init","payload":{"authorization":"Bearer ` + tokens[tenant.RoleViewer] + `"}}`
	for text, code := range map[string]websocket.StatusCode{
		`{"type":"connection_init","payload":{"authorization":"","Authorization":"Bearer x"}}`: 4400,
		`{"type":"connection_init","payload":{"authorization":"Bearer x","authorization":""}}`: 4400,
		`{"type":"ping","type":"connection_init"}`:                                             4400,
		`{"TYPE":"ping"}`:                                  4400,
		`{"type":"ping","Payload":{}}`:                     4400,
		`{"type":"ping","payload":[]}`:                     4400,
		`{"type":"ping","payload":"x"}`:                    4400,
		`{"type":"ping","payload":1}`:                      4400,
		`{"type":"ping","payload":true}`:                   4400,
		`{"type":"pong","payload":[]}`:                     4400,
		`{"type":"complete"}`:                              4400,
		`{"type":"ping","payload":{"x":"\ud83d"}}`:         4400,
		"{\"type\":\"ping\",\"payload\":{\"x\":\"\xff\"}}": websocket.StatusInvalidFramePayloadData,
		`{"type":"subscribe","id":"1","payload":{"query":"query ($a: Int) { __typename }","variables":{"a":1,"a":2}}}`: 4400,
	} {
		socket := s.dial(t, nil)
		if !strings.Contains(text, "connection_init") {
			socket.sendText(t, init)
			socket.want(t, "connection_ack")
		}
		socket.sendText(t, text)
		socket.wantClose(t, code)
	}
}

// The protocol lets a client say that there is no payload.
func TestPingWithoutPayload(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, tokens := s.newTenant(t, "acme")
	socket := s.open(t, tokens[tenant.RoleViewer])
	socket.sendText(t, `{"type":"ping","payload":null}`)
	socket.want(t, "pong")
}

// What is no UTF-8 is not guessed at.
func TestEncodingOfBodies(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, tokens := s.newTenant(t, "acme")
	for name, c := range map[string]struct {
		contentType, encoding, body string
		status                      int
		says                        string
	}{
		"utf-8":        {`application/json; charset="UTF-8"`, "", `{"query":"{ __typename }"}`, 200, "Query"},
		"utf8":         {"application/json;charset=utf8", "", `{"query":"{ __typename }"}`, 200, "Query"},
		"utf-16":       {"application/json; charset=utf-16", "", `{"query":"{ __typename }"}`, 415, "UTF-8"},
		"iso-8859-1":   {"application/json; charset=iso-8859-1", "", `{"query":"{ __typename }"}`, 415, "UTF-8"},
		"two charsets": {"application/json; charset=utf-8; charset=utf-16", "", `{"query":"{ __typename }"}`, 415, "application/json"},
		"gzip":         {"application/json", "gzip", "\x1f\x8b", 415, "Content-Encoding"},
		"mark":         {"application/json", "", "\ufeff" + `{"query":"{ __typename }"}`, 400, "byte order mark"},
		"utf-16 mark":  {"application/json", "", "\xff\xfe{\x00}\x00", 400, "byte order mark"},
		"latin-1":      {"application/json", "", "{\"query\":\"{ __typename } # f\xfcr\"}", 400, "UTF-8"},
	} {
		headers := map[string]string{"Content-Type": c.contentType}
		if c.encoding != "" {
			headers["Content-Encoding"] = c.encoding
		}
		for _, path := range []string{"/graphql", "/api/v1/products/deploy"} {
			status, _, text := s.send(t, http.MethodPost, path, tokens["ADMIN"], []byte(c.body), headers)
			if path != "/graphql" && c.status == 200 {
				continue
			}
			if status != c.status || !strings.Contains(string(text), c.says) {
				t.Errorf("%s to %s: %d %s", name, path, status, text)
			}
		}
	}
}
