package plan

import (
	"cmp"
	"maps"
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
)

// Stripe merges metadata key by key, and so do plans: each key is a field of its own,
// metadata.color. What others keep beside ours is none of a plan's business.

const metadataField = "metadata"

// keyField names the field of one metadata key.
func keyField(key string) string { return metadataField + "." + key }

// metadataKey is the key that a field stands for, ok is false for any other field.
func metadataKey(field string) (key string, ok bool) {
	return strings.CutPrefix(field, metadataField+".")
}

// parameter is the name under which Stripe takes a field.
func parameter(field string) string {
	if key, ok := metadataKey(field); ok {
		return metadataField + "[" + key + "]"
	}
	return field
}

// valuesOf are an object's fields in wire form, with metadata key by key as well.
func valuesOf[T any](fields []field[T], object *T) values {
	v := wires(fields, object)
	for k, value := range members(v[metadataField]) {
		v[keyField(k)] = value
	}
	return v
}

// spelled names metadata key by key: those that want has, then those that it lacks.
func spelled(fields []string, want, have values) []string {
	var all []string
	for _, f := range fields {
		if f != metadataField {
			all = append(all, f)
			continue
		}
		for k := range sorted(members(want[f])) {
			all = append(all, keyField(k))
		}
		for k := range sorted(members(have[f])) {
			if _, wanted := want[keyField(k)]; !wanted {
				all = append(all, keyField(k))
			}
		}
	}
	return all
}

// Narrowed is metadata without the keys of others: only those that some of ours have,
// and Golive's stamp.
func Narrowed(metadata map[string]string, ours ...map[string]string) map[string]string {
	narrow := maps.Clone(metadata)
	maps.DeleteFunc(narrow, func(key, _ string) bool {
		for _, some := range ours {
			if _, has := some[key]; has {
				return false
			}
		}
		return key != catalog.StampKey
	})
	return narrow
}

// narrow forgets what others keep in live's metadata: a go-live has a say in the keys
// that test has, and in those that the last deployment left.
func narrow(d *differ) {
	known := d.in.Known
	live := &d.in.Live.Product
	live.Metadata = Narrowed(live.Metadata, d.in.Test.Product.Metadata, productMetadata(known.Product))
	for _, p := range d.pairs {
		if p.live != nil {
			p.live.Metadata = Narrowed(p.live.Metadata, p.test.Metadata, known.Prices[p.test.ID].Metadata)
		}
	}
	for testID, liveID := range known.Links.Prices() {
		if p := d.in.Live.Price(liveID); p != nil && d.in.Test.Price(testID) == nil {
			p.Metadata = Narrowed(p.Metadata, known.Prices[testID].Metadata)
		}
	}
}

// ownLive is live without what others keep in metadata: ours are the keys that the last
// deployment left, and of what is to be taken over those that test has.
func (e *Evidence) ownLive() *catalog.Snapshot {
	live := cloned(e.Live.Value)
	if live == nil {
		return nil
	}
	base, test := map[string]map[string]string{}, cmp.Or(e.Test.Value, &catalog.Snapshot{})
	for testID, p := range e.Known.Prices {
		base[e.Known.Links.Price(testID)] = p.Metadata
	}
	var wanted []map[string]string
	for _, p := range test.Prices {
		wanted = append(wanted, p.Metadata)
	}
	live.Product.Metadata = Narrowed(live.Product.Metadata, cmp.Or(e.Known.Product, &test.Product).Metadata)
	for i := range live.Prices {
		p := &live.Prices[i]
		if left, deployed := base[p.ID]; deployed {
			p.Metadata = Narrowed(p.Metadata, left)
		} else {
			p.Metadata = Narrowed(p.Metadata, wanted...)
		}
	}
	return live
}

// others counts the metadata keys that others keep in live beside what will be ours.
func others(live map[string]string, ours ...map[string]string) int {
	return len(live) - len(Narrowed(live, ours...))
}

func productMetadata(p *catalog.Product) map[string]string {
	if p == nil {
		return nil
	}
	return p.Metadata
}
