package graph

import (
	"context"
	"encoding/json"
	"reflect"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"

	"github.com/golive-hq/golive/internal/fault"
)

// budget is how much of an answer there may still be. What is known of an operation before
// it runs says too little: steps, prices and the schema itself have as many entries as
// there are.
type budget struct {
	fields, bytes atomic.Int64
	// begun is called with the first field of an event, nil where nobody wants to know.
	begun func()
}

type budgetKey struct{}

func withBudget(ctx context.Context, begun func()) (context.Context, *budget) {
	b := &budget{begun: begun}
	b.fields.Store(maxFields)
	b.bytes.Store(maxAnswer)
	return context.WithValue(ctx, budgetKey{}, b), b
}

// spend counts each field with its name, and texts with their length. Where it is too much
// the rest of the operation gives errors: nothing more is made of what is thrown away.
func spend(ctx context.Context, next graphql.Resolver) (any, error) {
	b, ok := ctx.Value(budgetKey{}).(*budget)
	if !ok {
		return next(ctx)
	}
	field := graphql.GetFieldContext(ctx)
	if b.begun != nil && field.Object != "Subscription" {
		b.begun()
	}
	if b.spent(field.Field.Alias) {
		return nil, errTooLarge()
	}
	value, err := next(ctx)
	if b.bytes.Add(-length(value)) < 0 {
		return nil, errTooLarge()
	}
	return value, err
}

func (b *budget) spent(name string) bool {
	const punctuation = 4 // "":,
	return b.fields.Add(-1) < 0 || b.bytes.Add(-int64(len(name)+punctuation)) < 0
}

func (b *budget) over() bool { return b.fields.Load() < 0 || b.bytes.Load() < 0 }

func errTooLarge() *fault.Error {
	return fault.New(fault.BadRequest, "The answer is larger than %d fields or %d MiB. Ask for smaller pages or fewer fields.", maxFields, maxAnswer>>20)
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
	}
	if list := reflect.ValueOf(value); list.Kind() == reflect.Slice {
		return int64(list.Len())
	}
	return small
}

func lengths(all []string) (sum int64) {
	for _, one := range all {
		sum += int64(len(one)) + 3
	}
	return sum
}
