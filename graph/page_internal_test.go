package graph

import (
	"encoding/json"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/golive-hq/golive/web"
)

// No query of the page is a large one, even of somebody in ten tenants: two of their tabs
// would wait for each other.
func TestThePageAsksForLittle(t *testing.T) {
	t.Parallel()
	var documents map[string]string
	if err := json.Unmarshal(web.Documents, &documents); err != nil {
		t.Fatal(err)
	}
	g := guarded()
	for _, text := range documents {
		doc, errs := g.documents.read(text, caller{name: "ada", trusted: true})
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		for _, operation := range doc.parsed.Operations {
			op := &graphql.OperationContext{Doc: doc.parsed, Operation: operation, Variables: map[string]any{"first": entries(operation.Name)}}
			c := costing{op: op, memberships: 10}
			if cost := c.set(operation.SelectionSet, 1); operation.Operation == ast.Query && !c.introspects() && timeFor(op) == patience && cost > largeCost {
				t.Errorf("%s costs %d, over %d", operation.Name, cost, largeCost)
			}
		}
	}
}

// entries is how many entries the page asks for at once.
func entries(query string) int64 {
	if query == "Upcoming" {
		return 100
	}
	return 50
}
