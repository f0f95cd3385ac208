package server

import (
	_ "embed" // for the page beside this file
	"html/template"
	"net/http"
)

//go:embed paid.html
var paidText string

var paidPage = template.Must(template.New("paid").Parse(paidText))

// paid is where customers go after a checkout, or instead of paying, unless the host sends
// them elsewhere. They have no session, and it asks nobody anything: what came of the
// payment the host knows.
func paid(w http.ResponseWriter, _ *http.Request) { linkPage(w, paidPage, nil, http.StatusOK) }
