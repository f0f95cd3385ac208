package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/client"
)

// rest sends a request to the REST endpoint.
func (s *stack) rest(t *testing.T, token string, body vars) (int, map[string]any) {
	t.Helper()
	b, err := json.Marshal(body)
	must(t, err)
	status, _, text := s.send(t, http.MethodPost, "/api/v1/products/deploy", token, b, nil)
	var answer map[string]any
	must(t, json.Unmarshal(text, &answer))
	return status, answer
}

func TestRESTGoesLive(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")

	status, got := s.rest(t, token, vars{"action": "validate", "productId": products[0]})
	if status != http.StatusOK || get(t, got, "validation", "ok") != true {
		t.Fatalf("validate: %d %v", status, got)
	}
	status, got = s.rest(t, token, vars{"action": "status", "productId": products[0]})
	if status != http.StatusOK || got["deployment"] != nil {
		t.Errorf("status before: %d %v", status, got)
	}
	deploy := vars{"action": "deploy", "productId": products[0], "idempotencyKey": "k", "reason": "launch"}
	status, got = s.rest(t, token, deploy)
	id := get(t, got, "deployment", "id")
	if status != http.StatusAccepted || get(t, got, "deployment", "status") != "PENDING" || got["error"] != nil {
		t.Fatalf("deploy: %d %v", status, got)
	}
	if status, got = s.rest(t, token, deploy); status != http.StatusAccepted || get(t, got, "deployment", "id") != id {
		t.Errorf("the same key: %d %v", status, got)
	}
	deploy["reason"] = "another"
	if status, got = s.rest(t, token, deploy); status != http.StatusConflict || get(t, got, "error", "code") != "IDEMPOTENCY_KEY_REUSED" {
		t.Errorf("the key with other input: %d %v", status, got)
	}
	status, got = s.rest(t, token, vars{"action": "deploy", "productId": products[0]})
	if status != http.StatusConflict || get(t, got, "error", "code") != "DEPLOYMENT_IN_PROGRESS" || get(t, got, "deployment", "id") != id {
		t.Errorf("while one runs: %d %v", status, got)
	}

	s.work(t)
	s.progress(t, token, id.(string), client.Newest)
	for _, by := range []vars{{"deploymentId": id}, {"productId": products[0]}} {
		by["action"] = "status"
		status, got = s.rest(t, token, by)
		if status != http.StatusOK || get(t, got, "deployment", "status") != "COMPLETED" || get(t, got, "deployment", "product", "liveProductId") == nil {
			t.Errorf("status after: %d %v", status, got)
		}
	}
}

func TestRESTSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, tokens := s.newTenant(t, "acme")
	nothing := "01a2009f-8f9f-75a0-9276-251a6982f1c8"
	for name, c := range map[string]struct {
		token  string
		body   vars
		status int
		code   string
	}{
		"no action":      {tokens["ADMIN"], vars{"productId": nothing}, 400, "INVALID_INPUT"},
		"unknown action": {tokens["ADMIN"], vars{"action": "explode"}, 400, "INVALID_INPUT"},
		"no zone":        {tokens["ADMIN"], vars{"action": "schedule", "productId": nothing, "localTime": "2026-12-25T09:00:00"}, 400, "INVALID_INPUT"},
		"not heeded":     {tokens["ADMIN"], vars{"action": "deploy", "productId": nothing, "localTime": "2026-12-25T09:00:00"}, 400, "INVALID_INPUT"},
		"no product":     {tokens["ADMIN"], vars{"action": "deploy"}, 400, "INVALID_INPUT"},
		"no id":          {tokens["ADMIN"], vars{"action": "status"}, 400, "INVALID_INPUT"},
		"wrong type":     {tokens["ADMIN"], vars{"action": "deploy", "productId": 5}, 400, "BAD_REQUEST"},
		"not there":      {tokens["ADMIN"], vars{"action": "deploy", "productId": nothing}, 404, "NOT_FOUND"},
		"not there, too": {tokens["ADMIN"], vars{"action": "status", "deploymentId": nothing}, 404, "NOT_FOUND"},
		"misspelt":       {tokens["ADMIN"], vars{"action": "deploy", "productId": nothing, "plan_hash": "v1:x"}, 400, "INVALID_INPUT"},
		"no deployment":  {tokens["ADMIN"], vars{"action": "cancel", "productId": nothing}, 400, "INVALID_INPUT"},
		"no version":     {tokens["ADMIN"], vars{"action": "reschedule", "deploymentId": nothing, "timeZone": "UTC", "instant": "2026-12-25T09:00:00Z"}, 400, "INVALID_INPUT"},
		"not heeded, 2":  {tokens["ADMIN"], vars{"action": "rollback", "deploymentId": nothing, "version": 1}, 400, "INVALID_INPUT"},
		"nothing there":  {tokens["ADMIN"], vars{"action": "rollback", "deploymentId": nothing, "planHash": nil, "productId": ""}, 404, "NOT_FOUND"},
		"not there, 3":   {tokens["ADMIN"], vars{"action": "cancel", "deploymentId": nothing}, 404, "NOT_FOUND"},
		"nobody":         {"", vars{"action": "validate", "productId": nothing}, 401, "UNAUTHENTICATED"},
		"no id at all":   {tokens["ADMIN"], vars{"action": "validate", "productId": "x"}, 404, "NOT_FOUND"},
	} {
		status, got := s.rest(t, c.token, c.body)
		if status != c.status || get(t, got, "error", "code") != c.code || get(t, got, "error", "message") == "" {
			t.Errorf("%s: %d %v, want %d %s", name, status, got, c.status, c.code)
		}
	}
	_, got := s.rest(t, tokens["ADMIN"], vars{"action": "deploy", "productId": nothing, "plan_hash": "v1:x"})
	if message := get(t, got, "error", "message").(string); !strings.Contains(message, "`plan_hash`") {
		t.Errorf("a field that is none: %s", message)
	}
	status, _, body := s.send(t, http.MethodPost, "/api/v1/products/deploy", "", []byte("{}"), map[string]string{"Content-Type": "text/plain"})
	if status != http.StatusUnsupportedMediaType || !strings.Contains(string(body), "BAD_REQUEST") {
		t.Errorf("plain text: %d %s", status, body)
	}
	if status, _, _ := s.send(t, http.MethodGet, "/api/v1/products/deploy", "", nil, nil); status != http.StatusMethodNotAllowed {
		t.Errorf("by GET: %d", status)
	}
}

func TestRESTCancels(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	id := s.goLive(t, token, products[0])
	status, got := s.rest(t, token, vars{"action": "cancel", "deploymentId": id, "version": 99})
	if status != http.StatusConflict || get(t, got, "error", "code") != "VERSION_CONFLICT" {
		t.Errorf("another version: %d %v", status, got)
	}
	status, got = s.rest(t, token, vars{"action": "cancel", "deploymentId": id, "reason": "too early"})
	if status != http.StatusAccepted || get(t, got, "deployment", "status") != "CANCELLED" || get(t, got, "deployment", "liveOutcome") != "UNCHANGED" {
		t.Errorf("cancel: %d %v", status, got)
	}
}
