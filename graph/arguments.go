package graph

import (
	"context"
	"reflect"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/text"
)

// checkArguments refuses a field whose arguments hold null where the schema wants a
// value, or text that can be neither stored nor shown. It comes before the resolver, so
// that no service ever sees either.
func (r *Resolver) checkArguments(ctx context.Context, next graphql.Resolver) (any, error) {
	field := graphql.GetFieldContext(ctx)
	variables := graphql.GetOperationContext(ctx).Variables
	for _, a := range field.Field.Arguments {
		def := field.Field.Definition.Arguments.ForName(a.Name)
		if where := nullIn(def.Type, a.Value, variables, a.Name); where != "" {
			return nil, fault.New(fault.BadRequest, "`%s` can't be null. Omit it to use the default.", where)
		}
		if where, flaw := flawIn(a.Value, variables); flaw != "" {
			at := append([]string{a.Name}, where...)
			return r.refusal(field, fault.New(fault.InvalidInput, "`%s` contains %s. Remove it and try again.", strings.Join(at, "."), flaw).At(at...))
		}
	}
	return next(ctx)
}

// nullIn finds a null that comes by a variable into a place with a default: the only one
// that validation lets through where the schema wants a value (specification, 6.4.1).
// It returns the place, "" for none.
func nullIn(typ *ast.Type, v *ast.Value, variables map[string]any, path string) string {
	if v.Kind == ast.Variable {
		value, given := variables[v.Raw]
		if typ.NonNull && given && value == nil {
			return path
		}
		return ""
	}
	if v.Definition != nil && v.Definition.Kind == ast.Scalar {
		return "" // it may hold whatever it likes
	}
	for _, child := range v.Children {
		inner, name := typ.Elem, path
		if v.Kind == ast.ObjectValue {
			inner, name = v.Definition.Fields.ForName(child.Name).Type, path+"."+child.Name
		}
		if where := nullIn(inner, child.Value, variables, name); where != "" {
			return where
		}
	}
	return ""
}

// flawIn finds text that is not taken, in literals and in variables alike.
func flawIn(v *ast.Value, variables map[string]any) (path []string, flaw string) {
	switch v.Kind {
	case ast.Variable:
		return flawOf(variables[v.Raw])
	case ast.StringValue, ast.BlockValue:
		return nil, text.Flaw(v.Raw)
	}
	for i, child := range v.Children {
		name := child.Name
		if v.Kind == ast.ListValue {
			name = strconv.Itoa(i)
		}
		if path, flaw = flawIn(child.Value, variables); flaw != "" {
			return append([]string{name}, path...), flaw
		}
	}
	return nil, ""
}

// flawOf is flawIn for a value as JSON has it.
func flawOf(v any) (path []string, flaw string) {
	switch v := v.(type) {
	case string:
		return nil, text.Flaw(v)
	case []any:
		for i, inner := range v {
			if path, flaw = flawOf(inner); flaw != "" {
				return append([]string{strconv.Itoa(i)}, path...), flaw
			}
		}
	case map[string]any:
		for name, inner := range v {
			if path, flaw = flawOf(inner); flaw != "" {
				return append([]string{name}, path...), flaw
			}
		}
	}
	return nil, ""
}

// refusal tells what the caller can mend as the field tells such things: a mutation in
// the userErrors of its payload, anything else as an error.
func (r *Resolver) refusal(field *graphql.FieldContext, e *fault.Error) (any, error) {
	if field.Object != "Mutation" {
		return nil, e
	}
	resolvers := reflect.TypeOf(r.Mutation())
	for i := range resolvers.NumMethod() {
		if method := resolvers.Method(i); strings.EqualFold(method.Name, field.Field.Name) {
			payload := reflect.New(method.Type.Out(0).Elem())
			payload.Elem().FieldByName("UserErrors").Set(reflect.ValueOf([]*fault.Error{e}))
			return payload.Interface(), nil
		}
	}
	return nil, e
}
