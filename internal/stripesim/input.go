package stripesim

import "strconv"

// input reads parameters that have been checked, so it cannot fail: it must
// only be asked for kinds that the route's params promise.
type input struct{ n *node }

func (in input) has(name string) bool {
	_, ok := in.n.children[name]
	return ok
}

// cleared reports the empty string: the caller asked to unset the field.
func (in input) cleared(name string) bool {
	c, ok := in.n.children[name]
	return ok && c.leaf && c.text == ""
}

func (in input) text(name string) string {
	if c, ok := in.n.children[name]; ok {
		return c.text
	}
	return ""
}

// textOr is for fields that have a default.
func (in input) textOr(name, otherwise string) string {
	if s := in.text(name); s != "" {
		return s
	}
	return otherwise
}

// setText overwrites a nullable field if the parameter is there; "" is null.
func (in input) setText(name string, field **string) {
	if in.has(name) {
		*field = orNull(in.text(name))
	}
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (in input) setBool(name string, field *bool) {
	if in.has(name) {
		*field = in.text(name) == "true"
	}
}

func (in input) flag(name string) bool { return in.text(name) == "true" }

func (in input) integer(name string) *int64 {
	if !in.has(name) {
		return nil
	}
	i, _ := strconv.ParseInt(in.text(name), 10, 64)
	return &i
}

func (in input) object(name string) input {
	if c, ok := in.n.children[name]; ok {
		return input{c}
	}
	return input{&node{}}
}

func (in input) names() []string { return in.n.names }

func (in input) list(name string) []input {
	elements, _ := in.object(name).n.elements()
	list := make([]input, len(elements))
	for i, element := range elements {
		list[i] = input{element}
	}
	return list
}

// texts is never nil, since Stripe answers [] and not null.
func (in input) texts(name string) []string {
	texts := []string{}
	for _, element := range in.list(name) {
		texts = append(texts, element.n.text)
	}
	return texts
}
