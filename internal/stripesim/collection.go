package stripesim

import (
	"cmp"
	"slices"
)

// entry is one stored object. Its value is replaced, never changed in place,
// so that snapshots held by answers and events stay what they were.
type entry[T any] struct {
	id      string
	created int64
	seq     int
	value   *T
}

// ordered keeps entries oldest first; Stripe lists newest first, and objects
// of the same second by insertion.
type ordered[T any] []*entry[T]

func (o ordered[T]) search(e *entry[T]) int {
	i, _ := slices.BinarySearchFunc(o, e, func(a, b *entry[T]) int {
		return cmp.Or(cmp.Compare(a.created, b.created), cmp.Compare(a.seq, b.seq))
	})
	return i
}

func (o *ordered[T]) insert(e *entry[T]) { *o = slices.Insert(*o, o.search(e), e) }

func (o *ordered[T]) remove(e *entry[T]) {
	i := o.search(e)
	*o = slices.Delete(*o, i, i+1)
}

// collection is all objects of one kind in one account and mode.
type collection[T any] struct {
	byID map[string]*entry[T]
	all  ordered[T]
	next int
	// group, if set, tells what values are often listed by, which never changes of one;
	// groups are the lists.
	group  func(*T) string
	groups map[string]*ordered[T]
}

func newCollection[T any]() *collection[T] {
	return &collection[T]{byID: map[string]*entry[T]{}}
}

func newGrouped[T any](group func(*T) string) *collection[T] {
	c := newCollection[T]()
	c.group, c.groups = group, map[string]*ordered[T]{}
	return c
}

// within is the group of that name, or everything where no group is asked for.
func (c *collection[T]) within(in input, param string) ordered[T] {
	if !in.has(param) {
		return c.all
	}
	if group := c.groups[in.text(param)]; group != nil {
		return *group
	}
	return nil
}

func (c *collection[T]) get(id string) (*T, bool) {
	e, ok := c.byID[id]
	if !ok {
		return nil, false
	}
	return e.value, true
}

func (c *collection[T]) holds(id string) bool { return c.byID[id] != nil }

func (c *collection[T]) add(id string, created int64, value *T) *entry[T] {
	c.next++
	e := &entry[T]{id: id, created: created, seq: c.next, value: value}
	c.byID[id] = e
	c.all.insert(e)
	if c.group != nil {
		name := c.group(value)
		if c.groups[name] == nil {
			c.groups[name] = &ordered[T]{}
		}
		c.groups[name].insert(e)
	}
	return e
}

func (c *collection[T]) replace(id string, value *T) { c.byID[id].value = value }

// edit replaces the value by a changed copy, which it returns.
func (c *collection[T]) edit(id string, change func(*T)) *T {
	v := *c.byID[id].value
	change(&v)
	c.replace(id, &v)
	return &v
}

func (c *collection[T]) remove(id string) {
	if e := c.byID[id]; c.group != nil {
		c.groups[c.group(e.value)].remove(e)
	}
	c.all.remove(c.byID[id])
	delete(c.byID, id)
}

// subset is the existing ones among the ids, in list order.
func (c *collection[T]) subset(ids []string) ordered[T] {
	var some ordered[T]
	for _, id := range ids {
		if e, ok := c.byID[id]; ok && !slices.Contains(some, e) {
			some.insert(e)
		}
	}
	return some
}

// cursor is where a page starts and how long it may be.
type cursor[T any] struct {
	after  *entry[T] // older than this one
	before *entry[T] // newer than this one
	limit  int
}

// page returns up to limit matching values newest first, and whether more lie
// beyond in the direction of travel.
func (o ordered[T]) page(c cursor[T], match func(*T) bool) ([]*T, bool) {
	if c.before != nil {
		return o.pageUp(c, match)
	}
	start := len(o) - 1
	if c.after != nil {
		start = o.search(c.after) - 1
	}
	var page []*T
	for i := start; i >= 0; i-- {
		if !match(o[i].value) {
			continue
		}
		if len(page) == c.limit {
			return page, true
		}
		page = append(page, o[i].value)
	}
	return page, false
}

// pageUp walks towards newer entries, then turns the page newest first.
func (o ordered[T]) pageUp(c cursor[T], match func(*T) bool) ([]*T, bool) {
	var page []*T
	more := false
	start := o.search(c.before)
	if start < len(o) && o[start] == c.before {
		start++
	}
	for _, e := range o[start:] {
		if !match(e.value) {
			continue
		}
		if len(page) == c.limit {
			more = true
			break
		}
		page = append(page, e.value)
	}
	slices.Reverse(page)
	return page, more
}
