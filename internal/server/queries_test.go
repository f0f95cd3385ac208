package server_test

import (
	"fmt"
	"strings"
	"testing"
)

// A page costs a fixed number of questions to the database, however long it is.
func TestPagesAskTheDatabaseAFixedNumberOfTimes(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	for _, id := range products[:8] {
		s.goLive(t, token, id)
	}
	const page = `query ($n: Int!) { tenant(slug: "acme") {
		products(first: $n) { totalCount edges { node {
			id tenant { slug } prices { testId }
			activeDeployment { id product { name tenant { slug } } } lastDeployment { id status product { name } }
		} } }
		deployments(first: $n) { totalCount nodes {
			id tenant { slug } product { id lastDeployment { id } } steps { index }
			events(first: 3) { sequence } later: events(after: 1, first: 2) { sequence }
		} }
	} }`
	cost := func(n int) int64 {
		before := s.queries.n.Load()
		s.ok(t, token, page, vars{"n": n})
		return s.queries.n.Load() - before
	}
	cost(1) // connections and statements are prepared
	// Twelve products and eight deployments, each with up to five more to load:
	// without batches it is always above a hundred. Batches are made by time, and a
	// busy machine splits some of them, so the best of many tries is what counts.
	few := cost(1)
	eventually(t, fmt.Sprintf("a page of twelve takes few more questions than the %d of one entry", few), func() bool {
		return cost(12) <= few+5
	})
}

func TestConnectionsPageThroughEverything(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	for _, list := range []struct {
		name  string
		total int
	}{{"products", len(products)}, {"deployments", 5}, {"auditLog", 0}} {
		if list.name == "deployments" {
			for _, id := range products[:5] {
				s.goLive(t, token, id)
			}
		}
		count := "totalCount"
		if list.name == "auditLog" {
			count = ""
		}
		seen := map[any]bool{}
		var after any
		for pages := 0; ; pages++ {
			query := fmt.Sprintf(`query ($after: String) { tenant(slug: "acme") { list: %s(first: 3, after: $after) {
				%s nodes { id } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`, list.name, count)
			got := get(t, s.ok(t, token, query, vars{"after": after}), "tenant", "list")
			edges := get(t, got, "edges").([]any)
			for i, edge := range edges {
				id := get(t, edge, "node", "id")
				if seen[id] || get(t, get(t, got, "nodes").([]any)[i], "id") != id {
					t.Errorf("%s: %v comes twice, or nodes and edges differ", list.name, id)
				}
				seen[id] = true
			}
			info := get(t, got, "pageInfo")
			if get(t, info, "hasPreviousPage") != (pages > 0) || get(t, info, "endCursor") != get(t, edges[len(edges)-1], "cursor") {
				t.Errorf("%s, page %d: %v", list.name, pages, info)
			}
			if list.total > 0 && get(t, got, "totalCount") != float64(list.total) {
				t.Errorf("%s: total %v, want %d", list.name, get(t, got, "totalCount"), list.total)
			}
			after = get(t, info, "endCursor")
			if get(t, info, "hasNextPage") == false {
				break
			}
		}
		if list.total > 0 && len(seen) != list.total {
			t.Errorf("%s: %d seen, want %d", list.name, len(seen), list.total)
		}
	}
	for _, wrong := range []string{`deployments(first: 1) { nodes { events(first: 101) { sequence } } }`, `products(first: 101)`, `products(first: -1)`, `deployments(first: 101)`, `auditLog(first: 101)`, `products(after: "x")`} {
		if a := s.post(t, token, `{ tenant(slug: "acme") { `+selecting(wrong)+` } }`, nil); a.code() != "INVALID_INPUT" {
			t.Errorf("%s: %+v", wrong, a.Errors)
		}
	}
}

// selecting completes a list that selects nothing yet.
func selecting(list string) string {
	if strings.HasSuffix(list, "}") {
		return list
	}
	return list + " { pageInfo { hasNextPage } }"
}
