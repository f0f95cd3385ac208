package e2e_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
)

// derived are the members that Stripe makes itself, which no copy can have alike.
var derived = []string{"created", "updated", "livemode"}

// disagreements compares a live object with what it shall be, member by member of
// the raw JSON. want is a test object; liveIDs maps test ids to live ones. Prices
// have ids of their own in live, products keep theirs.
func disagreements(want, live object, liveIDs map[string]string) []string {
	w, l := essence(want, liveIDs), essence(live, nil)
	if l["object"] == "price" {
		delete(w, "id")
		delete(l, "id")
	}
	return differences("", w, l)
}

// essence is an object without what Stripe derives and Golive's stamp, with
// references as they are in live and numbers in one notation.
func essence(o object, liveIDs map[string]string) object {
	c := canonical("", o).(object)
	for _, name := range derived {
		delete(c, name)
	}
	if metadata, ok := c["metadata"].(object); ok {
		metadata = maps.Clone(metadata)
		delete(metadata, "golive")
		c["metadata"] = metadata
	}
	if id, ok := c["product"].(string); ok && liveIDs != nil {
		c["product"] = liveIDs[id]
	}
	if id, ok := c["default_price"].(string); ok && liveIDs[id] != "" {
		c["default_price"] = liveIDs[id] // else it is one of live's own
	}
	return c
}

// canonical writes each number, and each text under a name that says decimal, in
// lowest terms: 1950.50 is 1950.5.
func canonical(name string, v any) any {
	switch v := v.(type) {
	case object:
		c := make(object, len(v))
		for k, member := range v {
			c[k] = canonical(k, member)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, element := range v {
			c[i] = canonical(name, element)
		}
		return c
	case json.Number:
		return lowestTerms(v.String())
	case string:
		if strings.HasSuffix(name, "_decimal") {
			return lowestTerms(v)
		}
	}
	return v
}

func lowestTerms(number string) any {
	r, ok := new(big.Rat).SetString(number)
	if !ok {
		return number
	}
	return "number " + r.RatString()
}

// differences lists the paths at which two JSON values differ.
func differences(path string, want, got any) []string {
	switch want := want.(type) {
	case object:
		if got, ok := got.(object); ok {
			return memberDifferences(path, want, got)
		}
	case []any:
		if got, ok := got.([]any); ok && len(got) == len(want) {
			var all []string
			for i := range want {
				all = append(all, differences(fmt.Sprintf("%s[%d]", path, i), want[i], got[i])...)
			}
			return all
		}
	}
	w, g := text(want), text(got)
	if w == g {
		return nil
	}
	return []string{fmt.Sprintf("%s: want %s, got %s", strings.TrimPrefix(path, "."), w, g)}
}

func memberDifferences(path string, want, got object) []string {
	var all []string
	names := slices.Collect(maps.Keys(want))
	for name := range got {
		if _, ok := want[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		all = append(all, differences(path+"."+name, want[name], got[name])...)
	}
	return all
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // what came from JSON goes back
	}
	return string(b)
}

// has tells that an object has these members, whatever else it has.
func has(o, want object) bool {
	o, want = canonical("", o).(object), canonical("", want).(object)
	for name, v := range want {
		if len(differences("", v, o[name])) > 0 {
			return false
		}
	}
	return true
}
