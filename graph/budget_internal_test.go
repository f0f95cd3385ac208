package graph

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/golive-hq/golive/internal/fault"
)

func spendOn(ctx context.Context, value any) error {
	ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: "Product", Field: graphql.CollectedField{Field: &ast.Field{Alias: "name"}}})
	_, err := spend(ctx, func(context.Context) (any, error) { return value, nil })
	return err
}

// An answer is as long as its texts are, however few they may be.
func TestAnswersAreBoundedByTheirTexts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxAnswer/2-1000)
	for name, value := range map[string]any{"text": long, "optional": &long, "texts": []string{long}} {
		ctx, left := withBudget(t.Context(), nil)
		for i, want := range []fault.Code{"", "", fault.BadRequest} {
			if err := spendOn(ctx, value); fault.CodeOf(err) != want {
				t.Errorf("%s %d: %v", name, i, err)
			}
		}
		if !left.over() {
			t.Errorf("%s: it is not over", name)
		}
	}
	if err := spendOn(t.Context(), long); err != nil {
		t.Errorf("where nobody counts: %v", err)
	}
}

// The time of an event begins with the event, not with waiting for it.
func TestEventsHaveADeadline(t *testing.T) {
	t.Parallel()
	waited := make(chan struct{})
	time.AfterFunc(20*time.Millisecond, func() { close(waited) })
	resp := event(t.Context(), func(ctx context.Context) *graphql.Response {
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
