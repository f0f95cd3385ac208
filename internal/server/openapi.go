package server

import (
	_ "embed" // for the document beside this file
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

//go:embed openapi.json
var openAPIText string

// nextMonth stands in the document's examples for a day that can be scheduled for
// whenever somebody reads it.
const nextMonth = "NEXT-MONTH"

// openAPI serves the description of the REST API. What each action needs and takes is
// put in from the table that requests are held against.
func openAPI(publicURL string) http.Handler {
	text := describeREST(publicURL)
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", typeJSON)
		day := time.Now().UTC().AddDate(0, 1, 0).Format(time.DateOnly)
		_, _ = w.Write([]byte(strings.ReplaceAll(text, nextMonth, day)))
	})
}

// describeREST returns the document; it panics where the embedded one is not as this
// code knows it, which every start of a server tries.
func describeREST(publicURL string) string {
	var document map[string]any
	if err := json.Unmarshal([]byte(openAPIText), &document); err != nil {
		panic(err)
	}
	if publicURL == "" {
		publicURL = "/"
	}
	document["servers"] = []any{map[string]any{"url": publicURL}}
	requestOf(document, "/api/v1/products/deploy")["schema"] = map[string]any{"oneOf": requestSchemas()}
	requestOf(document, "/api/v1/orders")["schema"] = orderSchema(newOrder)
	for name, a := range orderActions {
		requestOf(document, "/api/v1/orders/{id}/"+name)["schema"] = orderSchema(a)
	}
	b, err := json.Marshal(document)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// requestOf is what the document says of the body of a POST to path.
func requestOf(document map[string]any, path string) map[string]any {
	request := document
	for _, key := range []string{"paths", path, "post", "requestBody", "content", typeJSON} {
		request = request[key].(map[string]any)
	}
	return request
}

func requestSchemas() (all []any) {
	for _, name := range slices.Sorted(maps.Keys(actions)) {
		all = append(all, requestSchema(name, actions[name]))
	}
	return append(all, requestSchema("status", lastOf))
}

// requestSchema says what one action needs and takes.
func requestSchema(name string, a action) map[string]any {
	properties := a.properties("Fields")
	properties["action"] = map[string]any{"const": name}
	return map[string]any{
		"title": name, "type": "object", "required": append([]string{"action"}, a.needs...),
		"properties": properties, "additionalProperties": false,
	}
}

// orderSchema says what the body of a request about orders needs and takes.
func orderSchema(a action) map[string]any {
	return map[string]any{
		"type": "object", "required": append([]string{}, a.needs...),
		"properties": a.properties("OrderFields"), "additionalProperties": false,
	}
}

// properties are what an action heeds, as the document's schema of that name describes it.
func (a action) properties(schema string) map[string]any {
	properties := map[string]any{}
	for _, field := range slices.Concat(a.needs, a.takes) {
		properties[field] = map[string]any{"$ref": "#/components/schemas/" + schema + "/properties/" + field}
	}
	return properties
}
