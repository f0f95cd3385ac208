package graph

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/golive-hq/golive/internal/fault"
)

// tooLarge refuses a document that is too wide, too deep, or too large once fragments are
// spread. It comes before validation and all else that walks an operation spread by
// spread: fragments that spread fragments twice each grow without bound in few words. So does
// what asks for the schema, of whoever may not see it.
func tooLarge(doc *ast.QueryDocument, by caller) *gqlerror.Error {
	if len(doc.Operations) > maxOperations {
		return badRequest(nil, "The document contains more than %d operations.", maxOperations)
	}
	m := measure{doc: doc, fragments: map[string]size{}}
	for _, f := range doc.Fragments {
		m.of(f.SelectionSet)
	}
	for _, op := range doc.Operations {
		if got := m.of(op.SelectionSet); got.depth > maxDepth || got.selections > maxSelections {
			return badRequest(op.Position, "The operation is too large: it can have at most %d levels and %d fields, counting fragments.", maxDepth, maxSelections)
		}
	}
	switch {
	case m.widest > maxSet:
		return badRequest(nil, "A selection set can have at most %d fields.", maxSet)
	case m.schema && !by.trusted:
		return gqlerror.Wrap(fault.New(fault.Unauthenticated, "The schema is shown only to callers with an API token: Authorization: Bearer glt_…"))
	}
	return nil
}

type size struct{ depth, selections int }

// measure knows each fragment's size once, so that it takes linear time. The document is
// not validated yet: fragments may be missing, or contain themselves.
type measure struct {
	doc       *ast.QueryDocument
	fragments map[string]size
	widest    int
	schema    bool // whether it's asked for
}

func (m *measure) of(set ast.SelectionSet) size {
	var total size
	m.widest = max(m.widest, len(set))
	for _, s := range set {
		one := m.one(s)
		total.depth = max(total.depth, one.depth)
		total.selections = min(total.selections+one.selections, maxSelections+1)
	}
	return total
}

func (m *measure) one(s ast.Selection) size {
	switch s := s.(type) {
	case *ast.Field:
		inner := m.of(s.SelectionSet)
		if s.Name == "__schema" || s.Name == "__type" {
			m.schema = true
			inner.depth = 0 // introspection is deep by nature, and has a limit of its own
		}
		return size{inner.depth + 1, inner.selections + 1}
	case *ast.InlineFragment:
		inner := m.of(s.SelectionSet)
		return size{inner.depth, inner.selections + 1}
	case *ast.FragmentSpread:
		inner := m.fragment(s.Name)
		return size{inner.depth, inner.selections + 1}
	}
	return size{}
}

// fragment is nothing for one that is not there, or that is being measured: validation
// refuses both.
func (m *measure) fragment(name string) size {
	known, ok := m.fragments[name]
	if !ok {
		m.fragments[name] = size{}
		if f := m.doc.Fragments.ForName(name); f != nil {
			known = m.of(f.SelectionSet)
		}
		m.fragments[name] = known
	}
	return known
}
