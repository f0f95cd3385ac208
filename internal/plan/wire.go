package plan

import (
	"bytes"
	"encoding/json"
	"net/url"
	"sort"
	"strconv"
	"strings"
)

// A wire value is what Stripe takes for a field: nil for unset, else a string,
// bool, int64, Ref, []any or map[string]any of such.

// sameWire compares two wire values, one of which may have been through JSON.
func sameWire(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// form is a request body in Stripe's form encoding, in the order in which it was
// written: the same plan always gives the same bytes.
type form struct{ b strings.Builder }

func (f *form) String() string { return f.b.String() }

// set writes v under key, nested values as key[sub]. An unset or empty value is
// written as key=, which clears the field at Stripe.
func (f *form) set(key string, v any) {
	switch v := v.(type) {
	case nil:
		f.pair(key, "")
	case string:
		f.pair(key, url.QueryEscape(v))
	case Ref:
		f.pair(key, v.String())
	case bool:
		f.pair(key, strconv.FormatBool(v))
	case int64:
		f.pair(key, strconv.FormatInt(v, 10))
	case []any:
		f.list(key, v)
	case map[string]any:
		f.object(key, v)
	default:
		panic("plan: no wire form for the value of " + key)
	}
}

func (f *form) list(key string, values []any) {
	if len(values) == 0 {
		f.pair(key, "")
	}
	for i, v := range values {
		f.set(key+"["+strconv.Itoa(i)+"]", v)
	}
}

func (f *form) object(key string, values map[string]any) {
	if len(values) == 0 {
		f.pair(key, "")
	}
	for _, k := range sortedKeys(values) {
		f.set(key+"["+k+"]", values[k])
	}
}

func (f *form) pair(key, escaped string) {
	if f.b.Len() > 0 {
		f.b.WriteByte('&')
	}
	f.b.WriteString(url.QueryEscape(key))
	f.b.WriteByte('=')
	f.b.WriteString(escaped)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
