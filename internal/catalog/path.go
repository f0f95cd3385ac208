package catalog

import (
	"net/url"
	"strings"
)

// Path returns where Stripe has the object with that id: one segment of the path,
// whatever the id holds.
func (r Resource) Path(id string) string {
	segment := url.PathEscape(id)
	if id == "." || id == ".." { // else whoever is on the way would take it for a folder
		segment = strings.ReplaceAll(id, ".", "%2E")
	}
	return "/v1/" + string(r) + "s/" + segment
}
