package graph

import (
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"github.com/golive-hq/golive/internal/tenant"
)

// What asks for nothing but the schema is answered once for all, as long as that is small
// enough; what asks for more, or in a way that variables decide, each time.
func TestSchemaIsToldOnce(t *testing.T) {
	t.Parallel()
	g := guarded()
	ask := func(email, query string, variables map[string]any) []byte {
		t.Helper()
		ctx := graphql.StartOperationTrace(tenant.WithActor(t.Context(), tenant.Actor{Email: email}))
		op, errs := g.CreateOperationContext(ctx, &graphql.RawParams{Query: query, Variables: variables})
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		answer, ctx := g.DispatchOperation(ctx, op)
		resp := answer(ctx)
		answer(ctx) // it was taken
		if len(resp.Errors) > 0 || len(resp.Data) == 0 {
			t.Fatalf("%s: %s %v", query, resp.Data, resp.Errors)
		}
		return resp.Data
	}
	const fragment = "{ ...S } fragment S on Query { __schema { queryType { name } } }"
	for query, told := range map[string]bool{
		"{ __schema { types { name } } }":               true,
		`{ __typename __type(name: "Order") { name } }`: true,
		fragment: true,
		"{ __schema { types { name } } viewer { email } }":                                 false,
		"query ($with: Boolean!) { __schema { types { name kind @include(if: $with) } } }": false,
	} {
		other, variables := "dan", map[string]any(nil)
		if !told {
			other, variables = "ada", map[string]any{"with": true}
		}
		first, again := ask("ada", query, variables), ask(other, query, variables)
		if string(first) != string(again) || (&first[0] == &again[0]) != told {
			t.Errorf("%s: told once is %t", query, &first[0] == &again[0])
		}
	}
}
