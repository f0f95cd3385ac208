package mail

import (
	_ "embed" // for the template
	"html/template"
	"strings"
)

//go:embed letter.html
var page string

// Mail programs drop style sheets and most of CSS, so styles are on the elements
// and the layout is a plain column.
var pageTemplate = template.Must(template.New("letter").Parse(page))

// html is the letter as a page without pictures, scripts or anything fetched:
// nothing tells whether it was read.
func (l letter) html() (string, error) {
	var b strings.Builder
	err := pageTemplate.Execute(&b, l)
	return b.String(), err
}
