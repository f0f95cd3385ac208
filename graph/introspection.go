package graph

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/introspection"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/golive-hq/golive/graph/generated"
)

// offered is the schema without what gqlparser adds to every one and this service does not
// do: it answers in one piece.
func offered() *ast.Schema {
	schema := *generated.NewExecutableSchema(generated.Config{}).Schema()
	schema.Directives = maps.Clone(schema.Directives)
	delete(schema.Directives, "defer")
	return &schema
}

// tellSchema carries out what asks for the schema. As long as the process lives, the answer
// stays the same where nothing else is asked for, and making it takes much of a processor.
func (g *Guard) tellSchema(ctx context.Context, op *graphql.OperationContext) *graphql.Response {
	if !onlySchema(op) {
		return g.carryOut(ctx, op, patience, maxSchemaFields)
	}
	key := op.OperationName + "\n" + op.RawQuery
	if known := g.schemas.get(key); known != nil {
		return &graphql.Response{Data: known}
	}
	resp := g.carryOut(ctx, op, patience, maxSchemaFields)
	if len(resp.Errors) == 0 {
		g.schemas.add(key, resp.Data, len(key)+len(resp.Data))
	}
	return resp
}

// onlySchema tells that an operation has no variables, and asks for nothing but the schema.
func onlySchema(op *graphql.OperationContext) bool {
	for _, f := range graphql.CollectFields(op, op.Operation.SelectionSet, nil) {
		if !strings.HasPrefix(f.Name, "__") {
			return false
		}
	}
	return len(op.Operation.VariableDefinitions) == 0
}

// listsOf are the lists of __Type that types of these kinds have. For all others the
// specification has null (4.5.2.1), where gqlgen has an empty list.
var listsOf = map[string][]ast.DefinitionKind{
	"fields":        {ast.Object, ast.Interface},
	"interfaces":    {ast.Object, ast.Interface},
	"possibleTypes": {ast.Interface, ast.Union},
	"enumValues":    {ast.Enum},
	"inputFields":   {ast.InputObject},
}

// nullWhereNone takes the empty lists out of what the schema says of itself.
func nullWhereNone(ctx context.Context, next graphql.Resolver) (any, error) {
	value, err := next(ctx)
	field := graphql.GetFieldContext(ctx)
	if field.Object != "__Type" || err != nil {
		return value, err
	}
	kinds, isList := listsOf[field.Field.Name]
	if !isList || slices.Contains(kinds, kindOf(field.Parent)) {
		return value, nil
	}
	if list := reflect.ValueOf(value); list.Kind() == reflect.Slice && list.Len() == 0 {
		return nil, nil
	}
	return value, nil
}

// kindOf is that of the type that a field belongs to.
func kindOf(of *graphql.FieldContext) ast.DefinitionKind {
	switch t := of.Result.(type) {
	case *introspection.Type:
		return ast.DefinitionKind(t.Kind())
	case **introspection.Type:
		return ast.DefinitionKind((*t).Kind())
	}
	return ""
}
