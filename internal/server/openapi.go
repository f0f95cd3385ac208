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
	request := document
	for _, key := range []string{"paths", "/api/v1/products/deploy", "post", "requestBody", "content", typeJSON} {
		request = request[key].(map[string]any)
	}
	request["schema"] = map[string]any{"oneOf": requestSchemas()}
	b, err := json.Marshal(document)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func requestSchemas() (all []any) {
	for _, name := range slices.Sorted(maps.Keys(actions)) {
		all = append(all, requestSchema(name, actions[name]))
	}
	return append(all, requestSchema("status", lastOf))
}

// requestSchema says what one action needs and takes.
func requestSchema(name string, a action) map[string]any {
	properties := map[string]any{"action": map[string]any{"const": name}}
	for _, field := range slices.Concat(a.needs, a.takes) {
		properties[field] = map[string]any{"$ref": "#/components/schemas/Fields/properties/" + field}
	}
	return map[string]any{
		"title": name, "type": "object", "required": append([]string{"action"}, a.needs...),
		"properties": properties, "additionalProperties": false,
	}
}
