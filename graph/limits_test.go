package graph_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"github.com/golive-hq/golive/graph"
	"github.com/golive-hq/golive/internal/fault"
)

// refusal returns what is said to an operation that is not executed, and its
// code; "" is for one that would be.
func refusal(t *testing.T, query string) (message string, code any) {
	t.Helper()
	exec := graph.New(graph.Deps{}, slog.New(slog.DiscardHandler), true)
	ctx := graphql.StartOperationTrace(t.Context())
	op, errs := exec.CreateOperationContext(ctx, &graphql.RawParams{Query: query})
	if len(errs) == 0 {
		return "", nil
	}
	shown := exec.DispatchError(graphql.WithOperationContext(context.WithoutCancel(ctx), op), errs).Errors[0]
	return shown.Message, shown.Extensions["code"]
}

func TestLimits(t *testing.T) {
	t.Parallel()
	introspection, err := os.ReadFile("testdata/introspection.graphql")
	if err != nil {
		t.Fatal(err)
	}
	page := `{ tenant(slug: "x") { products(first: %d) { nodes { id name liveStatus prices { testId unitAmountDecimal } lastDeployment { id status } activeDeployment { id } } } } }`
	cases := map[string]struct{ query, want string }{
		"a page of a dashboard":        {fmt.Sprintf(page, 100), ""},
		"the playground's first query": {string(introspection), ""},
		"one deployment, whole":        {`{ deployment(id: "x") { steps { index summary status } events(first: 100) { sequence message } plan { changes { summary fields { field before after } } } } }`, ""},
		"pages of pages":               {`{ tenant(slug: "x") { products(first: 100) { nodes { deployments(first: 100) { nodes { id status } } } } } }`, "complexity"},
		"asking Stripe all the time":   {"{" + repeat(20, `p%d: validateProduct(productId: "x") { ok }`) + "}", "complexity"},
		"rollbacks, planned":           {"{" + repeat(20, `p%d: planRollback(deploymentId: "x") { hash }`) + "}", "complexity"},
		"importing all the time":       {"mutation {" + repeat(20, `i%d: importProducts(input: {tenantId: "x"}) { userErrors { code } }`) + "}", "complexity"},
		"scheduling all the time":      {"mutation {" + repeat(20, `s%d: scheduleGoLive(input: {productId: "x", timeZone: "UTC"}) { userErrors { code } }`) + "}", "complexity"},
		"connecting all the time":      {"mutation {" + repeat(20, `c%d: connectStripe(input: {tenantId: "x", mode: TEST, secretKey: "x"}) { userErrors { code } }`) + "}", "complexity"},
		"going live all the time":      {"mutation {" + repeat(100, `g%d: goLive(input: {productId: "x"}) { userErrors { code } }`) + "}", "complexity"},
		"cancelling a few":             {"mutation {" + repeat(20, `c%d: cancelDeployment(input: {deploymentId: "x"}) { userErrors { code } }`) + "}", ""},
		"parts of histories":           {`{ tenant(slug: "x") { deployments(first: 100) { nodes { ` + repeat(15, "e%[1]d: events(after: %[1]d, first: 1) { sequence } ") + `} } } }`, "complexity"},
		"a page of histories":          {`{ tenant(slug: "x") { deployments(first: 100) { nodes { id events(first: 20) { sequence message } } } } }`, ""},
		"the schema and Stripe":        {`{ __type(name: "Query") { name } ... { planGoLive(productId: "x") { hash } } }`, "Send two operations"},
		"the schema and the database":  {`{ __type(name: "Query") { name } product(id: "x") { id } }`, ""},
		"verifying all the time":       {`{ tenant(slug: "x") {` + repeat(60, "v%d: auditState { entries }") + `} }`, "complexity"},
		"too deep":                     {`{ deployment(id: "x") ` + strings.Repeat("{ product { lastDeployment ", 8) + "{ id }" + strings.Repeat("} }", 8) + " }", "levels"},
		"a bomb of fragments":          {`{ viewer { ...f0 } }` + bomb(150), "levels"},
		"too many words":               {"{" + repeat(2000, "a%d: __typename ") + "}", "token"},
		"a field that is not there":    {`{ nothing }`, "nothing"},
		"no GraphQL":                   {`{`, "Expected"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			message, code := refusal(t, c.query)
			if (c.want == "") != (message == "") || !strings.Contains(message, c.want) {
				t.Errorf("refused with %q, want %q", message, c.want)
			}
			if c.want != "" && code != fault.BadRequest {
				t.Errorf("code %v, want BAD_REQUEST", code)
			}
		})
	}
}

// bomb is n fragments of which each spreads the next twice: 2^n fields.
func bomb(n int) string {
	return repeat(n, "\nfragment f%[1]d on Viewer { ...f%[2]d ...f%[2]d }") + fmt.Sprintf("\nfragment f%d on Viewer { email }", n)
}

func repeat(n int, format string) string {
	var b strings.Builder
	for i := range n {
		if strings.Contains(format, "[2]") {
			fmt.Fprintf(&b, format, i, i+1)
		} else {
			fmt.Fprintf(&b, format, i)
		}
	}
	return b.String()
}
