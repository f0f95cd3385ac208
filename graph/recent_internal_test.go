package graph

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"github.com/golive-hq/golive/internal/tenant"
)

// Many different documents, each as long as may be, weigh no more than they may.
func TestDocumentsAreCachedByWhatTheyWeigh(t *testing.T) {
	t.Parallel()
	g := New(Deps{}, slog.New(slog.DiscardHandler), false)
	send := func(query, email string) {
		ctx := t.Context()
		if email != "" {
			ctx = tenant.WithActor(ctx, tenant.Actor{Email: email})
		}
		_, _ = g.CreateOperationContext(graphql.StartOperationTrace(ctx), &graphql.RawParams{Query: query})
	}
	cache := g.documents.cache
	for name, query := range map[string]string{
		"nobody's": "{ __typename }", "no GraphQL": "{", "unknown field": "{ x }", "too dear": `{ tenant(slug: "x") { products(first: 100) { nodes { deployments(first: 100) { nodes { id status } } } } } }`,
	} {
		email := "vik@example.com"
		if name == "nobody's" {
			email = ""
		}
		if send(query, email); len(cache.byText) != 0 {
			t.Errorf("%s is cached", name)
		}
	}
	var long strings.Builder
	for i := range 190 {
		fmt.Fprintf(&long, "b%d:__typename @include(if:true) ", i)
	}
	const n = 400
	for i := range n {
		send(fmt.Sprintf("query q%d {%s}", i, &long), "vik@example.com")
	}
	sum := 0
	for e := cache.used.Front(); e != nil; e = e.Next() {
		sum += e.Value.(*kept[*document]).weight
	}
	if sum != cache.weight || sum > maxCached || len(cache.byText) == n || len(cache.byText) < 10 || len(cache.byText) != cache.used.Len() {
		t.Errorf("%d documents of %d bytes, counted as %d", len(cache.byText), sum, cache.weight)
	}
	last := fmt.Sprintf("query q%d {%s}", n-1, &long)
	if first := cache.get(last); first == nil {
		t.Error("the last is not there")
	}
	cache.most = 0
	send("{ viewer { email } }", "vik@example.com")
	if cache.get("{ viewer { email } }") != nil {
		t.Error("one that weighs more than all may is cached")
	}
}
