package main

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"github.com/alecthomas/kong"
)

// AfterApply refuses what was given without saying anything, for every command and
// flag: behind "$UNSET" there is something that nobody named, and a command that took
// it for "any" or "none" would do what nobody asked for.
func (*commands) AfterApply(line *kong.Context) error {
	for _, p := range line.Path {
		var value *kong.Value
		switch {
		case p.Positional != nil:
			value = p.Positional
		case p.Flag != nil:
			value = p.Flag.Value
		default:
			continue
		}
		if saysNothing(value.Target) {
			return fmt.Errorf("%s is empty: if it comes from a variable, check that it's set", value.ShortSummary())
		}
	}
	return nil
}

// list is a flag of several texts, with commas between them. Kong's own drops those that
// are empty.
type list []string

// Decode implements kong.MapperValue.
func (l *list) Decode(line *kong.DecodeContext) error {
	var text string
	err := line.Scan.PopValueInto("list", &text)
	*l = append(*l, strings.Split(text, ",")...)
	return err
}

// saysNothing tells whether a text, or one of several, is blank.
func saysNothing(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		return blank(v.String())
	case reflect.Slice:
		for i := range v.Len() {
			if saysNothing(v.Index(i)) {
				return true
			}
		}
	default:
	}
	return false
}

// blank tells whether a person would see nothing of a text.
func blank(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return !unicode.IsSpace(r) && unicode.IsGraphic(r) }) < 0
}
