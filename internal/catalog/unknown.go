package catalog

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Unknown names what is set in a raw object of Stripe's and has no place in a T,
// by dotted path ("tiers.volume"), sorted: what copying a T loses. Elements of a
// list share one path, and so do the options of all currencies. What is null,
// empty or false, or holds nothing else, is not set; zero is an amount.
func Unknown[T Product | Price](raw []byte) ([]string, error) {
	var object any
	if err := json.Unmarshal(raw, &object); err != nil {
		return nil, fmt.Errorf("look for unknown fields: %w", err)
	}
	var names []string
	shapes[reflect.TypeFor[T]()].unknown(object, "", &names)
	slices.Sort(names)
	return slices.Compact(names), nil
}

// derived are the fields that Stripe makes itself, or that tell again what another
// one tells: nothing is lost without them.
var derived = map[reflect.Type][]string{
	reflect.TypeFor[Product]():        {"object", "created", "updated", "livemode", "type"},
	reflect.TypeFor[Price]():          {"object", "created", "livemode", "type", "unit_amount"},
	reflect.TypeFor[Tier]():           {"flat_amount", "unit_amount"},
	reflect.TypeFor[CurrencyOption](): {"unit_amount"},
}

var shapes = map[reflect.Type]*shape{
	reflect.TypeFor[Product](): shapeOf(reflect.TypeFor[Product]()),
	reflect.TypeFor[Price]():   shapeOf(reflect.TypeFor[Price]()),
}

// shape is what a type has a place for. One with neither fields nor members takes
// a value whole.
type shape struct {
	fields map[string]*shape
	// members is the shape of every member of an object whose names are data.
	members *shape
}

func shapeOf(t reflect.Type) *shape {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		return shapeOf(t.Elem())
	case reflect.Map:
		return &shape{members: shapeOf(t.Elem())}
	case reflect.Struct:
		s := &shape{fields: map[string]*shape{}}
		for _, name := range derived[t] {
			s.fields[name] = &shape{}
		}
		for _, f := range reflect.VisibleFields(t) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			s.fields[name] = shapeOf(f.Type)
		}
		return s
	default:
		return &shape{}
	}
}

// unknown adds what s has no place for in the value at path.
func (s *shape) unknown(value any, path string, names *[]string) {
	if list, ok := value.([]any); ok {
		for _, element := range list {
			s.unknown(element, path, names)
		}
		return
	}
	object, _ := value.(map[string]any)
	for name, member := range object {
		field, known := s.fields[name]
		switch {
		case s.members != nil:
			s.members.unknown(member, path, names)
		case known:
			field.unknown(member, path+name+".", names)
		case s.fields != nil && isSet(member):
			*names = append(*names, path+name)
		}
	}
}

func isSet(value any) bool {
	switch v := value.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case []any:
		return slices.ContainsFunc(v, isSet)
	case map[string]any:
		for _, member := range v {
			if isSet(member) {
				return true
			}
		}
		return false
	default:
		return true
	}
}
