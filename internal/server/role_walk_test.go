package server_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/golive-hq/golive/graph/generated"
	"github.com/golive-hq/golive/internal/oidcsim"
	"github.com/golive-hq/golive/internal/tenant"
)

var (
	dan   = oidcsim.Person{Subject: "6", Email: "dan@example.com", Name: "Dan"}
	roles = []tenant.Role{tenant.RoleViewer, tenant.RoleDeployer, tenant.RoleAdmin}
)

// Fields for which no role in a tenant is needed: they are about the caller, or the tenant's
// own words, which whoever sees the tenant sees.
var withoutRole = map[string]bool{
	"viewer": true, "service": true, "readTime": true, "timeZones": true, "endSession": true, "setTimeZone": true,
	"id": true, "slug": true, "name": true, "timeZone": true,
}

// ruled is a field with the role that the schema says it needs.
type ruled struct {
	rootField
	need, own tenant.Role // "" is none
}

// ruledFields are those that callers start from, and those of a tenant.
func ruledFields() (all []ruled) {
	fields := rootFields()
	for _, f := range generated.NewExecutableSchema(generated.Config{}).Schema().Types["Tenant"].Fields {
		if !strings.HasPrefix(f.Name, "__") {
			fields = append(fields, rootField{"Tenant", f})
		}
	}
	for _, f := range fields {
		all = append(all, ruled{f, roleIn(f, "role"), roleIn(f, "own")})
	}
	slices.SortFunc(all, func(a, b ruled) int { return strings.Compare(a.operation+a.Name, b.operation+b.Name) })
	return all
}

func roleIn(f rootField, argument string) tenant.Role {
	rule := f.Directives.ForName("hasRole")
	if rule == nil || rule.Arguments.ForName(argument) == nil {
		return ""
	}
	return tenant.Role(rule.Arguments.ForName(argument).Value.Raw)
}

// query asks for the field, of what belongs to the tenant acme.
func (f ruled) query(t *testing.T, of belongings) string {
	t.Helper()
	if f.operation != "Tenant" {
		return of.call(t, f.rootField)
	}
	selection := " { __typename }"
	if generated.NewExecutableSchema(generated.Config{}).Schema().Types[f.Type.Name()].Kind == ast.Scalar {
		selection = ""
	}
	var arguments []string
	if f.Arguments.ForName("from") != nil && f.Arguments.ForName("from").Type.NonNull {
		arguments = append(arguments, `from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z"`)
	}
	if f.Arguments.ForName("mode") != nil {
		arguments = append(arguments, `mode: TEST`)
	}
	if len(arguments) > 0 {
		selection = "(" + strings.Join(arguments, ", ") + ")" + selection
	}
	return `query { tenant(slug: "acme") { ` + f.Name + selection + " } }"
}

// refused tells whether somebody who has signed in has too low a role for the field.
func (b browser) refused(t *testing.T, f ruled, query string) bool {
	t.Helper()
	if f.operation == "subscription" {
		c := b.socket(t)
		c.subscribe(t, "1", query, nil)
		c.subscribe(t, "2", `{ __typename }`, nil)
		return strings.Contains(string(c.next(t).Payload), `"FORBIDDEN"`)
	}
	a := b.ask(t, query, nil)
	if f.operation == "mutation" && a.code() == "" {
		return a.problem(t, f.Name) == "FORBIDDEN"
	}
	return a.code() == "FORBIDDEN"
}

