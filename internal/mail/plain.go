package mail

import (
	"strings"
	"unicode/utf8"
)

// width is where plain text wraps; format=flowed is understood too seldom.
const width = 76

// plain is the letter for those who read no HTML.
func (l letter) plain() string {
	var b strings.Builder
	paragraph := func(texts ...string) {
		for _, text := range texts {
			b.WriteString(wrap(text, "", ""))
			b.WriteString("\n")
		}
	}
	paragraph(l.Title)
	paragraph(l.Lead...)
	if len(l.Detail) > 0 {
		for _, line := range l.Detail {
			b.WriteString(wrap(line, "  ", "  "))
		}
		b.WriteString("\n")
	}
	paragraph(l.After...)
	l.plainFacts(&b)
	l.plainItems(&b)
	if l.URL != "" {
		b.WriteString(l.Action + ":\n" + l.URL + "\n\n")
	}
	b.WriteString("-- \n") // what mail programs know as the end
	b.WriteString(wrap(l.Why, "", ""))
	if l.Unsubscribe != "" {
		b.WriteString("Unsubscribe: " + l.Unsubscribe + "\n")
	}
	return b.String()
}

func (l letter) plainFacts(b *strings.Builder) {
	longest := 0
	for _, f := range l.Facts {
		longest = max(longest, len(f.Label))
	}
	for _, f := range l.Facts {
		first := f.Label + ":" + strings.Repeat(" ", longest-len(f.Label)+1)
		b.WriteString(wrap(f.Value, first, strings.Repeat(" ", longest+2)))
	}
	if len(l.Facts) > 0 {
		b.WriteString("\n")
	}
}

func (l letter) plainItems(b *strings.Builder) {
	for _, e := range l.Items {
		b.WriteString(wrap(e.Title, "* ", "  "))
		for _, text := range []string{e.When, e.Detail} {
			if text != "" {
				b.WriteString(wrap(text, "  ", "  "))
			}
		}
		if e.URL != "" {
			b.WriteString("  " + e.URL + "\n")
		}
		b.WriteString("\n")
	}
}

// wrap breaks text between words and ends it with a newline. A word longer than
// a line, such as a link, stays whole.
func wrap(text, first, rest string) string {
	var b strings.Builder
	b.WriteString(first)
	used, begun := utf8.RuneCountInString(first), false
	for word := range strings.FieldsSeq(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case !begun:
		case used+1+n > width:
			b.WriteString("\n" + rest)
			used = utf8.RuneCountInString(rest)
		default:
			b.WriteString(" ")
			used++
		}
		b.WriteString(word)
		used, begun = used+n, true
	}
	b.WriteString("\n")
	return b.String()
}
