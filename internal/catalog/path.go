package catalog

import "net/url"

// Path returns where Stripe has the object with that id: one segment of the path,
// whatever the id holds.
func (r Resource) Path(id string) string { return "/v1/" + string(r) + "s/" + url.PathEscape(id) }
