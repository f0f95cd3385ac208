package catalog

import (
	"bytes"
	"encoding/json"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// Decimal is an exact decimal number in plain notation without trailing zeros
// after the point ("19.995", "0"); empty is null. Stripe sends decimals as JSON
// strings or numbers; a float would lose digits of either.
type Decimal string

// UnmarshalJSON accepts a JSON string, number or null; an exponent is resolved.
func (d *Decimal) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	if string(b) == "null" {
		*d = ""
		return nil
	}
	text := string(b)
	if len(b) > 0 && b[0] == '"' {
		if err := json.Unmarshal(b, &text); err != nil {
			return err
		}
	}
	plain, ok := plainNumber(text)
	if !ok && text != "" {
		// Of this type, the decoder adds the field to it.
		return &json.UnmarshalTypeError{Value: "no plain decimal", Type: reflect.TypeFor[Decimal]()}
	}
	*d = Decimal(plain)
	return nil
}

// MarshalJSON writes a JSON string, or null.
func (d Decimal) MarshalJSON() ([]byte, error) {
	if d == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(d))
}

// number is sign, digits before and after the point, and exponent.
var number = regexp.MustCompile(`^(-?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?$`)

// maxExponent is far beyond any amount or size, and far below what fills memory.
const maxExponent = 100

// plainNumber writes a number out, without an exponent and without trailing zeros
// after the point.
func plainNumber(text string) (plain string, ok bool) {
	parts := number.FindStringSubmatch(text)
	if parts == nil || parts[2]+parts[3] == "" {
		return "", false
	}
	sign, whole, fraction := parts[1], parts[2], parts[3]
	if parts[4] != "" {
		exponent, err := strconv.Atoi(parts[4])
		if err != nil || max(exponent, -exponent) > maxExponent {
			return "", false
		}
		whole, fraction = shifted(whole, fraction, exponent)
	}
	if fraction = strings.TrimRight(fraction, "0"); fraction == "" {
		return sign + whole, true
	}
	return sign + whole + "." + fraction, true
}

// shifted moves the point of a number by as many places to the right, for a
// negative number to the left.
func shifted(whole, fraction string, places int) (string, string) {
	digits, point := whole+fraction, len(whole)+places
	if point < 0 {
		digits, point = strings.Repeat("0", -point)+digits, 0
	}
	digits += strings.Repeat("0", max(0, point-len(digits)))
	whole = strings.TrimLeft(digits[:point], "0")
	if whole == "" {
		whole = "0"
	}
	return whole, digits[point:]
}

// PlainNumbers is a JSON object with its numbers written out as Decimals are, so that
// integers are read from 1E3 and 1000.0, too. What is no JSON stays as it is.
func PlainNumbers(object []byte) []byte {
	var value any
	d := json.NewDecoder(bytes.NewReader(object))
	d.UseNumber()
	if d.Decode(&value) != nil {
		return object
	}
	b, err := json.Marshal(withPlainNumbers(value))
	if err != nil {
		return object
	}
	return b
}

func withPlainNumbers(value any) any {
	switch v := value.(type) {
	case json.Number:
		if plain, ok := plainNumber(v.String()); ok {
			return json.Number(plain)
		}
	case map[string]any:
		for name, member := range v {
			v[name] = withPlainNumbers(member)
		}
	case []any:
		for i, element := range v {
			v[i] = withPlainNumbers(element)
		}
	}
	return value
}
