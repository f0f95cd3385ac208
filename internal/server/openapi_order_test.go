package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/stripesim"
)

// ordersAPI is the document's part about orders, used as somebody would who pastes it.
type ordersAPI struct {
	document
	s     *stack
	token string
	// ran counts the operations and examples that were used.
	ran map[string]bool
}

// run sends an example of a POST, with the order in the place of the example's.
func (a *ordersAPI) run(t *testing.T, path, example, orderID string) map[string]any {
	t.Helper()
	a.ran[example] = true
	content := a.at(t, "#/paths/"+strings.ReplaceAll(path, "/", "~1")+"/post/requestBody/content/application~1json")
	value := get(t, content, "examples", example, "value")
	if flaws := a.faults(t, content["schema"].(map[string]any), value, example); len(flaws) > 0 {
		t.Errorf("the document refuses its own example: %q", flaws)
	}
	body, err := json.Marshal(value)
	must(t, err)
	return a.send(t, http.MethodPost, path, orderID, body, map[string]string{"Idempotency-Key": example})
}

func (a *ordersAPI) send(t *testing.T, method, path, orderID string, body []byte, headers map[string]string) (answer map[string]any) {
	t.Helper()
	what := method + " " + path
	a.ran[what] = true
	status, header, text := a.s.send(t, method, strings.ReplaceAll(path, "{id}", orderID), a.token, body, headers)
	if status >= http.StatusBadRequest {
		t.Fatalf("%s: %d %s", what, status, text)
	}
	a.answered(t, what, a.at(t, "#/paths/"+strings.ReplaceAll(path, "/", "~1")+"/"+strings.ToLower(method)), status, header, text)
	must(t, json.Unmarshal(text, &answer))
	return answer
}

// Every example about orders works when it is pasted, and what comes back is as the
// document says.
func TestOpenAPIExamplesOfOrdersWork(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, token, _ := s.shop(t, "acme")
	s.services.Orders.PublicURL = s.url
	a := &ordersAPI{s.openAPI(t), s, token, map[string]bool{}}
	const all, one = "/api/v1/orders", "/api/v1/orders/{id}"
	idOf := func(answer map[string]any) string { return get(t, answer, "order", "id").(string) }

	paid := idOf(a.run(t, all, "create", ""))
	session := get(t, a.run(t, one+"/checkout", "checkout", paid), "payment", "stripeSessionId").(string)
	must(t, s.sim.Sim.Pay(session, stripesim.Card))
	s.ring(t, tenantID, session)
	a.run(t, one+"/fulfill", "fulfill", paid)
	a.run(t, one+"/refunds", "refund", paid)
	a.run(t, one+"/refunds", "refundRest", paid)

	held := idOf(a.run(t, all, "createHeld", ""))
	intent := get(t, a.run(t, one+"/checkout", "checkoutElements", held), "payment", "stripePaymentIntentId").(string)
	must(t, s.sim.Sim.Pay(intent, stripesim.Card))
	must(t, s.services.Orders.Check(t.Context(), domaintest.CheckOf(held, tenantID)))
	a.run(t, one+"/capture", "capture", held)
	_, err := s.sim.Sim.Dispute(intent, stripesim.Dispute{})
	must(t, err)
	must(t, s.services.Orders.Check(t.Context(), domaintest.CheckOf(held, tenantID)))

	unpaid := s.order(t, token, tenantID, vars{"idempotencyKey": "unpaid"})
	a.run(t, one+"/cancel", "cancel", unpaid)
	for _, id := range []string{paid, held, unpaid} {
		a.send(t, http.MethodGet, one, id, nil, nil)
	}
	a.send(t, http.MethodGet, all, "", nil, nil)
	a.allRan(t)
	a.refusals(t, unpaid)
}

// allRan sees that nothing that the document says of orders was left out.
func (a *ordersAPI) allRan(t *testing.T) {
	t.Helper()
	for path, methods := range a.at(t, "#/paths") {
		if !strings.HasPrefix(path, "/api/v1/orders") {
			continue
		}
		for method, operation := range methods.(map[string]any) {
			if what := strings.ToUpper(method) + " " + path; !a.ran[what] {
				t.Errorf("%s was not used", what)
			}
			if body, has := operation.(map[string]any)["requestBody"]; has {
				for name := range get(t, body, "content", "application/json", "examples").(map[string]any) {
					if !a.ran[name] {
						t.Errorf("the example %s was not run", name)
					}
				}
			}
		}
	}
}

// refusals are described, too.
func (a *ordersAPI) refusals(t *testing.T, cancelled string) {
	t.Helper()
	for _, c := range []struct{ method, path, at, key, body string }{
		{"POST", "/api/v1/orders", "", "", `{}`},
		{"POST", "/api/v1/orders", "", "k", `{"mode": "TEST"}`},
		{"POST", "/api/v1/orders", "", "k", `{"mode": "TEST", "customer": "c", "lines": []}`},
		{"POST", "/api/v1/orders/{id}/checkout", cancelled, "k", `{}`},
		{"POST", "/api/v1/orders/{id}/refunds", cancelled, "k", `{}`},
		{"GET", "/api/v1/orders/{id}", "x", "", ``},
		{"GET", "/api/v1/orders", "?first=0", "", ``},
	} {
		path := strings.ReplaceAll(c.path, "{id}", c.at)
		if path == c.path {
			path += c.at
		}
		status, header, text := a.s.send(t, c.method, path, a.token, []byte(c.body), map[string]string{"Idempotency-Key": c.key})
		if status < http.StatusBadRequest {
			t.Errorf("%+v: %d %s", c, status, text)
		}
		a.answered(t, c.method+" "+c.path, a.at(t, "#/paths/"+strings.ReplaceAll(c.path, "/", "~1")+"/"+strings.ToLower(c.method)), status, header, text)
	}
}
