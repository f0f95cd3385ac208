package graph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/golive-hq/golive/graph"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/tenant"
)

func guard(development bool) *graph.Guard {
	return graph.New(graph.Deps{}, slog.New(slog.DiscardHandler), development)
}

// as is a context of somebody with a token.
func as(ctx context.Context, email string) context.Context {
	return tenant.WithActor(ctx, tenant.Actor{Email: email, Memberships: []tenant.Membership{{Tenant: tenant.Tenant{ID: "acme", Slug: "acme"}, Role: tenant.RoleViewer}}})
}

// execute runs an operation as a transport does.
func execute(ctx context.Context, g *graph.Guard, query string, variables map[string]any) *graphql.Response {
	ctx = graphql.StartOperationTrace(ctx)
	op, errs := g.CreateOperationContext(ctx, &graphql.RawParams{Query: query, Variables: variables})
	if len(errs) > 0 {
		return g.DispatchError(graphql.WithOperationContext(ctx, op), errs)
	}
	answer, ctx := g.DispatchOperation(ctx, op)
	defer answer(ctx)
	return answer(ctx)
}

func codeOf(errs gqlerror.List) any {
	if len(errs) == 0 {
		return nil
	}
	return errs[0].Extensions["code"]
}

// bomb of introspection: one entry of the schema leads to all others.
var introspectionBombs = map[string]string{
	"deep":    `{ __schema { types { fields { type { ...F ofType { ...F ofType { ...F ofType { ...F } } } } } } } } fragment F on __Type { fields { ` + repeat(150, "a%d: name ") + `} }`,
	"wide":    `{ __schema { types { ...t } } } fragment t on __Type { fields { type { fields { type { fields { ` + repeat(190, "a%d: description ") + `} } } } } }`,
	"by name": `{ __type(name: "Deployment") { fields { type { fields { type { fields { type { fields { ` + repeat(100, "a%d: name ") + `} } } } } } } } }`,
}

func TestIntrospectionCostsWhatItAnswers(t *testing.T) {
	t.Parallel()
	g, ctx := guard(false), as(t.Context(), "vik@example.com")
	whole, err := os.ReadFile("testdata/introspection.graphql")
	if err != nil {
		t.Fatal(err)
	}
	if resp := execute(ctx, g, string(whole), nil); len(resp.Errors) > 0 {
		t.Errorf("the whole schema is refused: %v", resp.Errors)
	}
	for name, query := range introspectionBombs {
		resp := execute(ctx, g, query, nil)
		if codeOf(resp.Errors) != fault.BadRequest || resp.Data != nil {
			t.Errorf("%s: %d bytes, %v", name, len(resp.Data), resp.Errors)
		}
	}
	many := "{" + repeat(60, "s%d: __schema { description } ") + "}"
	if resp := execute(ctx, g, many, nil); codeOf(resp.Errors) != fault.BadRequest || !strings.Contains(resp.Errors[0].Message, "once") {
		t.Errorf("60 schemas: %s %v", resp.Data, resp.Errors)
	}
}

func TestSchemaIsShownToCallersWithACredential(t *testing.T) {
	t.Parallel()
	for query, suggests := range map[string]bool{
		`{ __schema { types { name } } }`:                                       false,
		`{ s: __schema { description } }`:                                       false,
		`{ ...f } fragment f on Query { __type(name: "Query") { name } }`:       false,
		`{ viewr { email } }`:                                                   true,
		`{ viewer }`:                                                            true,
		`{ tenant(slugg: "acme") { id } }`:                                      true,
		`{ ...f } fragment f on Quer { __typename }`:                            true,
		`{ viewer { email @skip(iff: true) } }`:                                 true,
		`mutation { goLive(input: {productIdd: "x"}) { userErrors { code } } }`: true,
		`mutation { connectStripe(input: {tenantId: "x", mode: TST, secretKey: "x"}) { userErrors { code } } }`: true,
	} {
		for _, c := range []struct {
			ctx         context.Context
			development bool
			shown       bool
		}{
			{t.Context(), false, false}, {t.Context(), true, true}, {as(t.Context(), "vik@example.com"), false, true},
		} {
			resp := execute(c.ctx, guard(c.development), query, nil)
			shown := resp.Data != nil
			if suggests {
				shown = strings.Contains(resp.Errors.Error(), "id you mean")
			}
			if shown != c.shown {
				t.Errorf("%s shown: %v, %s %v", query, shown, resp.Data, resp.Errors)
			}
		}
	}
	// What is no part of the schema's description needs no credential.
	if resp := execute(t.Context(), guard(false), `{ __typename }`, nil); string(resp.Data) != `{"__typename":"Query"}` {
		t.Errorf("%s %v", resp.Data, resp.Errors)
	}
}

