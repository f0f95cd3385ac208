package graph_test

import (
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/golive-hq/golive/graph/generated"
)

// Of the contract, what the service does not offer yet.
var missing []string

func schema() *ast.Schema { return generated.NewExecutableSchema(generated.Config{}).Schema() }

// testdata/contract.graphql is the contract that callers rely on.
func contract(t *testing.T) *ast.Schema {
	t.Helper()
	text, err := os.ReadFile("testdata/contract.graphql")
	if err != nil {
		t.Fatal(err)
	}
	s, err := gqlparser.LoadSchema(&ast.Source{Name: "contract.graphql", Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSchemaKeepsTheContract(t *testing.T) {
	t.Parallel()
	want, got := members(contract(t)), members(schema())
	var absent []string
	for _, name := range slices.Sorted(maps.Keys(want)) {
		kind, ok := got[name]
		switch {
		case !ok && !isPartOf(name, absent):
			absent = append(absent, name)
		case ok && kind != want[name]:
			t.Errorf("%s is %s, and %s in the contract", name, kind, want[name])
		}
	}
	slices.Sort(missing)
	if !slices.Equal(absent, missing) {
		t.Errorf("missing are\n%q\nand should be\n%q", absent, missing)
	}
}

// What the schema has beyond the contract must not break those who send less.
func TestAdditionsAreOptional(t *testing.T) {
	t.Parallel()
	known := contract(t)
	for name, def := range schema().Types {
		for _, f := range def.Fields {
			old := known.Types[name]
			if old == nil || old.Fields.ForName(f.Name) == nil {
				if old != nil && def.Kind == ast.InputObject && f.Type.NonNull && f.DefaultValue == nil {
					t.Errorf("%s.%s is new and required", name, f.Name)
				}
				continue
			}
			for _, a := range f.Arguments {
				if old.Fields.ForName(f.Name).Arguments.ForName(a.Name) == nil && a.Type.NonNull && a.DefaultValue == nil {
					t.Errorf("%s.%s(%s:) is new and required", name, f.Name, a.Name)
				}
			}
		}
	}
}

func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	for name, def := range schema().Types {
		if def.BuiltIn {
			continue
		}
		describedOrFail(t, name, def.Description)
		for _, v := range def.EnumValues {
			describedOrFail(t, name+"."+v.Name, v.Description)
		}
		for _, f := range def.Fields {
			if len(f.Name) > 2 && f.Name[:2] == "__" {
				continue
			}
			describedOrFail(t, name+"."+f.Name, f.Description)
			for _, a := range f.Arguments {
				describedOrFail(t, name+"."+f.Name+"."+a.Name, a.Description)
			}
		}
	}
}

func describedOrFail(t *testing.T, name, description string) {
	t.Helper()
	if description == "" {
		t.Errorf("%s has no description", name)
	}
}

// members lists all that callers can rely on, each with what it is.
func members(s *ast.Schema) map[string]string {
	all := map[string]string{}
	for name, def := range s.Types {
		if def.BuiltIn {
			continue
		}
		all[name] = string(def.Kind)
		for _, v := range def.EnumValues {
			all[name+"."+v.Name] = "a value"
		}
		for _, f := range def.Fields {
			all[name+"."+f.Name] = describe(f.Type, f.DefaultValue)
			for _, a := range f.Arguments {
				all[name+"."+f.Name+"."+a.Name] = describe(a.Type, a.DefaultValue)
			}
		}
	}
	return all
}

func describe(t *ast.Type, value *ast.Value) string {
	if value == nil {
		return t.String()
	}
	return t.String() + " = " + value.String()
}

// isPartOf tells that one of names is what name belongs to.
func isPartOf(name string, names []string) bool {
	return slices.ContainsFunc(names, func(whole string) bool { return len(name) > len(whole) && name[:len(whole)+1] == whole+"." })
}
