package stripesim

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// node is one value of a decoded form: a leaf with text, or a branch whose
// children are named (a[b], a[0]) or appended (a[]).
type node struct {
	text     string
	leaf     bool
	names    []string
	children map[string]*node
	appended []*node
}

// parseForm decodes Stripe's bracket notation. Names stay names even if they
// are digits, since metadata[1] and images[1] differ by schema only.
func parseForm(raw string) (*node, *apiError) {
	root := &node{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		rawKey, rawValue, _ := strings.Cut(pair, "=")
		key, err1 := url.QueryUnescape(rawKey)
		value, err2 := url.QueryUnescape(rawValue)
		if err1 != nil || err2 != nil {
			return nil, invalid("", "", "Invalid request: the parameters are not form-encoded.")
		}
		if !root.set(splitKey(key), value) {
			return nil, invalid("", key, "Invalid request: conflicting values for %s", key)
		}
	}
	return root, nil
}

// splitKey turns a[b][] into a, b and an empty segment.
func splitKey(key string) []string {
	name, rest, nested := strings.Cut(key, "[")
	segments := []string{name}
	for nested {
		var segment string
		segment, rest, _ = strings.Cut(rest, "]")
		segments = append(segments, segment)
		_, rest, nested = strings.Cut(rest, "[")
	}
	return segments
}

func (n *node) set(path []string, value string) bool {
	if len(path) == 0 {
		n.text, n.leaf = value, true
		return n.children == nil && n.appended == nil
	}
	return !n.leaf && n.child(path).set(path[1:], value)
}

func (n *node) child(path []string) *node {
	name := path[0]
	if name == "" {
		return n.append(path)
	}
	if n.children == nil {
		n.children = map[string]*node{}
	}
	c, ok := n.children[name]
	if !ok {
		c = &node{}
		n.children[name] = c
		n.names = append(n.names, name)
	}
	return c
}

// append starts a new element, or continues the last one: in a[][x]=1&a[][y]=2
// both belong to one object until a name repeats.
func (n *node) append(path []string) *node {
	if len(path) > 1 && len(n.appended) > 0 {
		last := n.appended[len(n.appended)-1]
		if _, taken := last.children[path[1]]; !taken {
			return last
		}
	}
	n.appended = append(n.appended, &node{})
	return n.appended[len(n.appended)-1]
}

// elements reads the node as an array: a[] in order, or a[0], a[1] by number.
func (n *node) elements() ([]*node, bool) {
	if len(n.names) == 0 {
		return n.appended, !n.leaf
	}
	numbers := make([]int, 0, len(n.names))
	for _, name := range n.names {
		i, err := strconv.Atoi(name)
		if err != nil || i < 0 || len(n.appended) > 0 {
			return nil, false
		}
		numbers = append(numbers, i)
	}
	slices.Sort(numbers)
	elements := make([]*node, len(numbers))
	for i, number := range numbers {
		elements[i] = n.children[strconv.Itoa(number)]
		if elements[i] == nil { // a name such as "01"
			return nil, false
		}
	}
	return elements, true
}