// The schema says of every field who may ask for it, and that is so: below the role that it
// names people are refused, from it on they are not.
func TestRolesAreAsTheSchemaSays(t *testing.T) {
	t.Parallel()
	people := []oidcsim.Person{vik, dan, ada}
	s := startForPeople(t, people...)
	tenantID, token, products := s.newShop(t, "acme")
	theirs := s.belongings(t, tenantID, token, products[0])
	browsers := map[tenant.Role]browser{}
	for i, role := range roles {
		s.member(t, "acme", people[i].Email, string(role))
		browsers[role] = s.browser(t)
		browsers[role].signIn(t, people[i])
	}
	for _, f := range ruledFields() {
		if (f.need == "") != withoutRole[f.Name] {
			t.Errorf("%s.%s: say by @hasRole who may ask for it", f.operation, f.Name)
			continue
		}
		for _, role := range roles {
			if !role.Covers(f.need) && !browsers[role].refused(t, f, f.query(t, theirs)) {
				t.Errorf("%s, below %s, may ask for %s", role, f.need, f.Name)
			}
		}
	}
	// Only now: some change what the others ask for.
	for _, f := range ruledFields() {
		for _, role := range roles {
			if role.Covers(f.need) && browsers[role].refused(t, f, f.query(t, theirs)) {
				t.Errorf("%s may not ask for %s, which needs %q", role, f.Name, f.need)
			}
		}
	}
	s.checkOwn(t, tenantID, theirs, browsers[tenant.RoleViewer])
}

// checkOwn asks for what viewers may do with what is theirs.
func (s signedStack) checkOwn(t *testing.T, tenantID string, of belongings, viewer browser) {
	t.Helper()
	made := viewer.ask(t, tokenMutation, vars{"i": vars{"tenantId": tenantID, "role": "VIEWER"}})
	of["tokenId"] = get(t, made.Data, "createToken", "token", "id").(string)
	_, err := s.pool.Exec(t.Context(), `UPDATE members SET role = 'DEPLOYER' WHERE email = $1`, vik.Email)
	must(t, err)
	feed := viewer.ask(t, feedMutation, vars{"i": vars{"tenantId": tenantID}})
	of["feedId"] = get(t, feed.Data, "createCalendarFeed", "feed", "id").(string)
	_, err = s.pool.Exec(t.Context(), `UPDATE members SET role = 'VIEWER' WHERE email = $1`, vik.Email)
	must(t, err)
	var member string
	must(t, s.pool.QueryRow(t.Context(), `SELECT id::text FROM members WHERE email = $1`, vik.Email).Scan(&member))
	of["memberId"] = member
	fields := ruledFields()
	slices.Reverse(fields) // whoever has left can't revoke any more
	for _, f := range fields {
		if f.own == "" {
			continue
		}
		if a := viewer.ask(t, f.query(t, of), nil); a.problem(t, f.Name) != "" {
			t.Errorf("%s of one's own: %+v", f.Name, a)
		}
	}
}

// The API's guide shows what the schema says; UPDATE=1 writes it again.
func TestGuideShowsWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	const begin, end = "<!-- roles:begin -->\n", "<!-- roles:end -->"
	file := filepath.Join("..", "..", "docs", "api.md")
	text, err := os.ReadFile(file)
	must(t, err)
	before, rest, found := strings.Cut(string(text), begin)
	shown, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no place for the roles", file)
	}
	if want := roleTable(); shown != want {
		if os.Getenv("UPDATE") == "" {
			t.Fatalf("%s shows other roles than the schema; UPDATE=1 go test ./internal/server -run Guide writes them anew", file)
		}
		must(t, os.WriteFile(file, []byte(before+begin+want+end+after), 0o600))
	}
}

func roleTable() string {
	var b strings.Builder
	b.WriteString("| field | VIEWER | DEPLOYER | ADMIN |\n| --- | --- | --- | --- |\n")
	for _, f := range ruledFields() {
		if f.operation == "Tenant" && f.need == "" {
			continue
		}
		fmt.Fprintf(&b, "| %s `%s` |", f.operation, f.Name)
		for _, role := range roles {
			b.WriteString(" " + f.forRole(role) + " |")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// forRole is what the table says of a role.
func (f ruled) forRole(role tenant.Role) string {
	switch {
	case f.need == "" || role.Covers(f.need):
		return "yes"
	case f.own != "" && role.Covers(f.own):
		return "your own"
	}
	return "–"
}
