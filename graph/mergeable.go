package graph

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// mergeable refuses fields of one response name that are not the same field. It compares
// each with the first of its name, and so takes as long as the operation is large; the
// rule that it replaces compares each with each. The specification's own rule is the same
// where all types are objects: the schema has no interfaces and no unions.
var mergeable = core.Rule{
	Name: "OverlappingFieldsCanBeMerged",
	RuleFunc: func(observers *core.Events, add core.AddErrFunc) {
		observers.OnOperation(func(w *core.Walker, op *ast.OperationDefinition) {
			(&merging{doc: w.Document, add: add, left: maxSelections}).sets([]ast.SelectionSet{op.SelectionSet})
		})
	},
}

type merging struct {
	doc *ast.QueryDocument
	add core.AddErrFunc
	// left is how much more may be looked at: fragments that contain themselves, which
	// another rule refuses, have no end.
	left   int
	spread map[string]bool
}

// sets checks sets that become one in the answer.
func (m *merging) sets(sets []ast.SelectionSet) {
	byName := map[string][]*ast.Field{}
	var names []string
	m.spread = map[string]bool{}
	for _, set := range sets {
		m.collect(set, func(f *ast.Field) {
			if byName[f.Alias] == nil {
				names = append(names, f.Alias)
			}
			byName[f.Alias] = append(byName[f.Alias], f)
		})
	}
	for _, name := range names {
		m.fields(byName[name])
	}
}

// collect finds the fields of a set through its fragments, each of which counts once.
func (m *merging) collect(set ast.SelectionSet, found func(*ast.Field)) {
	for _, s := range set {
		if m.left--; m.left < 0 {
			return
		}
		switch s := s.(type) {
		case *ast.Field:
			found(s)
		case *ast.InlineFragment:
			m.collect(s.SelectionSet, found)
		case *ast.FragmentSpread:
			if f := m.doc.Fragments.ForName(s.Name); f != nil && !m.spread[s.Name] {
				m.spread[s.Name] = true
				m.collect(f.SelectionSet, found)
			}
		}
	}
}

func (m *merging) fields(same []*ast.Field) {
	first, inner := same[0], make([]ast.SelectionSet, 0, len(same))
	for _, f := range same {
		if f.Name != first.Name || !sameArguments(f.Arguments, first.Arguments) {
			m.add(core.Message(`Fields "%s" conflict: they differ in field or arguments. Use different aliases on the fields to fetch both.`, first.Alias),
				core.At(first.Position), core.At(f.Position))
			return
		}
		inner = append(inner, f.SelectionSet)
	}
	if len(first.SelectionSet) > 0 {
		m.sets(inner)
	}
}

func sameArguments(a, b ast.ArgumentList) bool {
	if len(a) != len(b) {
		return false
	}
	for _, one := range a {
		other := b.ForName(one.Name)
		if other == nil || one.Value.String() != other.Value.String() {
			return false
		}
	}
	return true
}
