package graph

import (
	"container/list"
	"sync"
)

// maxCached bounds what all cached documents weigh together, in bytes, and maxSchemas all
// cached answers about the schema.
const (
	maxCached  = 32 << 20
	maxSchemas = maxAnswer
)

// A syntax tree with what validation notes in it takes about this much per token.
const (
	bytesPerToken    = 200
	bytesPerDocument = 1 << 10
)

func weigh(query string, tokens int) int {
	return bytesPerDocument + 2*len(query) + bytesPerToken*tokens
}

// recent keeps what was used last, each by a text, up to a weight in all. Clients send the
// same few documents all the time, and reading one costs four times as much as the rest of a
// small query.
type recent[V any] struct {
	most int

	mu     sync.Mutex
	weight int
	byText map[string]*list.Element
	used   *list.List // of *kept[V], the last used first
}

type kept[V any] struct {
	text   string
	value  V
	weight int
}

func newRecent[V any](most int) *recent[V] {
	return &recent[V]{most: most, byText: map[string]*list.Element{}, used: list.New()}
}

// get returns the zero value where there is none.
func (c *recent[V]) get(text string) (v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, ok := c.byText[text]
	if !ok {
		return v
	}
	c.used.MoveToFront(known)
	return known.Value.(*kept[V]).value
}

func (c *recent[V]) add(text string, v V, weight int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byText[text]; ok || weight > c.most {
		return
	}
	c.byText[text] = c.used.PushFront(&kept[V]{text, v, weight})
	for c.weight += weight; c.weight > c.most; {
		oldest := c.used.Remove(c.used.Back()).(*kept[V])
		delete(c.byText, oldest.text)
		c.weight -= oldest.weight
	}
}
