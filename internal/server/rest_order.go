package server

import (
	"encoding/json"
	"net/http"
	"slices"
	"unicode/utf8"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/text"
)

// restOrders serves /api/v1/orders and what is below it: each request is one GraphQL
// operation, as with rest.
type restOrders struct{ rest }

const (
	orderSummary = `id number reference customer mode status attention
		total { ...m } authorized { ...m } captured { ...m } refunded { ...m } disputed { ...m }
		version createdAt expiresAt paidAt fulfilledAt completedAt cancelReason`
	paymentFields = `{ id status flow captureMethod amount { ...m } captured { ...m } fee { ...m } method last4 declineCode message
		stripePaymentIntentId stripeSessionId createdAt }`
	refundFields = `{ id paymentId status amount { ...m } reason source stripeRefundId failureReason requestedBy createdAt }`
	moneyFields  = ` fragment m on Money { amount currency minorUnits }`

	// orderFields have lists without a limit; an order has few payments and refunds.
	orderFields = `fragment o on Order { ` + orderSummary + ` email metadata subtotal { ...m } tax { ...m }
		lines { name priceId lookupKey quantity unitAmount { ...m } amount { ...m } }
		payments ` + paymentFields + ` refunds ` + refundFields + `
		disputes { id payment { id } status amount { ...m } reason evidenceDueBy submissions stripeDisputeId createdAt }
		can { pay { ok why } capture { ok why } refund { ok why } cancel { ok why } fulfill { ok why } } }` + moneyFields
)

// orderMutation is one on orders. The order's id and the idempotency key come from elsewhere
// than the body.
func orderMutation(name, input string, needs, takes []string, also ...string) action {
	return mutationOf("order", "o", orderFields, name, input, needs, takes, also...)
}

var (
	newOrder = orderMutation("createOrder", "CreateOrderInput", []string{"customer", "lines"},
		[]string{"tenantId", "mode", "email", "currency", "reference", "captureMethod", "metadata"})
	oneOrder = action{
		query: `query ($id: ID!) { order(id: $id) { ...o } } ` + orderFields,
		path:  []string{"order"}, key: "order",
	}
	listOrders = action{
		query: `query ($tenant: String!, $mode: StripeMode! = LIVE, $first: Int! = 20, $after: String, $status: [OrderStatus!], $customer: String, $changedSince: DateTime) {
			tenant(slug: $tenant) { orders(mode: $mode, first: $first, after: $after, status: $status, customer: $customer, changedSince: $changedSince) {
				nodes { ` + orderSummary + ` } pageInfo { hasNextPage endCursor } } } }` + moneyFields,
		path: []string{"tenant", "orders", "nodes"}, key: "orders", also: []string{"pageInfo"},
	}
	// orderActions are what POST /api/v1/orders/{id}/NAME does.
	orderActions = map[string]action{
		"checkout": orderMutation("startCheckout", "StartCheckoutInput", nil, []string{"flow", "successUrl", "cancelUrl"},
			"payment "+paymentFields, "checkoutUrl", "clientSecret"),
		"capture": orderMutation("captureOrder", "CaptureOrderInput", nil, []string{"amount", "version"}),
		"cancel":  orderMutation("cancelOrder", "CancelOrderInput", nil, []string{"reason", "version"}),
		"fulfill": orderMutation("fulfillOrder", "FulfillOrderInput", nil, []string{"version"}),
		"refunds": orderMutation("refundOrder", "RefundOrderInput", nil, []string{"amount", "reason", "version"}, "refund "+refundFields),
	}
)

// reading makes of a request the call that it asks for, or says why it can't, with a status.
type reading = func(w http.ResponseWriter, r *http.Request) (c call, status int, err error)

func (s restOrders) routes(mux *http.ServeMux, guarded func(http.Handler) http.Handler) {
	mux.Handle("/api/v1/orders", guarded(s.serve("orders", s.all)))
	mux.Handle("/api/v1/orders/{id}", guarded(s.serve("order", s.one)))
	mux.Handle("/api/v1/orders/{id}/{action}", guarded(s.serve("order action", s.act)))
}

