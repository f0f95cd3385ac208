package main

import (
	"fmt"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// unknownProperty returns the path of a property that the schema does not
// know, empty if there is none. The document never forbids further properties,
// so validation alone lets a made-up field through.
func unknownProperty(s *openapi3.Schema, value any, path string) string {
	switch v := value.(type) {
	case []any:
		return unknownInList(s, v, path)
	case map[string]any:
		if len(s.AnyOf) > 0 {
			return unknownInChoice(s, v, path)
		}
		return unknownInObject(s, v, path)
	default:
		return ""
	}
}

func unknownInList(s *openapi3.Schema, list []any, path string) string {
	if s.Items == nil {
		return ""
	}
	for i, element := range list {
		if unknown := unknownProperty(s.Items.Value, element, fmt.Sprintf("%s[%d]", path, i)); unknown != "" {
			return unknown
		}
	}
	return ""
}

// unknownInChoice accepts what any of the fitting alternatives knows in full.
func unknownInChoice(s *openapi3.Schema, object map[string]any, path string) string {
	first := path + " (no alternative fits)"
	for _, choice := range s.AnyOf {
		if !fits(choice.Value, object) {
			continue
		}
		unknown := unknownProperty(choice.Value, object, path)
		if unknown == "" {
			return ""
		}
		first = unknown
	}
	return first
}

// fits compares the name in the field object, if the alternative has one.
func fits(s *openapi3.Schema, object map[string]any) bool {
	if !s.Type.Is("object") {
		return false
	}
	named, ok := s.Properties["object"]
	return !ok || slices.Contains(named.Value.Enum, object["object"])
}

func unknownInObject(s *openapi3.Schema, object map[string]any, path string) string {
	free := len(s.Properties) == 0 && s.AdditionalProperties.Schema == nil
	if free {
		return ""
	}
	for name, value := range object {
		below := path + "." + name
		property := s.Properties[name]
		if property == nil {
			property = s.AdditionalProperties.Schema
		}
		if property == nil {
			return below
		}
		if unknown := unknownProperty(property.Value, value, below); unknown != "" {
			return unknown
		}
	}
	return ""
}