// A product of sizes that wraps round to nothing must not make room for the rest, be it
// that nobody ever asks for it.
func TestCostDoesNotOverflow(t *testing.T) {
	t.Parallel()
	const page = `{ tenant(slug: "acme") { products(first: 100) { nodes { id deployments(first: 100) { nodes { id status events(first: 100) { sequence message } } } %s } } } }`
	for name, extra := range map[string]string{
		"as it is": "",
		"two skipped fields": `s0: deployments(first: 2147483647) @skip(if: true) { nodes { events(first: 2147483646) { sequence } } }
			s1: deployments(first: 2147453043) @skip(if: true) { totalCount }`,
		"one skipped field": `z: deployments(first: 134227533) @skip(if: true) { nodes { product { deployments(first: 1177962119) { nodes { ` + repeat(167, "k%d: id ") + `} } } } }`,
		"negative":          `n: deployments(first: -2147483648) @include(if: false) { nodes { id } }`,
	} {
		resp := execute(as(t.Context(), "vik@example.com"), guard(false), fmt.Sprintf(page, extra), nil)
		if codeOf(resp.Errors) != fault.BadRequest || !strings.Contains(resp.Errors[0].Message, "complexity") || resp.Data != nil {
			t.Errorf("%s: %s %v", name, resp.Data, resp.Errors)
		}
	}
}

func TestCostCountsStatements(t *testing.T) {
	t.Parallel()
	page := `query ($n: Int!) { tenant(slug: "acme") { products(first: $n) { nodes { %s } } } }`
	for name, c := range map[string]struct {
		fields string
		first  any
		refuse bool
	}{
		"a count for each of 120 aliases":  {repeat(120, "d%d: deployments(first: 1) { totalCount } "), int64(100), true},
		"a list for each of 20 aliases":    {repeat(20, "d%d: deployments(first: 0) { pageInfo { hasNextPage } } "), int64(100), true},
		"a question for each":              {repeat(20, "t%d: tenant { now } "), int64(100), true},
		"connections for each":             {repeat(20, "t%d: tenant { stripeConnections { mode } } "), int64(100), true},
		"a count for each, once":           {"deployments(first: 1) { totalCount }", int64(100), false},
		"loaded for all":                   {"id name lastDeployment { id status } activeDeployment { id } undoable { id }", int64(100), false},
		"a short page of many":             {repeat(20, "d%d: deployments(first: 1) { totalCount } "), int64(5), false},
		"no page at all, by a wrong first": {repeat(120, "d%d: deployments(first: 1) { totalCount } "), json.Number("2147483647"), true},
	} {
		op, errs := guard(false).CreateOperationContext(graphql.StartOperationTrace(as(t.Context(), "vik@example.com")),
			&graphql.RawParams{Query: fmt.Sprintf(page, c.fields), Variables: map[string]any{"n": c.first}})
		if refused := len(errs) > 0; refused != c.refuse || op == nil {
			t.Errorf("%s: %v", name, errs)
		}
	}
}

