package quota

import "time"

// At sets what time it is for what this process counts by itself.
func (r *Rates) At(now func() time.Time) { r.now = now }

// Keys returns how many callers it remembers.
func (r *Rates) Keys() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.keys)
}

// Most that it remembers.
const KeysAtOnce = keysAtOnce
