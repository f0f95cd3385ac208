package fair

import "sync"

// Crew lets one of a process at a time do what many ask for under one name.
type Crew struct {
	mu    sync.Mutex
	again map[string]bool // by the names under way: whether somebody has asked since
}

// Do lets do run, and once more for those who asked meanwhile: they return at once. It
// goes on no longer than that, or somebody's request would not end while others keep asking:
// whoever asks during the second time has to ask again.
func (c *Crew) Do(name string, do func()) {
	if !c.begin(name) {
		return
	}
	left := false
	defer func() {
		if !left { // after the second time, or a panic
			c.leave(name, true)
		}
	}()
	do()
	if left = c.leave(name, false); !left {
		do()
	}
}

func (c *Crew) begin(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, busy := c.again[name]; busy {
		c.again[name] = true
		return false
	}
	if c.again == nil {
		c.again = map[string]bool{}
	}
	c.again[name] = false
	return true
}

// leave ends it, unless somebody has asked since: nobody can ask in between.
func (c *Crew) leave(name string, all bool) (left bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.again[name] && !all {
		c.again[name] = false
		return false
	}
	delete(c.again, name)
	return true
}