// The work before anything is validated is in proportion to what was sent, and ends early.
func TestDocumentsAreRefusedByTheirSize(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		query     string
		anonymous bool
		says      string
	}{
		"one field, over and over":               {"{" + strings.Repeat("__typename ", 3900) + "}", true, "8 KiB"},
		"one field, over and over, with a token": {"{" + strings.Repeat("__typename ", 3900) + "}", false, "2000 tokens"},
		"one field in one set":                   {"{" + strings.Repeat("__typename ", 201) + "}", false, "at most 200"},
		"one field in a fragment":                {"{ ...f } fragment f on Query {" + strings.Repeat("__typename ", 201) + "}", false, "at most 200"},
		"an object, over and over":               {"{" + strings.Repeat("viewer{email}", 100) + "}", true, "300 tokens"},
		"undefined fragments":                    {"{" + strings.Repeat("...x ", 1500) + "}", false, "2000 tokens"},
		"undefined fragments in sets":            {"{ viewer { ...x memberships { ...x tenant { ...x } } } }", false, `Unknown fragment "x"`},
		"fragments in a circle":                  {"{ ...a } fragment a on Query { ...b ...b } fragment b on Query { ...a ...a }", false, "Cannot spread fragment"},
		"a fragment in itself":                   {"{ ...a } fragment a on Query { viewer { email } ...a ...a }", false, "Cannot spread fragment"},
		"a long name":                            {"{" + strings.Repeat("a", 5000) + "}", true, "longer than 128"},
		"a long text":                            {`{ product(id: "` + strings.Repeat("a", 70_000) + `") { id } }`, false, "64 KiB"},
		"comments":                               {"{" + strings.Repeat("#\n", 3000) + "__typename}", true, "300 tokens"},
		"many operations":                        {repeat(21, "query q%d { __typename } "), false, "20 operations"},
		"nothing":                                {"fragment f on Query { __typename }", false, "no operation"},
	} {
		ctx := t.Context()
		if !c.anonymous {
			ctx = as(ctx, "vik@example.com")
		}
		resp := execute(ctx, guard(false), c.query, nil)
		if codeOf(resp.Errors) != fault.BadRequest || !strings.Contains(resp.Errors[0].Message, c.says) {
			t.Errorf("%s: %s %.300s", name, resp.Data, resp.Errors.Error())
		}
	}
}

func TestErrorsAreFewAndShort(t *testing.T) {
	t.Parallel()
	ctx := as(t.Context(), "vik@example.com")
	for name, query := range map[string]string{
		"unknown directives":  "{ __typename " + strings.Repeat("@x ", 600) + "}",
		"conflicting aliases": "{ viewer {" + strings.Repeat("a: email a: memberships { role } ", 90) + "} }",
		"unknown fragments":   "{" + repeat(190, "...x%d ") + "}",
		"unknown fields":      "{" + repeat(190, "x%d ") + "}",
	} {
		resp := execute(ctx, guard(false), query, nil)
		if n := len(resp.Errors); n == 0 || n > 20 {
			t.Errorf("%s: %d errors", name, n)
		}
	}
	resp := execute(ctx, guard(false), `{ tenant(slug: "acme") { products(first: "`+strings.Repeat("x", 50_000)+`") { totalCount } } }`, nil)
	if len(resp.Errors.Error()) > 1000 || len(resp.Errors) == 0 {
		t.Errorf("%d bytes of errors", len(resp.Errors.Error()))
	}
	resp = execute(ctx, guard(false), `query ($n: Int!) { tenant(slug: "acme") { products(first: $n) { totalCount } } }`, map[string]any{"n": strings.Repeat("x", 50_000)})
	if len(resp.Errors.Error()) > 1000 || len(resp.Errors) == 0 {
		t.Errorf("%d bytes of errors about a variable", len(resp.Errors.Error()))
	}
	// Errors of fields count as well.
	resp = execute(t.Context(), guard(false), "{"+repeat(40, "v%d: viewer { email } ")+"}", nil)
	if len(resp.Errors) != 20 {
		t.Errorf("%d errors of fields", len(resp.Errors))
	}
}

