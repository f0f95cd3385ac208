package graph

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

func spendOn(ctx context.Context, value any) any {
	ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: "Product", Field: graphql.CollectedField{Field: &ast.Field{Alias: "name"}}})
	got, _ := spend(ctx, func(context.Context) (any, error) { return value, nil })
	return got
}

// An answer is as long as its texts are, however few they may be.
func TestAnswersAreBoundedByTheirTexts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxAnswer/2-1000)
	for name, value := range map[string]any{"text": long, "optional": &long, "texts": []string{long}} {
		ctx, left := withBudget(t.Context(), maxFields, nil)
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

// The time of an event begins with the event, not with waiting for it.
func TestEventsHaveADeadline(t *testing.T) {
	t.Parallel()
	waited := make(chan struct{})
	time.AfterFunc(20*time.Millisecond, func() { close(waited) })
	resp := New(Deps{}, slog.New(slog.DiscardHandler), false).event(t.Context(), func(ctx context.Context) *graphql.Response {
		<-waited
		if ctx.Err() != nil {
			t.Error("waiting for an event has a deadline")
		}
		_ = spendOn(ctx, "x")
		<-ctx.Done()
		return &graphql.Response{}
	}, time.Millisecond)
	if resp == nil {
		t.Error("no answer")
	}
}
