package graph

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// strictInput refuses what gqlgen takes and the specification does not, before anything
// is executed: a number as text and text as a number, enum values in another case, half
// characters, numbers that are none, directives without a value, several subscriptions
// at once.
type strictInput struct{ schema *ast.Schema }

// ExtensionName names it to gqlgen.
func (*strictInput) ExtensionName() string { return "StrictInput" }

// Validate keeps the schema that variables are held against.
func (s *strictInput) Validate(schema graphql.ExecutableSchema) error {
	s.schema = schema.Schema()
	return nil
}

// MutateOperationContext refuses; where a variable was left out, it leaves out what was
// to hold it.
func (s *strictInput) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	for _, v := range op.Operation.VariableDefinitions {
		if err := s.value(v.Type, op.Variables[v.Variable], v.Variable); err != nil {
			err.Locations = located(v.Position)
			return err
		}
	}
	if err := literals(op); err != nil {
		return err
	}
	if op.Operation.Operation == ast.Subscription && len(graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Subscription"})) != 1 {
		return badRequest(op.Operation.Position, "A subscription must select exactly one field.")
	}
	leaveOut(op)
	return nil
}

// value refuses what is no value of the type. gqlparser has seen it: lists are lists or
// stand for one, and objects have the fields they must have.
func (s *strictInput) value(typ *ast.Type, v any, path string) *gqlerror.Error {
	if v == nil {
		return nil
	}
	if typ.Elem != nil {
		many, isList := v.([]any)
		if !isList {
			return s.value(typ.Elem, v, path)
		}
		for i, one := range many {
			if err := s.value(typ.Elem, one, path+"."+strconv.Itoa(i)); err != nil {
				return err
			}
		}
		return nil
	}
	def := s.schema.Types[typ.NamedType]
	if fields, isObject := v.(map[string]any); isObject && def.Kind == ast.InputObject {
		for _, f := range def.Fields {
			if err := s.value(f.Type, fields[f.Name], path+"."+f.Name); err != nil {
				return err
			}
		}
		return nil
	}
	if !isA(def, v) {
		return badRequest(nil, "Variable `%s` must be of type %s.", path, typ.NamedType)
	}
	return nil
}

// isA tells whether the specification coerces v to this scalar or enum.
func isA(def *ast.Definition, v any) bool {
	word, isText := v.(string)
	if def.Kind == ast.Enum {
		return isText && def.EnumValues.ForName(word) != nil
	}
	switch def.Name {
	case "String":
		return isText
	case "ID":
		return isText || isInt(v)
	case "Int":
		return isInt(v)
	}
	return true // gqlparser knows booleans; other scalars know themselves
}

func isInt(v any) bool {
	switch v := v.(type) {
	case int64:
		return true
	case json.Number:
		_, err := v.Int64()
		return err == nil
	}
	return false
}

// badRequest is a complaint about the request; at may be nil.
func badRequest(at *ast.Position, format string, args ...any) *gqlerror.Error {
	err := gqlerror.Errorf(format, args...)
	err.Locations = located(at)
	errcode.Set(err, errcode.ValidationFailed)
	return err
}

func located(at *ast.Position) []gqlerror.Location {
	if at == nil {
		return nil
	}
	return []gqlerror.Location{{Line: at.Line, Column: at.Column}}
}
