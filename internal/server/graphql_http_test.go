package server_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/server"
)

const (
	jsonType    = "application/json"
	graphqlType = "application/graphql-response+json"
)

// The statuses are those of the GraphQL over HTTP specification; all 61 checks
// of the graphql-http package's server audit agree.
func TestGraphQLOverHTTP(t *testing.T) {
	t.Parallel()
	s := start(t, inDevelopment)
	get := func(query string) string { return "/graphql?query=" + url.QueryEscape(query) }
	cases := map[string]struct {
		method, path, body, accept, contentType string
		status                                  int
		want                                    string
	}{
		"a query":                       {body: `{"query":"{ __typename }"}`, status: 200, want: `"data":{"__typename":"Query"}`},
		"nulls for what is left out":    {body: `{"query":"{ __typename }","variables":null,"operationName":null,"extensions":null}`, status: 200, want: `"data"`},
		"variables":                     {body: `{"query":"query ($n: String!) { __type(name: $n) { name } }","variables":{"n":"Product"}}`, status: 200, want: `"name":"Product"`},
		"the newer type":                {body: `{"query":"{ __typename }"}`, accept: graphqlType, status: 200, want: `"data"`},
		"any type":                      {body: `{"query":"{ __typename }"}`, accept: "text/html, */*", status: 200, want: `"data"`},
		"with a charset":                {body: `{"query":"{ __typename }"}`, contentType: "application/json; charset=utf-8", status: 200, want: `"data"`},
		"a query by GET":                {method: "GET", path: get("{ __typename }"), status: 200, want: `"data"`},
		"no GraphQL":                    {body: `{"query":"{"}`, status: 200, want: "BAD_REQUEST"},
		"no GraphQL, newer type":        {body: `{"query":"{"}`, accept: graphqlType, status: 400, want: "BAD_REQUEST"},
		"unknown field":                 {body: `{"query":"{ x }"}`, status: 200, want: "BAD_REQUEST"},
		"unknown field, newer type":     {body: `{"query":"{ x }"}`, accept: graphqlType, status: 400, want: "BAD_REQUEST"},
		"wrong variable":                {body: `{"query":"query ($n: String!) { __type(name: $n) { name } }","variables":{"n":{}}}`, accept: graphqlType, status: 400, want: "BAD_REQUEST"},
		"too large an Int":              {body: `{"query":"query ($n: Int!) { tenant(slug: \"x\") { products(first: $n) { totalCount } } }","variables":{"n":4294967296}}`, status: 200, want: "code"},
		"unknown operation":             {body: `{"query":"query a { __typename }","operationName":"b"}`, accept: graphqlType, status: 400, want: "BAD_REQUEST"},
		"empty query":                   {body: `{"query":""}`, status: 400, want: "BAD_REQUEST"},
		"no query":                      {body: `{"variables":{}}`, status: 400, want: "BAD_REQUEST"},
		"query is no string":            {body: `{"query":{"a":1}}`, status: 400, want: "BAD_REQUEST"},
		"operationName is no string":    {body: `{"query":"{ __typename }","operationName":1}`, status: 400, want: "BAD_REQUEST"},
		"variables are no object":       {body: `{"query":"{ __typename }","variables":[1]}`, status: 400, want: "BAD_REQUEST"},
		"extensions are no object":      {body: `{"query":"{ __typename }","extensions":"x"}`, status: 400, want: "BAD_REQUEST"},
		"null":                          {body: `null`, status: 400, want: "BAD_REQUEST"},
		"a list":                        {body: `[{"query":"{ __typename }"}]`, status: 400, want: "BAD_REQUEST"},
		"two values":                    {body: `{"query":"{ __typename }"}{}`, status: 400, want: "BAD_REQUEST"},
		"no JSON":                       {body: `{"query":`, status: 400, want: "BAD_REQUEST"},
		"no body":                       {status: 400, want: "BAD_REQUEST"},
		"a form":                        {body: `query={__typename}`, contentType: "application/x-www-form-urlencoded", status: 415, want: "BAD_REQUEST"},
		"plain text":                    {body: `{"query":"{ __typename }"}`, contentType: "text/plain", status: 415, want: "BAD_REQUEST"},
		"too long":                      {body: `{"query":"{ __typename }` + strings.Repeat(" ", 256<<10) + `"}`, status: 413, want: "BAD_REQUEST"},
		"a subscription":                {body: `{"query":"subscription { deploymentProgress(deploymentId: \"x\") { sequence } }"}`, status: 400, want: "WebSocket"},
		"a mutation by GET":             {method: "GET", path: get(`mutation { importProducts(input: {tenantId: "x"}) { imported } }`), status: 405, want: "POST"},
		"a GET without a query":         {method: "GET", path: "/graphql", status: 400, want: "BAD_REQUEST"},
		"a GET whose variables are not": {method: "GET", path: get("{ __typename }") + "&variables=x", status: 400, want: "BAD_REQUEST"},
		"another method":                {method: "PUT", body: `{}`, status: 405, want: "POST"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.method == "" {
				c.method = http.MethodPost
			}
			if c.path == "" {
				c.path = "/graphql"
			}
			headers := map[string]string{}
			if c.accept != "" {
				headers["Accept"] = c.accept
			}
			if c.contentType != "" {
				headers["Content-Type"] = c.contentType
			}
			status, header, body := s.send(t, c.method, c.path, "", []byte(c.body), headers)
			if status != c.status || !strings.Contains(string(body), c.want) {
				t.Errorf("got %d %s, want %d with %s", status, body, c.status, c.want)
			}
			wantType := jsonType
			if c.accept == graphqlType {
				wantType = graphqlType
			}
			if got := header.Get("Content-Type"); got != wantType+"; charset=utf-8" {
				t.Errorf("content type %q, want %q", got, wantType)
			}
			var answer map[string]json.RawMessage
			must(t, json.Unmarshal(body, &answer))
			if _, ok := answer["data"]; ok && c.want == "BAD_REQUEST" {
				t.Errorf("data comes with an error of the request: %s", body)
			}
		})
	}
}

// inDevelopment shows the schema to everybody.
func inDevelopment(c *server.Config) { c.Dev = http.NotFoundHandler() }

// What was sent may hold secrets, and so never comes back.
func TestRefusalsQuoteNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, body := range []string{
		`{"query":"{ __typename }","variables":"sk_live_secret"}`,
		`sk_live_secret`,
		`{"query":["sk_live_secret"]}`,
	} {
		_, _, text := s.send(t, http.MethodPost, "/graphql", "", []byte(body), nil)
		if strings.Contains(string(text), "secret") || strings.Contains(s.logs.String(), "secret") {
			t.Errorf("%s is quoted", body)
		}
	}
}
