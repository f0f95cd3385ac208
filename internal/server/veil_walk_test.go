package server_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/golive-hq/golive/graph/generated"
	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/tenant"
)

// everything selects all that a viewer may read of a type without naming anything, but
// nothing within itself, and as deep as one question may be.
func everything(schema *ast.Schema, name string, above ...string) string {
	var selected []string
	above = append(above, name)
	for _, f := range schema.Types[name].Fields {
		within := schema.Types[f.Type.Name()]
		role := roleIn(rootField{name, f}, "role")
		switch {
		case strings.HasPrefix(f.Name, "__") || f.Name == "edges" || role != "" && role != tenant.RoleViewer:
		case slices.ContainsFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool { return a.Type.NonNull && a.DefaultValue == nil }):
		case within.Kind != ast.Object:
			selected = append(selected, f.Name)
		case !slices.Contains(above, within.Name) && len(above) < 4:
			if inner := everything(schema, within.Name, above...); inner != "" {
				selected = append(selected, f.Name+inner)
			}
		}
	}
	if len(selected) == 0 {
		return ""
	}
	return " { " + strings.Join(selected, " ") + " }"
}

// needed are the arguments without which a field of a tenant can't be asked whole.
func needed(f *ast.FieldDefinition) string {
	var all []string
	for _, a := range f.Arguments {
		if a.Name == "first" {
			all = append(all, "first: 5") // of everything a few, because it has a price
		}
		if a.Type.NonNull && a.DefaultValue == nil {
			all = append(all, a.Name+": "+map[string]string{"mode": "TEST", "from": `"2026-11-01T00:00:00Z"`, "to": `"2026-11-02T00:00:00Z"`}[a.Name])
		}
	}
	if all == nil {
		return ""
	}
	return "(" + strings.Join(all, ", ") + ")"
}

var someAddress = regexp.MustCompile(`[\w…]+@[\w.]+`)

// A viewer may tell people apart, and write to none: whatever the API answers of a tenant,
// field by field, shortens addresses that aren't the reader's. A field that is new one day is
// among them.
func TestViewersReadNobodyElsesAddress(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, admin, products := s.newShop(t, "acme")
	s.sells(t, tenantID)
	order := s.order(t, admin, tenantID, vars{
		"email": "cara@example.com", "metadata": vars{"note": "Ask dora@example.com."}, "customer": "gil@example.com", "reference": "for hal@example.com",
	})
	s.refused(t, order)
	s.ok(t, admin, cancelOrder, vars{"i": vars{"orderId": order, "reason": "Eve asked: eve@example.com"}})
	viewer, err := s.services.Tenants.CreateToken(t.Context(), "acme", "vik@example.com", tenant.RoleViewer)
	must(t, err)
	done := s.busyAdmin(t, admin, products)

	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	read := map[string]bool{}
	ask := func(query string, variables vars) {
		answer, err := json.Marshal(s.ok(t, viewer, query, variables))
		must(t, err)
		for _, address := range someAddress.FindAllString(string(answer), -1) {
			read[address] = true
			if !strings.Contains(address, "…") && address != "vik@example.com" {
				t.Errorf("%s\ntells %s", query, address)
			}
		}
	}
	for _, f := range schema.Types["Tenant"].Fields {
		if inner := everything(schema, f.Type.Name(), "Tenant"); inner != "" && roleIn(rootField{"Tenant", f}, "role") != tenant.RoleAdmin && f.Name != "metrics" {
			ask(`{ tenant(slug: "acme") { `+f.Name+needed(f)+inner+` } }`, nil)
		}
	}
	for _, id := range done {
		ask(`query ($id: ID!) { deployment(id: $id)`+everything(schema, "Deployment", "Tenant")+` }`, vars{"id": id})
	}
	ask(`query ($id: ID!) { order(id: $id)`+everything(schema, "Order", "Tenant")+` }`, vars{"id": order})
	const written = `query ($id: ID!) { order(id: $id) { metadata } }`
	if told := get(t, s.ok(t, viewer, written, vars{"id": order}), "order", "metadata"); told != nil {
		t.Errorf("a viewer reads %v of a customer", told)
	}
	if told := get(t, s.ok(t, admin, written, vars{"id": order}), "order", "metadata"); told == nil {
		t.Error("an admin doesn't read what the host keeps")
	}
	for _, want := range []string{
		"a…@example.com", "c…@example.com", "e…@example.com", "g…@example.com", "h…@example.com",
		"i…@example.com", "j…@example.com", "l…@example.com", "vik@example.com",
	} {
		if !read[want] {
			t.Errorf("nothing tells %s: %v", want, read)
		}
	}
	const by = `query ($who: String) { tenant(slug: "acme") { deployments(requestedBy: $who) { nodes { id } } } }`
	for who, want := range map[string]string{"admin@example.com": "FORBIDDEN", "vik@example.com": ""} {
		if a := s.post(t, viewer, by, vars{"who": who}); a.code() != want {
			t.Errorf("by %s: %+v", who, a)
		}
	}
	if got := get(t, s.ok(t, admin, by, vars{"who": "admin@example.com"}), "tenant", "deployments", "nodes").([]any); len(got) == 0 {
		t.Error("an admin finds nothing by an address")
	}
	for _, by := range []string{"customer", "search"} {
		find := `query ($who: String) { tenant(slug: "acme") { orders(mode: TEST, ` + by + `: $who) { nodes { id } } } }`
		if a := s.post(t, viewer, find, vars{"who": "gil@example.com"}); a.code() != "FORBIDDEN" {
			t.Errorf("a viewer's %s: %+v", by, a)
		}
		if got := get(t, s.ok(t, admin, find, vars{"who": "gil@example.com"}), "tenant", "orders", "nodes").([]any); len(got) != 1 {
			t.Errorf("an admin's %s finds %v", by, got)
		}
	}
}

