package fair

import "sync"

// Crew lets one of a process at a time do what many ask for under one name.
type Crew struct {
	mu    sync.Mutex
	again map[string]bool // by the names under way: whether somebody has asked since
}

// Do lets do run, and once more for those who asked meanwhile: they return at once. It
// goes on no longer than that, or somebody's request would not end while others keep asking.
func (c *Crew) Do(name string, do func()) {
	if !c.begin(name) {
		return
	}
	defer c.end(name)
	if do(); c.asked(name) {
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

func (c *Crew) asked(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.again[name]
}

func (c *Crew) end(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.again, name)
}
