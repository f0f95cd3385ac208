package graph

import (
	"container/list"
	"sync"
)

// maxCached bounds what all cached documents weigh together, in bytes.
const maxCached = 32 << 20

// A syntax tree with what validation notes in it takes about this much per token.
const (
	bytesPerToken    = 200
	bytesPerDocument = 1 << 10
)

func weigh(query string, tokens int) int {
	return bytesPerDocument + 2*len(query) + bytesPerToken*tokens
}

// documentCache keeps the documents that were used last, up to a weight in all. Clients
// send the same few all the time, and reading one costs four times as much as the rest
// of a small query.
type documentCache struct {
	most int

	mu     sync.Mutex
	weight int
	byText map[string]*list.Element
	recent *list.List // of *document, the last used first
}

func newDocumentCache(most int) *documentCache {
	return &documentCache{most: most, byText: map[string]*list.Element{}, recent: list.New()}
}

// get returns nil where there is none.
func (c *documentCache) get(query string) *document {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, ok := c.byText[query]
	if !ok {
		return nil
	}
	c.recent.MoveToFront(known)
	return known.Value.(*document)
}

func (c *documentCache) add(d *document) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byText[d.text]; ok || d.weight > c.most {
		return
	}
	c.byText[d.text] = c.recent.PushFront(d)
	for c.weight += d.weight; c.weight > c.most; {
		oldest := c.recent.Remove(c.recent.Back()).(*document)
		delete(c.byText, oldest.text)
		c.weight -= oldest.weight
	}
}
