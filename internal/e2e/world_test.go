package e2e_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/golive-hq/golive/internal/stripesim"
)

// world is one mode's catalogue as people have built it, in order of creation.
type world struct {
	products, prices []object
}

// apply does what the edit says. liveID resolves "of price_x"; it is nil in test.
func (w *world) apply(e edit, liveID func(testID string) string) error {
	r := resolver(liveID)
	for _, p := range e.Products {
		merge(&w.products, r.in(p))
	}
	for _, p := range e.Prices {
		for _, one := range repeated(p) {
			if err := mergePrice(&w.prices, one, r); err != nil {
				return err
			}
		}
	}
	for _, id := range e.Gone {
		gone := func(o object) bool { return o["id"] == r.text(id) }
		w.products = slices.DeleteFunc(w.products, gone)
		w.prices = slices.DeleteFunc(w.prices, gone)
	}
	return nil
}

func mergePrice(prices *[]object, p object, r resolver) error {
	patch := r.in(p)
	if of, ok := patch["of"].(string); ok {
		patch["id"] = r(of)
		delete(patch, "of")
	}
	if patch["id"] == "" || patch["id"] == nil {
		return fmt.Errorf("no live price of %v", p["of"])
	}
	merge(prices, patch)
	return nil
}

// merge adds the object, or patches the one with its id.
func merge(all *[]object, patch object) {
	i := slices.IndexFunc(*all, func(o object) bool { return o["id"] == patch["id"] })
	if i < 0 {
		*all = append(*all, patched(object{}, patch))
		return
	}
	(*all)[i] = patched((*all)[i], patch)
}

// patched is RFC 7386: null removes a member, objects merge, all else replaces.
func patched(o, patch object) object {
	o = maps.Clone(o)
	for k, v := range patch {
		inner, isObject := v.(object)
		switch {
		case v == nil:
			delete(o, k)
		case isObject:
			old, ok := o[k].(object)
			if !ok {
				old = object{}
			}
			o[k] = patched(old, inner)
		default:
			o[k] = v
		}
	}
	return o
}

// repeated expands {"times": 3, "id": "price_{n}"} into three prices.
func repeated(p object) []object {
	times, ok := p["times"].(json.Number)
	if !ok {
		return []object{p}
	}
	n, _ := times.Int64()
	all := make([]object, n)
	for i := range all {
		number := strconv.Itoa(i + 1)
		all[i] = eachText(p, func(s string) string { return strings.ReplaceAll(s, "{n}", number) }).(object)
		delete(all[i], "times")
	}
	return all
}

// resolver maps a test id to its live id.
type resolver func(testID string) string

func (r resolver) text(s string) string {
	if testID, ok := strings.CutPrefix(s, "of "); ok && r != nil {
		return r(testID)
	}
	return s
}

func (r resolver) in(o object) object { return eachText(o, r.text).(object) }

// eachText copies a JSON value with every string changed.
func eachText(v any, change func(string) string) any {
	switch v := v.(type) {
	case string:
		return change(v)
	case object:
		c := make(object, len(v))
		for k, member := range v {
			c[k] = eachText(member, change)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, element := range v {
			c[i] = eachText(element, change)
		}
		return c
	default:
		return v
	}
}

// find returns the object with that id, whichever its kind, or nil.
func (w *world) find(id string) object {
	for _, o := range slices.Concat(w.products, w.prices) {
		if o["id"] == id {
			return o
		}
	}
	return nil
}

func (w *world) state() stripesim.State {
	return stripesim.State{Products: rawAll(w.products), Prices: rawAll(w.prices)}
}

// worldOf reads a dump of the simulator.
func worldOf(s stripesim.State) (*world, error) {
	products, err := objects(s.Products)
	if err != nil {
		return nil, err
	}
	prices, err := objects(s.Prices)
	return &world{products, prices}, err
}

func objects(raw []json.RawMessage) ([]object, error) {
	all := make([]object, len(raw))
	for i, r := range raw {
		if err := decodeExact(r, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func rawAll(all []object) []json.RawMessage {
	raw := make([]json.RawMessage, len(all))
	for i, o := range all {
		b, err := json.Marshal(o)
		if err != nil {
			panic(err) // what came from JSON goes back
		}
		raw[i] = b
	}
	return raw
}
