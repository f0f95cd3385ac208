package graph

import (
	"context"
	"errors"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"github.com/golive-hq/golive/internal/deployment"
)

// However many lists one answer has, it asks for few of them at a time.
func TestAnAnswerAsksForFewListsAtATime(t *testing.T) {
	t.Parallel()
	l := &loaders{turns: make(chan struct{}, turnsAtOnce)}
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), loadersKey{}, l))
	var leave func()
	for range turnsAtOnce {
		var err error
		if leave, err = l.turn(ctx); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	ctx = graphql.WithOperationContext(graphql.WithFieldContext(ctx, &graphql.FieldContext{}), &graphql.OperationContext{})
	var nobody Resolver // whoever asked it for deployments would panic
	if _, err := nobody.pageOfDeployments(ctx, deployment.Filter{}); !errors.Is(err, context.Canceled) {
		t.Errorf("one more: %v", err)
	}
	leave()
	if _, err := l.turn(t.Context()); err != nil {
		t.Error(err)
	}
}
