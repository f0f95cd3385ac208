package catalog

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
)

// Decimal is an exact decimal number in plain notation without trailing zeros
// after the point ("19.995", "0"); empty is null. Stripe sends decimals as JSON
// strings or numbers; a float would lose digits of either.
type Decimal string

// UnmarshalJSON accepts a JSON string, number or null.
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
	if strings.Trim(text, "-0123456789.") != "" {
		// Of this type, the decoder adds the field to it.
		return &json.UnmarshalTypeError{Value: "no plain decimal", Type: reflect.TypeFor[Decimal]()}
	}
	*d = Decimal(text).canonical()
	return nil
}

// MarshalJSON writes a JSON string, or null.
func (d Decimal) MarshalJSON() ([]byte, error) {
	if d == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(d))
}

func (d Decimal) canonical() Decimal {
	if !strings.Contains(string(d), ".") {
		return d
	}
	return Decimal(strings.TrimRight(strings.TrimRight(string(d), "0"), "."))
}