// An answer comes whole: nothing may promise parts of it for later.
func TestDeferIsNotOffered(t *testing.T) {
	t.Parallel()
	g, ctx := guard(false), as(t.Context(), "vik@example.com")
	resp := execute(ctx, g, `{ tenant(slug: "acme") { id ... @defer { products(first: 1) { totalCount } } } }`, nil)
	if codeOf(resp.Errors) != fault.BadRequest || resp.Data != nil {
		t.Errorf("%s %v", resp.Data, resp.Errors)
	}
	resp = execute(ctx, g, `{ __schema { directives { name } } }`, nil)
	if strings.Contains(string(resp.Data), "defer") || !strings.Contains(string(resp.Data), "skip") {
		t.Errorf("directives %s %v", resp.Data, resp.Errors)
	}
}

func TestSchemaSaysNullWhereThereIsNoList(t *testing.T) {
	t.Parallel()
	const lists = `{ kind fields { name } interfaces { name } possibleTypes { name } enumValues { name } inputFields { name } ofType { kind fields { name } } }`
	for name, has := range map[string][]string{
		"String": {}, "DeploymentStatus": {"enumValues"}, "GoLiveInput": {"inputFields"}, "Viewer": {"fields", "interfaces"},
	} {
		resp := execute(as(t.Context(), "vik@example.com"), guard(false), `{ __type(name: "`+name+`") `+lists+` }`, nil)
		var got struct {
			Type map[string]any `json:"__type"`
		}
		if err := json.Unmarshal(resp.Data, &got); err != nil {
			t.Fatalf("%v: %v", err, resp.Errors)
		}
		for _, list := range []string{"fields", "interfaces", "possibleTypes", "enumValues", "inputFields"} {
			want := false
			for _, one := range has {
				want = want || one == list
			}
			if (got.Type[list] != nil) != want {
				t.Errorf("%s of %s: %v", list, name, got.Type[list])
			}
		}
	}
	// And of a list, which is no named type.
	resp := execute(as(t.Context(), "vik@example.com"), guard(false), `{ __type(name: "Viewer") { fields { name type { kind fields { name } ofType { kind interfaces { name } enumValues { name } } } } } }`, nil)
	if strings.Contains(string(resp.Data), `"fields":[]`) || strings.Contains(string(resp.Data), `"enumValues":[]`) {
		t.Errorf("%s", resp.Data)
	}
}

// Fields of one name become one, or are refused.
func TestFieldsOfOneNameAreTheSame(t *testing.T) {
	t.Parallel()
	for query, same := range map[string]bool{
		`{ viewer { email } viewer { email memberships { role } } }`:                                               true,
		`{ viewer { email } ...f } fragment f on Query { viewer { email } }`:                                       true,
		`query ($s: String!) { tenant(slug: $s) { id } tenant(slug: $s) { name } }`:                                true,
		`{ viewer { x: email } viewer { x: memberships { role } } }`:                                               false,
		`{ tenant(slug: "a") { id } tenant(slug: "b") { id } }`:                                                    false,
		`query ($s: String!) { tenant(slug: $s) { id } tenant(slug: "b") { id } }`:                                 false,
		`{ a: product(id: "1") { id } ...f } fragment f on Query { a: deployment(id: "1") { id } }`:                false,
		`{ deployment(id: "1") { product { x: id } ... { product { ...p } } } } fragment p on Product { x: name }`: false,
		`{ tenant(slug: "a") { products { totalCount } products(first: 20) { totalCount } } }`:                     false,
	} {
		_, errs := guard(false).CreateOperationContext(graphql.StartOperationTrace(as(t.Context(), "vik@example.com")),
			&graphql.RawParams{Query: query, Variables: map[string]any{"s": "a"}})
		if (len(errs) == 0) != same {
			t.Errorf("%s: %v", query, errs)
		}
	}
}
