package plan_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// decodeForm reads a body as Stripe does: a[b][0]=c is a list in an object.
func decodeForm(body string) (map[string]any, error) {
	pairs, err := url.ParseQuery(body)
	if err != nil {
		return nil, err
	}
	root := map[string]any{}
	for key, given := range pairs {
		if len(given) != 1 {
			return nil, fmt.Errorf("%s is given %d times", key, len(given))
		}
		at, path := root, strings.Split(strings.ReplaceAll(key, "]", ""), "[")
		for _, name := range path[:len(path)-1] {
			if at[name] == nil {
				at[name] = map[string]any{}
			}
			inner, ok := at[name].(map[string]any)
			if !ok {
				return nil, fmt.Errorf("%s is a value and holds some", name)
			}
			at = inner
		}
		at[path[len(path)-1]] = given[0]
	}
	for name, v := range root {
		if name != "metadata" { // whose values are texts, whatever they look like
			root[name] = typed(name, v)
		}
	}
	return root, nil
}

// typed gives a parameter the type that Stripe's documentation says it has.
func typed(name string, v any) any {
	if text, ok := v.(string); ok {
		return typedText(name, text)
	}
	object, _ := v.(map[string]any)
	for k := range object {
		object[k] = typed(k, object[k])
	}
	if _, list := object["0"]; !list {
		return object
	}
	items := make([]any, len(object))
	for i := range items {
		items[i] = object[strconv.Itoa(i)]
	}
	return items
}

func typedText(name, text string) any {
	switch name {
	case "active", "shippable", "enabled", "transfer_lookup_key":
		if b, err := strconv.ParseBool(text); err == nil {
			return b
		}
	case "interval_count", "divide_by", "minimum", "maximum", "preset", "trial_period_days", "up_to":
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
	}
	if text == "" || text == "inf" {
		return nil
	}
	return text
}

// merge writes parameters into an object. Metadata is merged by key, the options
// of currencies by currency and parameter; all else is replaced.
func merge[T any](object *T, params map[string]any) error {
	var members map[string]any
	if err := json.Unmarshal([]byte(toJSON(object)), &members); err != nil {
		return err
	}
	for name, v := range params {
		members[name] = merged(name, members[name], v)
	}
	var now T
	if err := json.Unmarshal([]byte(toJSON(members)), &now); err != nil {
		return err
	}
	*object = now
	return nil
}

func merged(name string, old, given any) any {
	have, _ := old.(map[string]any)
	add, ok := given.(map[string]any)
	if !ok || (name != "metadata" && name != "currency_options") {
		return given
	}
	out := map[string]any{}
	maps.Copy(out, have)
	for _, k := range slices.Sorted(maps.Keys(add)) {
		switch option, _ := out[k].(map[string]any); {
		case add[k] == "":
			delete(out, k)
		case name == "currency_options":
			both := map[string]any{"tax_behavior": "unspecified"}
			maps.Copy(both, option)
			maps.Copy(both, add[k].(map[string]any))
			out[k] = both
		default:
			out[k] = add[k]
		}
	}
	return out
}

// toJSON encodes what cannot fail to encode.
func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