func (s restOrders) serve(name string, read reading) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, status, err := read(w, r)
		if err != nil {
			restRefusal(w, r, status, fault.As(err))
			return
		}
		s.answer(w, r, name, c)
	})
}

// methodRefused answers a method that is none of those allowed.
func methodRefused(w http.ResponseWriter, allowed string) (call, int, error) {
	w.Header().Set("Allow", allowed)
	return call{}, http.StatusMethodNotAllowed, fault.New(fault.BadRequest, "Send the request as %s.", allowed)
}

// all lists orders, or makes one.
func (s restOrders) all(w http.ResponseWriter, r *http.Request) (call, int, error) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		variables, err := listed(r)
		return call{listOrders, variables, http.StatusOK}, statusOf(fault.CodeOf(err)), err
	case http.MethodPost:
		given, status, err := bodyOf(w, r, "A new order", newOrder)
		if err != nil {
			return call{}, status, err
		}
		if err := inTenant(r.Context(), given); err != nil {
			return call{}, statusOf(fault.CodeOf(err)), err
		}
		return call{newOrder, map[string]any{"input": given}, http.StatusCreated}, status, nil
	}
	return methodRefused(w, "GET, HEAD, POST")
}

func (s restOrders) one(w http.ResponseWriter, r *http.Request) (call, int, error) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return methodRefused(w, "GET, HEAD")
	}
	return call{oneOrder, map[string]any{"id": r.PathValue("id")}, http.StatusOK}, http.StatusOK, nil
}

func (s restOrders) act(w http.ResponseWriter, r *http.Request) (call, int, error) {
	a, known := orderActions[r.PathValue("action")]
	switch {
	case !known:
		return call{}, http.StatusNotFound, fault.New(fault.NotFound, "There's nothing at this address.")
	case r.Method != http.MethodPost:
		return methodRefused(w, http.MethodPost)
	}
	given, status, err := bodyOf(w, r, r.PathValue("action"), a)
	if err != nil {
		return call{}, status, err
	}
	given["orderId"] = r.PathValue("id")
	return call{a, map[string]any{"input": given}, http.StatusOK}, status, nil
}

// bodyOf is what an action is given: by the body, which may be missing where none of it is
// needed, and the header Idempotency-Key.
func bodyOf(w http.ResponseWriter, r *http.Request, name string, a action) (given map[string]any, status int, err error) {
	key, err := keyOf(r.Header)
	if err != nil {
		return nil, http.StatusBadRequest, err
	}
	body := []byte("{}")
	if r.ContentLength != 0 {
		if body, status, err = readJSON(w, r); err != nil {
			return nil, status, err
		}
	}
	if given, err = fieldsOf(body, a); err == nil {
		err = a.heeds(name, given)
	}
	if err != nil {
		return nil, http.StatusBadRequest, err
	}
	given["idempotencyKey"] = key
	return given, http.StatusOK, nil
}

// fieldsOf are the fields of a body that say something.
func fieldsOf(body []byte, a action) (map[string]any, error) {
	if err := (&strictJSON{body: body, names: slices.Concat(a.needs, a.takes), plain: true}).check(); err != nil {
		return nil, err
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil || raw == nil {
		return nil, notJSON()
	}
	given := map[string]any{}
	for name, value := range raw {
		if string(value) != "null" {
			given[name] = value
		}
	}
	return given, nil
}

// keyOf is the idempotency key, which every change needs: whoever got no answer repeats the
// request, and must not pay, refund or sell twice.
func keyOf(h http.Header) (string, error) {
	const name = "Idempotency-Key"
	all := h.Values(name)
	switch {
	case len(all) == 0 || all[0] == "":
		return "", fault.New(fault.InvalidInput, "Send the header %s: a text of yours that is new for each thing you do, and the same when you repeat it.", name).At(name)
	case len(all) > 1:
		return "", fault.New(fault.BadRequest, "The %s header is set more than once. Set it once.", name).At(name)
	case !utf8.ValidString(all[0]) || text.Flaw(all[0]) != "":
		return "", fault.New(fault.InvalidInput, "The %s header may hold letters, digits and punctuation.", name).At(name)
	}
	return all[0], nil
}
