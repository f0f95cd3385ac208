package server_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/golive-hq/golive/graph/generated"
	"github.com/golive-hq/golive/internal/postgres"
)

// ids are the names under which a field takes ids, with those in its input.
func ids(schema *ast.Schema, f *ast.FieldDefinition) (names []string) {
	var in func(name string, typ *ast.Type, seen int)
	in = func(name string, typ *ast.Type, depth int) {
		def := schema.Types[typ.Name()]
		switch {
		case typ.Name() == "ID" && name == "id":
			names = append(names, strings.ToLower(f.Type.Name())+"Id")
		case typ.Name() == "ID":
			names = append(names, name)
		case def.Kind == ast.InputObject && depth < 5:
			for _, field := range def.Fields {
				in(field.Name, field.Type, depth+1)
			}
		}
	}
	for _, a := range f.Arguments {
		in(a.Name, a.Type, 0)
	}
	return names
}

// fingerprints are what a tenant's rows hold, by table, with what belongs to its people.
func (s *stack) fingerprints(t *testing.T, tenantID string) map[string]string {
	t.Helper()
	type table struct {
		Name string `db:"name"`
		Of   string `db:"of"`
	}
	tables, err := postgres.All(t.Context(), s.pool, pgx.RowToStructByName[table], `SELECT c.relname::text AS name, coalesce(
			(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id'), '') AS of
		FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = 'sweeps' ORDER BY 1`)
	must(t, err)
	found := map[string]string{}
	for _, table := range tables {
		where := ""
		if table.Of != "" {
			where = ` WHERE tenant_id = '` + tenantID + `'`
		}
		if table.Name == "tenants" {
			where = ` WHERE id = '` + tenantID + `'`
		}
		var sum string
		must(t, s.pool.QueryRow(t.Context(), `SELECT coalesce(md5(string_agg(r, '|' ORDER BY r)), '') FROM (SELECT r::text AS r FROM `+table.Name+` r`+where+`) rows`).Scan(&sum))
		found[table.Name] = sum
	}
	return found
}

// Their own are every token's and session's: the walk itself uses some.
var ownOnly = []string{"api_tokens", "people", "sessions", "sign_in_links", "sign_in_failures", "deployment_steps", "deployment_events"}

// Each id that any field takes is once a neighbour's, while all others are the caller's
// own: a field that is new one day is among them.
func TestNoIDReachesTheNeighbour(t *testing.T) {
	t.Parallel()
	start(t).walkIDs(t)
}

// The database is the second wall: the first holds without it.
func TestNoIDReachesTheNeighbourByCodeAlone(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, err := s.pool.Exec(t.Context(), `DO $$ DECLARE t text; BEGIN
		FOR t IN SELECT polrelid::regclass::text FROM pg_policy WHERE polname = 'sweeps' LOOP
			EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', t);
		END LOOP; END $$`)
	must(t, err)
	s.walkIDs(t)
}

func (s *stack) walkIDs(t *testing.T) {
	t.Helper()
	acme, theirToken, products := s.newShop(t, "acme")
	theirs := s.belongings(t, acme, theirToken, products[0])
	own, token, ownProducts := s.newShop(t, "others")
	ours := maps.Clone(theirs)
	ours["tenantId"], ours["slug"], ours["productId"] = own, "others", ownProducts[0]
	before := s.fingerprints(t, acme)
	walked := 0
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	for _, f := range rootFields() {
		for _, name := range ids(schema, f.FieldDefinition) {
			if name == "journeyId" {
				continue // the caller makes it; it names nothing that anybody owns
			}
			walked++
			mixed := maps.Clone(ours)
			mixed[name] = theirs[name]
			query := mixed.call(t, f)
			if got := s.codeOf(t, token, f, query); got != "NOT_FOUND" {
				t.Errorf("%s of a neighbour: %s: %q", name, query, got)
			}
		}
	}
	walked += s.walkBelow(t, schema, token, theirs)
	if walked < 30 {
		t.Errorf("walked %d ids alone", walked)
	}
	after := s.fingerprints(t, acme)
	for table, was := range before {
		if after[table] != was && !slices.Contains(ownOnly, table) {
			t.Errorf("%s of the neighbour has changed", table)
		}
	}
}

// walkBelow asks fields of a tenant that take ids, as filters, cursors and otherwise: a
// neighbour's tell nothing.
func (s *stack) walkBelow(t *testing.T, schema *ast.Schema, token string, theirs belongings) (walked int) {
	t.Helper()
	for _, f := range schema.Types["Tenant"].Fields {
		for _, a := range f.Arguments {
			id := theirs[a.Name]
			switch {
			case a.Type.Name() == "ID" && id == "":
				id = theirs["deploymentId"]
			case a.Name == "after" || a.Name == "subject" || a.Name == "search":
				id = theirs["deploymentId"]
			}
			if id == "" {
				continue
			}
			walked++
			query := fmt.Sprintf(`{ tenant(slug: "others") { %s(%s: %q%s) { __typename %s } } }`, f.Name, a.Name, id, s.required(f, a.Name), nodes(schema, f))
			answer, err := json.Marshal(s.post(t, token, query, nil))
			must(t, err)
			if strings.Contains(string(answer), `"nodes":[{`) || strings.Contains(string(answer), "INTERNAL") || strings.Contains(string(answer), "GRAPHQL_VALIDATION") {
				t.Errorf("%s gives %s", query, answer)
			}
		}
	}
	return walked
}

// required are the other arguments without which the field can't be asked.
func (s *stack) required(f *ast.FieldDefinition, but string) (text string) {
	for _, a := range f.Arguments {
		if a.Type.NonNull && a.DefaultValue == nil && a.Name != but {
			text += ", " + a.Name + ": 1"
		}
	}
	return text
}

func nodes(schema *ast.Schema, f *ast.FieldDefinition) string {
	if schema.Types[f.Type.Name()].Fields.ForName("nodes") == nil {
		return ""
	}
	return "nodes { __typename }"
}
