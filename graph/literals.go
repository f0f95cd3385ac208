package graph

import (
	"slices"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// literals refuses what gqlgen would panic on: numbers that fit no type, where any scalar
// may stand, and directives whose variable is null.
func literals(op *graphql.OperationContext) (refusal *gqlerror.Error) {
	onDirectives := func(all ast.DirectiveList) {
		for _, d := range all {
			for _, a := range d.Arguments {
				if v, given := op.Variables[a.Value.Raw]; a.Value.Kind == ast.Variable && given && v == nil {
					refusal = badRequest(a.Position, "`%s` of @%s can't be null.", a.Name, d.Name)
				}
			}
		}
	}
	onArguments := func(all ast.ArgumentList) {
		for _, a := range all {
			eachValue(a.Value, func(v *ast.Value) {
				if !readable(v) {
					refusal = badRequest(v.Position, "%.40s is out of range.", v.Raw)
				}
			})
		}
	}
	walk := func(set ast.SelectionSet) { eachSelection(set, onDirectives, onArguments) }
	walk(op.Operation.SelectionSet)
	for _, f := range op.Doc.Fragments {
		walk(f.SelectionSet)
	}
	return refusal
}

func eachSelection(set ast.SelectionSet, directives func(ast.DirectiveList), arguments func(ast.ArgumentList)) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			directives(s.Directives)
			arguments(s.Arguments)
			eachSelection(s.SelectionSet, directives, arguments)
		case *ast.InlineFragment:
			directives(s.Directives)
			eachSelection(s.SelectionSet, directives, arguments)
		case *ast.FragmentSpread:
			directives(s.Directives)
		}
	}
}

func eachValue(v *ast.Value, do func(*ast.Value)) {
	do(v)
	for _, child := range v.Children {
		eachValue(child.Value, do)
	}
}

func readable(v *ast.Value) bool {
	var err error
	switch v.Kind {
	case ast.IntValue:
		_, err = strconv.ParseInt(v.Raw, 10, 64)
	case ast.FloatValue:
		_, err = strconv.ParseFloat(v.Raw, 64)
	}
	return err == nil
}

// leaveOut takes the fields of input objects out of the operation whose variable was left
// out. The specification has them absent, so that their defaults hold; gqlgen has them
// null. The document is shared and cached, so what changes is a copy.
func leaveOut(op *graphql.OperationContext) {
	without := absent{}
	for _, v := range op.Operation.VariableDefinitions {
		if _, given := op.Variables[v.Variable]; !given {
			without[v.Variable] = true
		}
	}
	if len(without) == 0 {
		return
	}
	operation, doc := *op.Operation, *op.Doc
	operation.SelectionSet = without.selections(operation.SelectionSet)
	doc.Fragments = nil
	for _, f := range op.Doc.Fragments {
		copied := *f
		copied.SelectionSet = without.selections(f.SelectionSet)
		doc.Fragments = append(doc.Fragments, &copied)
	}
	op.Operation, op.Doc = &operation, &doc
}

// absent names variables that were left out.
type absent map[string]bool

func (a absent) selections(set ast.SelectionSet) ast.SelectionSet {
	set = slices.Clone(set)
	for i, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			copied := *s
			copied.SelectionSet, copied.Arguments = a.selections(s.SelectionSet), a.arguments(s.Arguments)
			set[i] = &copied
		case *ast.InlineFragment:
			copied := *s
			copied.SelectionSet = a.selections(s.SelectionSet)
			set[i] = &copied
		}
	}
	return set
}

func (a absent) arguments(all ast.ArgumentList) ast.ArgumentList {
	all = slices.Clone(all)
	for i, one := range all {
		copied := *one
		copied.Value = a.value(one.Value)
		all[i] = &copied
	}
	return all
}

func (a absent) value(v *ast.Value) *ast.Value {
	copied := *v
	copied.Children = nil
	for _, child := range v.Children {
		if v.Kind == ast.ObjectValue && child.Value.Kind == ast.Variable && a[child.Value.Raw] {
			continue
		}
		inner := *child
		inner.Value = a.value(child.Value)
		copied.Children = append(copied.Children, &inner)
	}
	return &copied
}