// refused gives an order what Stripe refused, in words that name people, and a dispute.
func (s *stack) refused(t *testing.T, orderID string) {
	t.Helper()
	_, err := s.pool.Exec(t.Context(), `WITH p AS (INSERT INTO payments (id, order_id, tenant_id, account_id, livemode, attempt, flow, status, amount, currency, capture_method,
				idempotency_key, input_digest, failure_message)
			SELECT gen_random_uuid(), id, tenant_id, account_id, livemode, 1, 'HOSTED', 'FAILED', total, currency, capture_method, 'k', 'd', 'Invalid email address: ivy@example.com'
			FROM orders WHERE id = $1 RETURNING *),
		r AS (INSERT INTO refunds (id, payment_id, order_id, tenant_id, account_id, livemode, status, amount, currency, source, failure_reason)
			SELECT gen_random_uuid(), id, order_id, tenant_id, account_id, livemode, 'FAILED', 1, currency, 'DASHBOARD', 'jon@example.com has no bank account.' FROM p)
		INSERT INTO disputes (id, payment_id, order_id, tenant_id, account_id, livemode, status, amount, currency, reason, stripe_dispute_id, created_at)
		SELECT gen_random_uuid(), id, order_id, tenant_id, account_id, livemode, 'LOST', 1, currency, 'general', 'dp_1', now() FROM p`, orderID)
	must(t, err)
}

// busyAdmin does what deployments tell names of: schedules with recipients, moves, starts
// early and cancels.
func (s *stack) busyAdmin(t *testing.T, admin string, products []string) (ids []string) {
	t.Helper()
	told := vars{"notifications": vars{"recipients": []string{"lou@example.com", "vik@example.com"}}}
	for i, then := range []string{"rescheduleDeployment", "deployNow", "cancelDeployment"} {
		d := s.schedule(t, admin, with(christmas(products[i]), told))
		input := vars{"deploymentId": get(t, d, "id"), "version": get(t, d, "version")}
		if then == "rescheduleDeployment" {
			input = with(input, vars{"localTime": "2027-01-02T09:00:00", "timeZone": "UTC"})
		}
		_, err := client.Mutate[struct{}](t.Context(), s.as(admin), then, input, "")
		must(t, err)
		ids = append(ids, get(t, d, "id").(string))
	}
	running := s.goLive(t, admin, products[3])
	_, err := client.Mutate[struct{}](t.Context(), s.as(admin), "cancelDeployment", vars{"deploymentId": running}, "")
	must(t, err)
	// Who has a running one stopped is noted while it stops.
	_, err = s.pool.Exec(t.Context(), `UPDATE deployments SET cancel_requested_at = now(), cancel_requested_by = 'admin@example.com' WHERE id = $1`, running)
	must(t, err)
	return append(ids, running)
}
