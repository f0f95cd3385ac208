package server_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/client"
)

// exampleID stands in the document for an id that only a server's own database knows.
const exampleID = "01a2009f-8f9f-75a0-9276-251a6982f1c8"

// document is the description that a server gives of itself.
type document map[string]any

func (s *stack) openAPI(t *testing.T) document {
	t.Helper()
	status, header, body := s.send(t, http.MethodGet, "/api/openapi.json", "", nil, nil)
	if status != http.StatusOK || header.Get("Content-Type") != "application/json" {
		t.Fatalf("%d %v", status, header)
	}
	var d document
	must(t, json.Unmarshal(body, &d))
	return d
}

// at follows a reference, "#/components/schemas/Problem".
func (d document) at(t *testing.T, ref string) map[string]any {
	t.Helper()
	var found any = map[string]any(d)
	for key := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		found = get(t, found, strings.ReplaceAll(key, "~1", "/"))
	}
	object, ok := found.(map[string]any)
	if !ok {
		t.Fatalf("%s leads to %v", ref, found)
	}
	return object
}

// faults says where a value is not as its schema has it: the keywords that the document
// uses, and no other may be in it.
func (d document) faults(t *testing.T, schema map[string]any, v any, where string) (all []string) {
	t.Helper()
	for keyword, rule := range schema {
		ok := true
		switch keyword {
		case "$ref":
			all = append(all, d.faults(t, d.at(t, rule.(string)), v, where)...)
		case "type":
			ok = slices.ContainsFunc(listOf(rule), func(name any) bool { return isOf(name.(string), v) })
		case "const":
			ok = v == rule
		case "enum":
			ok = slices.Contains(rule.([]any), v)
		case "oneOf":
			matching := 0
			for _, choice := range rule.([]any) {
				if len(d.faults(t, choice.(map[string]any), v, where)) == 0 {
					matching++
				}
			}
			ok = matching == 1
		case "required", "properties", "additionalProperties":
			all = append(all, d.objectFaults(t, keyword, schema, v, where)...)
		case "items":
			items, _ := v.([]any)
			for i, item := range items {
				all = append(all, d.faults(t, rule.(map[string]any), item, fmt.Sprint(where, ".", i))...)
			}
		case "format", "description", "title":
		default:
			t.Fatalf("%s: the keyword %s is unknown", where, keyword)
		}
		if !ok {
			all = append(all, fmt.Sprintf("%s: %v breaks %s %v", where, v, keyword, rule))
		}
	}
	return all
}

func (d document) objectFaults(t *testing.T, keyword string, schema map[string]any, v any, where string) (all []string) {
	t.Helper()
	object, _ := v.(map[string]any)
	properties, _ := schema["properties"].(map[string]any)
	if object == nil {
		return nil // its type says so
	}
	switch keyword {
	case "required":
		for _, name := range schema["required"].([]any) {
			if _, has := object[name.(string)]; !has {
				all = append(all, fmt.Sprintf("%s lacks %s", where, name))
			}
		}
	case "properties":
		for name, property := range properties {
			if value, has := object[name]; has {
				all = append(all, d.faults(t, property.(map[string]any), value, where+"."+name)...)
			}
		}
	case "additionalProperties":
		for name := range object {
			if _, known := properties[name]; !known {
				all = append(all, fmt.Sprintf("%s has %s", where, name))
			}
		}
	}
	return all
}

func listOf(rule any) []any {
	if list, ok := rule.([]any); ok {
		return list
	}
	return []any{rule}
}

func isOf(name string, v any) bool {
	switch v := v.(type) {
	case nil:
		return name == "null"
	case bool:
		return name == "boolean"
	case string:
		return name == "string"
	case float64:
		return name == "number" || name == "integer" && v == math.Trunc(v)
	case []any:
		return name == "array"
	}
	return name == "object"
}

// answered holds an answer against what the document says of an operation.
func (d document) answered(t *testing.T, what string, operation map[string]any, status int, header http.Header, body []byte) {
	t.Helper()
	responses := get(t, operation, "responses").(map[string]any)
	response, known := responses[fmt.Sprint(status)].(map[string]any)
	if !known {
		t.Errorf("%s: %d is not described: %s", what, status, body)
		return
	}
	if ref, has := response["$ref"]; has {
		response = d.at(t, ref.(string))
	}
	mediaType, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	schema := get(t, response, "content", mediaType, "schema").(map[string]any)
	var v any
	must(t, json.Unmarshal(body, &v))
	for _, flaw := range d.faults(t, schema, v, what) {
		t.Errorf("%s (%d)", flaw, status)
	}
}

const deployRef = "#/paths/~1api~1v1~1products~1deploy/post"

// run sends one example of the document, as somebody would who pasted it.
func (d document) run(t *testing.T, s *stack, token, name, deploymentID string, want int) map[string]any {
	t.Helper()
	operation := d.at(t, deployRef)
	content := d.at(t, deployRef+"/requestBody/content/application~1json")
	value := get(t, content, "examples", name, "value")
	if flaws := d.faults(t, content["schema"].(map[string]any), value, name); len(flaws) > 0 {
		t.Errorf("the document refuses its own example: %q", flaws)
	}
	body, err := json.Marshal(value)
	must(t, err)
	status, header, text := s.send(t, http.MethodPost, "/api/v1/products/deploy", token, []byte(strings.ReplaceAll(string(body), exampleID, deploymentID)), nil)
	if status != want {
		t.Errorf("%s: %d %s", name, status, text)
	}
	d.answered(t, name, operation, status, header, text)
	var answer map[string]any
	must(t, json.Unmarshal(text, &answer))
	return answer
}

