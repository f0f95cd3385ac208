package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/golive-hq/golive/graph/generated"
	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/tenant"
)

// Fields that name nothing of a tenant's, and so answer about the caller alone.
var aboutTheCaller = map[string]bool{"viewer": true, "setTimeZone": true, "readTime": true, "timeZones": true}

// Fields that answer alike whoever asks, nobody too.
var forEverybody = map[string]bool{"service": true}

// Mutations by which everybody settles affairs of their own, or notes what nobody acts by.
var ownAffairs = map[string]bool{"setMailPreferences": true, "setTimeZone": true, "noteJourney": true}

// Mutations for which a token needs ADMIN; people may do some of them for themselves.
var forAdmins = map[string]bool{
	"confirmMailDomain": true, "removeMailDomain": true, "enablePayments": true, "disablePayments": true, "replayWebhookEvents": true, "refundOrder": true, "submitDisputeEvidence": true,
	"connectStripe": true, "checkStripeKey": true, "disconnectStripe": true, "inviteMember": true, "withdrawInvitation": true, "setMemberRole": true, "removeMember": true,
	"createToken": true, "revokeToken": true, "endSession": true, "createCalendarFeed": true, "revokeCalendarFeed": true,
}

// rootField is a field that callers start from.
type rootField struct {
	operation string // query, mutation or subscription
	*ast.FieldDefinition
}

func rootFields() (all []rootField) {
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	for operation, def := range map[string]*ast.Definition{
		"query": schema.Query, "mutation": schema.Mutation, "subscription": schema.Subscription,
	} {
		for _, f := range def.Fields {
			if !strings.HasPrefix(f.Name, "__") {
				all = append(all, rootField{operation, f})
			}
		}
	}
	return all
}

// belongings are what a tenant has, by the names under which fields ask for it.
type belongings map[string]string

// belongings are those of the shop acme.
func (s *stack) belongings(t *testing.T, tenantID, token, productID string) belongings {
	t.Helper()
	all := belongings{"journeyId": "01a2b3c4-0000-7000-8000-000000000000", "tenantId": tenantID, "slug": "acme", "productId": productID, "deploymentId": s.goLive(t, token, productID)}
	invited := s.ok(t, token, inviteMutation, vars{"i": vars{"tenantId": tenantID, "email": "invited@example.com", "role": "VIEWER"}})
	all["invitationId"] = get(t, invited, "inviteMember", "invitation", "id").(string)
	made := s.ok(t, token, tokenMutation, vars{"i": vars{"tenantId": tenantID, "role": "VIEWER"}})
	all["tokenId"] = get(t, made, "createToken", "token", "id").(string)
	feed := s.ok(t, token, feedMutation, vars{"i": vars{"tenantId": tenantID}})
	all["feedId"] = get(t, feed, "createCalendarFeed", "feed", "id").(string)
	all["memberId"] = s.memberID(t, token, "acme", "admin@example.com")
	link, err := s.services.Identity.CreateLink(t.Context(), "owner@example.com")
	must(t, err)
	_, err = s.services.Identity.UseLink(t.Context(), link, identity.Browser{})
	must(t, err)
	var session string
	must(t, s.pool.QueryRow(t.Context(), `SELECT id::text FROM sessions`).Scan(&session))
	all["sessionId"] = session
	s.sells(t, tenantID)
	all["orderId"] = s.order(t, token, tenantID, nil)
	all["disputeId"], all["payoutId"] = s.moneyOf(t, tenantID, all["orderId"])
	return all
}

// call writes an operation that asks the field for what the tenant has. Arguments
// that are optional and no ids are left out.
func (b belongings) call(t *testing.T, f rootField) string {
	t.Helper()
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	var arguments []string
	for _, a := range f.Arguments {
		if value := b.value(t, schema, a.Name, a.Type, strings.ToLower(f.Type.Name())); value != "" && a.DefaultValue == nil {
			arguments = append(arguments, a.Name+": "+value)
		}
	}
	if len(arguments) == 0 {
		return fmt.Sprintf("%s { %s { __typename } }", f.operation, f.Name)
	}
	selection := "__typename"
	if f.operation == "mutation" {
		selection = "userErrors { code }"
	}
	return fmt.Sprintf("%s { %s(%s) { %s } }", f.operation, f.Name, strings.Join(arguments, ", "), selection)
}

