package stripesim

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

type kind int

const (
	kindText kind = iota
	kindBool
	kindInt
	kindNumber
	kindDecimal
	kindUpTo
	kindTime
	kindObject
	kindArray
	kindDict
)

// param says what one parameter may hold; see Stripe's OpenAPI document.
type param struct {
	kind      kind
	required  bool
	emptiable bool // the empty string unsets it
	max       int  // characters of a text, elements of an array; 0 is any
	enum      []string
	fields    params
	item      *param
}

type params map[string]param

func text(maxLen int) param        { return param{kind: kindText, max: maxLen, emptiable: true} }
func name(maxLen int) param        { return param{kind: kindText, max: maxLen} }
func boolean() param               { return param{kind: kindBool} }
func integer() param               { return param{kind: kindInt} }
func number() param                { return param{kind: kindNumber} }
func decimal() param               { return param{kind: kindDecimal} }
func oneOf(values ...string) param { return param{kind: kindText, enum: values} }
func object(fields params) param   { return param{kind: kindObject, fields: fields} }
func array(item param, maxLen int) param {
	return param{kind: kindArray, item: &item, max: maxLen}
}
func dict(item param) param { return param{kind: kindDict, item: &item} }
func (p param) must() param { p.required = true; return p }
func (p param) orEmpty() param {
	p.emptiable = true
	return p
}

// Texts of validation errors that Stripe does not document, unverified.
const (
	textTooLong     = "Invalid string: '%s'; must be at most %d characters"
	textInvalidBool = "Invalid boolean: %s"
	textInvalidNum  = "Invalid decimal: %s"
	textTooMany     = "Array %s exceeded maximum %d allowed elements."
	textDecimals    = "Invalid decimal: %s; must contain at maximum 12 decimal places."
)

var decimalPattern = regexp.MustCompile(`^-?\d+(\.\d+)?$`)

// maxDecimals is how many decimal places an amount in cents may have.
const maxDecimals = 12

// check validates a branch against its parameters, unknown names first, as
// Stripe does.
func (ps params) check(prefix string, n *node) *apiError {
	if len(n.appended) > 0 {
		return invalid("", prefix, "Invalid object")
	}
	for _, name := range n.names {
		if _, known := ps[name]; !known {
			return unknownParam(join(prefix, name))
		}
	}
	for _, name := range sortedNames(ps) {
		child, given := n.children[name]
		if !given {
			if ps[name].required {
				return missingParam(join(prefix, name))
			}
			continue
		}
		if err := ps[name].check(join(prefix, name), child); err != nil {
			return err
		}
	}
	return nil
}

func sortedNames(ps params) []string {
	names := make([]string, 0, len(ps))
	for name := range ps {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func join(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "[" + name + "]"
}

func (p param) check(path string, n *node) *apiError {
	if n.leaf && n.text == "" {
		if p.emptiable {
			return nil
		}
		return emptyParam(path)
	}
	switch p.kind {
	case kindObject:
		if n.leaf {
			return invalid("", path, "Invalid object")
		}
		return p.fields.check(path, n)
	case kindDict:
		return p.checkDict(path, n)
	case kindArray:
		return p.checkArray(path, n)
	case kindTime:
		return checkTime(path, n)
	default:
		if !n.leaf {
			return invalid("", path, "Invalid string: %s", "{}")
		}
		return p.checkLeaf(path, n.text)
	}
}

func (p param) checkDict(path string, n *node) *apiError {
	if n.leaf || len(n.appended) > 0 {
		return invalid("", path, "Invalid object")
	}
	for _, name := range n.names {
		if err := p.item.check(join(path, name), n.children[name]); err != nil {
			return err
		}
	}
	return nil
}

func (p param) checkArray(path string, n *node) *apiError {
	elements, ok := n.elements()
	if !ok {
		return invalid("", path, "Invalid array")
	}
	if p.max > 0 && len(elements) > p.max {
		return invalid("", path, textTooMany, path, p.max)
	}
	for i, element := range elements {
		if err := p.item.check(join(path, strconv.Itoa(i)), element); err != nil {
			return err
		}
	}
	return nil
}

func (p param) checkLeaf(path, value string) *apiError {
	switch p.kind {
	case kindBool:
		if value != "true" && value != "false" {
			return invalid("", path, textInvalidBool, value)
		}
	case kindInt:
		if _, err := strconv.ParseInt(value, 10, 64); err != nil {
			return invalid("parameter_invalid_integer", path, "Invalid integer: %s", value)
		}
	case kindUpTo:
		if _, err := strconv.ParseInt(value, 10, 64); err != nil && value != "inf" {
			return invalid("parameter_invalid_integer", path, "Invalid integer: %s", value)
		}
	case kindNumber:
		if _, err := strconv.ParseFloat(value, 64); err != nil || !decimalPattern.MatchString(value) {
			return invalid("", path, textInvalidNum, value)
		}
	case kindDecimal:
		return checkDecimal(path, value)
	default:
		return p.checkText(path, value)
	}
	return nil
}

func checkDecimal(path, value string) *apiError {
	if !decimalPattern.MatchString(value) {
		return invalid("", path, textInvalidNum, value)
	}
	if _, fraction, _ := strings.Cut(value, "."); len(fraction) > maxDecimals {
		return invalid("", path, textDecimals, value)
	}
	return nil
}

func (p param) checkText(path, value string) *apiError {
	if p.enum != nil && !slices.Contains(p.enum, value) {
		return invalid("", path, "Invalid %s: must be one of %s", path, orList(p.enum))
	}
	if p.max > 0 && utf8.RuneCountInString(value) > p.max {
		return invalid("", path, textTooLong, value, p.max)
	}
	return nil
}

func orList(values []string) string {
	if len(values) == 1 {
		return values[0]
	}
	last := len(values) - 1
	return strings.Join(values[:last], ", ") + ", or " + values[last]
}
