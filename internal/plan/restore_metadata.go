package plan

import (
	"fmt"
	"maps"
	"slices"
)

// narrow forgets what others keep in live's metadata: the way back has a say only in
// the keys that the deployment wrote.
func (r *Restoration) narrow() {
	wrote := map[string]map[string]string{}
	for _, t := range r.Touched {
		if wrote[t.LiveID] == nil {
			wrote[t.LiveID] = map[string]string{}
		}
		for _, key := range t.keys() {
			wrote[t.LiveID][key] = ""
		}
	}
	r.Live.Product.Metadata = Narrowed(r.Live.Product.Metadata, wrote[r.Live.Product.ID])
	for i := range r.Live.Prices {
		p := &r.Live.Prices[i]
		p.Metadata = Narrowed(p.Metadata, wrote[p.ID])
	}
}

// keys are the metadata keys that the deployment wrote.
func (t *Touched) keys() (keys []string) {
	for _, f := range t.Fields {
		if key, is := metadataKey(f); is {
			keys = append(keys, key)
		}
	}
	return keys
}

// restoreKeys takes back the metadata keys that the deployment wrote. One that somebody
// has changed since is theirs: it stays, and is told.
func (r *Restoration) restoreKeys(t Touched, now map[string]string, of string) map[string]string {
	keys := t.keys()
	if r.version == first && len(keys) > 0 {
		return t.metadata()
	}
	before, have := members(metadataWire(t.metadata())), members(metadataWire(now))
	back := maps.Clone(now)
	for _, key := range keys {
		old, had := before[key].(string)
		switch {
		case sameWire(have[key], before[key]):
		case !r.ours(t, keyField(key), have[key]):
			r.note(fmt.Sprintf("The metadata key %q of %s was changed in live mode since, so it stays as it is.", key, of))
		case !had:
			delete(back, key)
		default:
			if back == nil {
				back = map[string]string{}
			}
			back[key] = old
		}
	}
	return back
}

func (r *Restoration) note(says string) {
	if !slices.Contains(r.notes, says) {
		r.notes = append(r.notes, says)
	}
}
