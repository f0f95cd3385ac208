package stripesim

import (
	"encoding/json"
	"maps"
	"slices"
)

// The kinds of faults that spoil what reads tell; nothing happens by them.
const (
	// Hide leaves objects out of lists, those of Fault.IDs or all; by id they are there.
	Hide = "hide"
	// Stuck lets a list that is not empty begin anew on each page, and say that there is more.
	Stuck = "stuck"
	// Endless lets such a list hold one more object on each page, which nobody has made.
	Endless = "endless"
	// Alter overwrites members of objects, those of Fault.IDs or all, with Fault.Set,
	// in lists and by themselves, with whatever JSON: of a kind that Stripe never sends.
	Alter = "alter"
)

func (f *fault) is(kind string) bool { return f != nil && f.Kind == kind }

// concerns tells whether the fault is about the object with that id.
func (f *fault) concerns(id string) bool { return len(f.IDs) == 0 || slices.Contains(f.IDs, id) }

// shown is what a list has left to show.
func shown[T any](source ordered[T], f *fault) ordered[T] {
	if !f.is(Hide) {
		return source
	}
	return slices.DeleteFunc(slices.Clone(source), func(e *entry[T]) bool { return f.concerns(e.id) })
}

// oneMore is a page of an endless list: the newest object under a new id.
func oneMore[T any](o *op, source ordered[T], render func(*T, expansion) any) any {
	object := members(encode(render(source[len(source)-1].value, o.expand["data"])))
	object["id"] = encode(newID("endless_", 14))
	return list{Object: "list", Data: []any{object}, HasMore: true, URL: o.route.template}
}

// altered is the answer with the fault's members in its objects.
func (f *fault) altered(body []byte) []byte {
	answer := members(body)
	if _, isList := answer["data"]; !isList {
		return encode(f.overlaid(answer))
	}
	var objects []map[string]json.RawMessage
	_ = json.Unmarshal(answer["data"], &objects) // our own
	for i := range objects {
		objects[i] = f.overlaid(objects[i])
	}
	answer["data"] = encode(objects)
	return encode(answer)
}

func (f *fault) overlaid(object map[string]json.RawMessage) map[string]json.RawMessage {
	var id string
	_ = json.Unmarshal(object["id"], &id) // "" in an error
	if id != "" && f.concerns(id) {
		maps.Copy(object, f.Set)
	}
	return object
}

// members reads an object of our own making.
func members(object []byte) map[string]json.RawMessage {
	var all map[string]json.RawMessage
	_ = json.Unmarshal(object, &all)
	return all
}
