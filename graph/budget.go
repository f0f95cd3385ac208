package graph

import (
	"context"
	"encoding/json"
	"reflect"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/golive-hq/golive/internal/fault"
)

// budget is how much of an answer there may still be. What is known of an operation before
// it runs says too little: steps, prices and the schema itself have as many entries as
// there are.
type budget struct {
	fields, bytes atomic.Int64
	// begun is called with the first field that an event does not carry, nil where nobody
	// wants to know.
	begun func()
}

type budgetKey struct{}

func withBudget(ctx context.Context, fields, bytes int64, begun func()) (context.Context, *budget) {
	b := &budget{begun: begun}
	b.fields.Store(fields)
	b.bytes.Store(bytes)
	return context.WithValue(ctx, budgetKey{}, b), b
}

// spend counts a list with all that is asked of its entries before any of them is made,
// and texts by their length. Once it is too much, lists and texts come back empty: that
// costs nothing, and what is made of them is thrown away.
func spend(ctx context.Context, next graphql.Resolver) (any, error) {
	b, ok := ctx.Value(budgetKey{}).(*budget)
	if !ok {
		return next(ctx)
	}
	field := graphql.GetFieldContext(ctx)
	if b.begun != nil && field.IsResolver && field.Object != "Subscription" {
		b.begun()
	}
	value, err := next(ctx)
	if entries := reflect.ValueOf(value); entries.Kind() == reflect.Slice && len(field.Field.Selections) > 0 {
		each := selected(graphql.GetOperationContext(ctx), field.Field.Selections)
		b.fields.Add(-int64(entries.Len() * each))
	}
	b.bytes.Add(-length(value))
	if b.over() {
		return emptied(value), err
	}
	return value, err
}

// selected is how many fields an object has in the answer, without what is in its lists.
func selected(op *graphql.OperationContext, set ast.SelectionSet) (n int) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			n++
			if s.Definition.Type.Elem == nil {
				n += selected(op, s.SelectionSet)
			}
		case *ast.InlineFragment:
			n += selected(op, s.SelectionSet)
		case *ast.FragmentSpread:
			n += selected(op, op.Doc.Fragments.ForName(s.Name).SelectionSet)
		}
	}
	return n
}

func emptied(value any) any {
	switch value.(type) {
	case string:
		return ""
	case *string:
		return new(string)
	case json.RawMessage:
		return json.RawMessage("null")
	case map[string]any:
		return map[string]any{}
	}
	if list := reflect.ValueOf(value); list.Kind() == reflect.Slice {
		return reflect.MakeSlice(list.Type(), 0, 0).Interface()
	}
	return value
}

func (b *budget) over() bool { return b.fields.Load() < 0 || b.bytes.Load() < 0 }

func errTooLarge() *fault.Error {
	return fault.New(fault.BadRequest, "The answer is too large. Ask for smaller pages or fewer fields.")
}

// length is about how many bytes a value takes in an answer; its parts count by themselves.
func length(value any) int64 {
	const small = 8
	switch v := value.(type) {
	case nil:
		return small
	case string:
		return int64(len(v))
	case *string:
		if v != nil {
			return int64(len(*v))
		}
		return small
	case json.RawMessage:
		return int64(len(v))
	case []string:
		return lengths(v)
	case map[string]any:
		return lengthOfObject(v)
	case []any:
		return lengthOfArray(v)
	}
	if list := reflect.ValueOf(value); list.Kind() == reflect.Slice {
		return int64(list.Len())
	}
	return small
}

// JSON has no fields that would count by themselves.
func lengthOfObject(object map[string]any) (sum int64) {
	for name, value := range object {
		sum += int64(len(name)) + 4 + length(value)
	}
	return sum
}

func lengthOfArray(array []any) (sum int64) {
	for _, value := range array {
		sum += 1 + length(value)
	}
	return sum
}

func lengths(all []string) (sum int64) {
	for _, one := range all {
		sum += int64(len(one)) + 3
	}
	return sum
}