// Every example of the document works when it is pasted, and what comes back is as the
// document says.
func TestOpenAPIExamplesWork(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, _ := s.newShop(t, "acme")
	s.work(t)
	d := s.openAPI(t)
	ran := map[string]bool{}
	run := func(name, id string, want int) map[string]any {
		t.Helper()
		ran[name] = true
		return d.run(t, s, token, name, id, want)
	}
	idOf := func(answer map[string]any) string { return get(t, answer, "deployment", "id").(string) }

	run("statusOfProduct", "", http.StatusOK) // null
	run("validate", "", http.StatusOK)
	live := idOf(run("deploy", "", http.StatusAccepted))
	s.progress(t, token, live, client.Newest)
	run("status", live, http.StatusOK)
	run("statusOfProduct", "", http.StatusOK)
	undone := idOf(run("rollback", live, http.StatusAccepted))
	s.progress(t, token, undone, client.Newest)
	scheduled := idOf(run("schedule", "", http.StatusAccepted))
	run("reschedule", scheduled, http.StatusAccepted)
	run("cancel", scheduled, http.StatusAccepted)
	run("deployNow", idOf(run("scheduleInstant", "", http.StatusAccepted)), http.StatusAccepted)

	examples := d.at(t, deployRef+"/requestBody/content/application~1json/examples")
	for name := range examples {
		if !ran[name] {
			t.Errorf("the example %s was not run", name)
		}
	}
	for _, path := range []string{"healthz", "readyz"} {
		status, header, body := s.send(t, http.MethodGet, "/"+path, "", nil, nil)
		d.answered(t, path, d.at(t, "#/paths/~1"+path+"/get"), status, header, body)
	}
}

// Errors are problems of RFC 9457, by that type where the caller names it, and keep our
// own member.
func TestRESTErrorsAreProblems(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, _ := s.newShop(t, "acme")
	d := s.openAPI(t)
	for accept, want := range map[string]string{
		"": "application/json; charset=utf-8", "*/*": "application/json; charset=utf-8",
		"application/json, application/problem+json": "application/problem+json; charset=utf-8",
		"application/problem+json;q=0":               "application/json; charset=utf-8",
	} {
		for body, status := range map[string]int{
			`{"action":"deploy","productId":"prod_none"}`: http.StatusNotFound, `{`: http.StatusBadRequest, `{"action":"status"}`: http.StatusBadRequest,
			`{"action":"schedule","productId":"prod_BaristaCourse","timeZone":"UTC","localTime":"2001-01-01T09:00:00"}`: http.StatusBadRequest,
		} {
			got, header, text := s.send(t, http.MethodPost, "/api/v1/products/deploy", token, []byte(body), map[string]string{"Accept": accept})
			d.answered(t, body, d.at(t, deployRef), got, header, text)
			var p struct {
				Status                  int
				Title, Detail, Instance string
				Error                   struct{ Message, RequestID string }
			}
			must(t, json.Unmarshal(text, &p))
			id := header.Get("X-Request-Id")
			if got != status || header.Get("Content-Type") != want || p.Status != got || p.Title != http.StatusText(got) ||
				p.Detail != p.Error.Message || p.Detail == "" || p.Instance != "#"+id || p.Error.RequestID != id {
				t.Errorf("%s as %q: %d %s %s", body, accept, got, header.Get("Content-Type"), text)
			}
		}
	}
	for _, status := range []int{http.StatusUnauthorized, http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType} {
		method, bad, headers := http.MethodPost, "glt_x", map[string]string{}
		switch status {
		case http.StatusMethodNotAllowed:
			method, bad = http.MethodPut, token
		case http.StatusUnsupportedMediaType:
			bad, headers["Content-Type"] = token, "text/plain"
		}
		got, header, text := s.send(t, method, "/api/v1/products/deploy", bad, []byte(`{}`), headers)
		if got != status {
			t.Errorf("%d %s, want %d", got, text, status)
		}
		d.answered(t, fmt.Sprint(status), d.at(t, deployRef), got, header, text)
	}
}

// The document names each action with all that it heeds.
func TestOpenAPIKnowsAllActions(t *testing.T) {
	t.Parallel()
	s := start(t)
	d := s.openAPI(t)
	fields := d.at(t, "#/components/schemas/Fields/properties")
	used, titles := map[string]bool{}, map[string]int{}
	for _, schema := range d.at(t, deployRef+"/requestBody/content/application~1json/schema")["oneOf"].([]any) {
		titles[get(t, schema, "title").(string)]++
		for name, property := range get(t, schema, "properties").(map[string]any) {
			used[name] = true
			if ref, ok := property.(map[string]any)["$ref"].(string); ok {
				d.at(t, ref)
			}
		}
	}
	if len(titles) != 8 || titles["status"] != 2 || !maps.Equal(used, present(fields)) {
		t.Errorf("%v\nused %v\nknown %v", titles, used, present(fields))
	}
	_, answer := s.rest(t, "", vars{"action": "nothing"})
	for title := range titles {
		if message := get(t, answer, "error", "message").(string); !strings.Contains(message, title) {
			t.Errorf("%s is no action: %s", title, message)
		}
	}
}

func present(fields map[string]any) map[string]bool {
	names := map[string]bool{}
	for name := range fields {
		names[name] = true
	}
	return names
}