// value returns a literal for an argument or input field, "" to leave it out. The
// argument id is that of the type that the field returns.
func (b belongings) value(t *testing.T, schema *ast.Schema, name string, typ *ast.Type, returned string) string {
	t.Helper()
	if name == "id" {
		name = returned + "Id"
	}
	if typ.Name() == "ID" || name == "slug" {
		id, ok := b[name]
		if !ok {
			t.Fatalf("this test does not know what %s is: teach it", name)
		}
		return quote(id)
	}
	if !typ.NonNull {
		return ""
	}
	switch def := schema.Types[typ.Name()]; {
	case def.Kind == ast.InputObject:
		var fields []string
		for _, f := range def.Fields {
			if value := b.value(t, schema, f.Name, f.Type, returned); value != "" && f.DefaultValue == nil {
				fields = append(fields, f.Name+": "+value)
			}
		}
		return "{" + strings.Join(fields, ", ") + "}"
	case def.Kind == ast.Enum:
		return def.EnumValues[0].Name
	case typ.Name() == "Int":
		return "1"
	case typ.Name() == "TimeZone":
		return `"UTC"`
	default:
		return `"x"`
	}
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// codeOf sends an operation the way it goes, and returns the code of its problem,
// wherever it is told; "" is for none.
func (s *stack) codeOf(t *testing.T, token string, f rootField, query string) string {
	t.Helper()
	if f.operation == "subscription" && token == "" {
		c := s.dial(t, nil)
		c.sendText(t, `{"type":"connection_init"}`)
		c.wantClose(t, 4401)
		return "UNAUTHENTICATED"
	}
	if f.operation == "subscription" {
		c := s.open(t, token)
		c.subscribe(t, "1", query, nil)
		m := c.next(t)
		var errs []struct{ Extensions struct{ Code string } }
		if m.Type != "error" || json.Unmarshal(m.Payload, &errs) != nil || len(errs) != 1 {
			return m.Type + string(m.Payload)
		}
		return errs[0].Extensions.Code
	}
	a := s.post(t, token, query, nil)
	if code := a.code(); code != "" {
		return code
	}
	payload, _ := a.Data[f.Name].(map[string]any)
	problems, _ := payload["userErrors"].([]any)
	if len(problems) == 0 {
		return ""
	}
	return get(t, problems[0], "code").(string)
}

// Every field, of now and of later: a new one that does not ask who is calling,
// for what, turns this red.
func TestTenantsNeverMeet(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, token, products := s.newShop(t, "acme")
	theirs := s.belongings(t, tenantID, token, products[0])
	_, strangers := s.newTenant(t, "strangers")
	for _, f := range rootFields() {
		query := theirs.call(t, f)
		if got := s.codeOf(t, "", f, query); (got == "UNAUTHENTICATED") == forEverybody[f.Name] {
			t.Errorf("nobody, %s: %q", query, got)
		}
		if aboutTheCaller[f.Name] || forEverybody[f.Name] {
			continue
		}
		if got := s.codeOf(t, strangers[tenant.RoleAdmin], f, query); got != "NOT_FOUND" {
			t.Errorf("a stranger, %s: %q", query, got)
		}
	}
}

func TestViewersChangeNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, token, products := s.newShop(t, "acme")
	ours := s.belongings(t, tenantID, token, products[0])
	viewer, err := s.services.Tenants.CreateToken(t.Context(), "acme", "viewer@example.com", tenant.RoleViewer)
	must(t, err)
	deployer, err := s.services.Tenants.CreateToken(t.Context(), "acme", "deployer@example.com", tenant.RoleDeployer)
	must(t, err)
	for _, f := range rootFields() {
		if f.operation != "mutation" || ownAffairs[f.Name] {
			continue
		}
		query := ours.call(t, f)
		if got := s.codeOf(t, viewer, f, query); got != "FORBIDDEN" {
			t.Errorf("a viewer, %s: %q", query, got)
		}
		if got := s.codeOf(t, deployer, f, query); (got == "FORBIDDEN") != forAdmins[f.Name] {
			t.Errorf("a deployer, %s: %q", query, got)
		}
	}
}

// Ids of another tenant are no use as filters and cursors either.
func TestOthersIDsFilterNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	deployment := s.goLive(t, token, products[0])
	_, other, own := s.newShop(t, "others")
	s.goLive(t, other, own[0])
	for _, arguments := range []string{
		fmt.Sprintf(`deployments(productId: %q)`, products[0]),
		fmt.Sprintf(`deployments(after: %q)`, deployment),
		fmt.Sprintf(`products(after: %q)`, products[0]),
		fmt.Sprintf(`products(search: %q)`, products[0]),
	} {
		a := s.post(t, other, `{ tenant(slug: "others") { list: `+arguments+` { nodes { id } } } }`, nil)
		text, err := json.Marshal(a)
		must(t, err)
		if strings.Contains(string(text), deployment) || strings.Contains(string(text), products[0]) || strings.Contains(string(text), "INTERNAL") {
			t.Errorf("%s gives %s", arguments, text)
		}
	}
}
