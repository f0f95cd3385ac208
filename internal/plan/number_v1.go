package plan

import (
	"net/url"
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
)

// v1 returns a step's path and body as hashes of version 1 digest them: with ids
// unescaped in placeholders, which name no kind, and in the paths of prices.
func (s *Step) v1() (path, body string) {
	path = s.Path
	if s.Resource == catalog.ResourcePrice && s.LiveID != "" {
		path = "/v1/prices/" + s.LiveID
	}
	return path, refs.ReplaceAllStringFunc(s.Body, func(p string) string {
		_, escaped, _ := strings.Cut(strings.Trim(p, "{}"), ":")
		id, err := url.QueryUnescape(escaped)
		if err != nil {
			panic(err) // Ref has escaped it
		}
		return "{" + id + "}"
	})
}
