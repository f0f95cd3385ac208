package graph

import (
	"context"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

func spendOn(ctx context.Context, value any) any { return spendField(ctx, true, value) }

func spendField(ctx context.Context, isResolver bool, value any) any {
	ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: "Product", IsResolver: isResolver, Field: graphql.CollectedField{Field: &ast.Field{Alias: "name"}}})
	got, _ := spend(ctx, func(context.Context) (any, error) { return value, nil })
	return got
}

// An answer is as long as its texts are, however few they may be.
func TestAnswersAreBoundedByTheirTexts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxAnswer/2-1000)
	for name, value := range map[string]any{"text": long, "optional": &long, "texts": []string{long}, "JSON": map[string]any{"deep": []any{map[string]any{"text": long}}}} {
		ctx, left := withBudget(t.Context(), maxFields, maxAnswer, nil)
		for i := range 3 {
			got := spendOn(ctx, value)
			if over := i == 2; left.over() != over || over != (length(got) < 10) {
				t.Errorf("%s %d: %d bytes, over: %v", name, i, length(got), left.over())
			}
		}
	}
	if got := spendOn(t.Context(), long); got != long {
		t.Error("where nobody counts, it is not there")
	}
}
