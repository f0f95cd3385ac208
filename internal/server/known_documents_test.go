package server_test

import (
	"regexp"
	"testing"

	"github.com/golive-hq/golive/graph"
	"github.com/golive-hq/golive/internal/server"
	"github.com/golive-hq/golive/internal/tenant"
	"github.com/golive-hq/golive/web"
)

var nameOfDocument = regexp.MustCompile(`^(?:query|mutation|subscription) (\w+)`)

// Where only the page's documents run, the page goes on: they are all known, and run as the
// page has them.
func TestThePageRunsWhereOnlyItsDocumentsDo(t *testing.T) {
	t.Parallel()
	manifest, err := graph.ParseManifest(web.Documents)
	must(t, err)
	open, strict := start(t), start(t, func(c *server.Config) { c.API.Manifest, c.API.TrustedOnly = manifest, true })
	_, tokens := strict.newTenant(t, "acme")
	_, same := open.newTenant(t, "acme")
	ran := map[string]bool{}
	for _, document := range manifest {
		name := nameOfDocument.FindStringSubmatch(document)[1]
		variables, known := map[string]vars{
			"Shell": {}, "Service": {}, "ProductCounts": {"slug": "acme"}, "Home": {"slug": "acme"}, "Me": {},
			"Products": {"slug": "acme", "first": 10, "orderBy": "NAME"},
			"ReadTime": {"text": "tomorrow 9:00 Berlin", "timeZone": "UTC", "viewerZone": "UTC", "disambiguation": "REJECT"},
		}[name]
		if !known {
			continue
		}
		ran[name] = true
		for _, s := range []struct {
			*stack
			token string
		}{{strict, tokens[tenant.RoleAdmin]}, {open, same[tenant.RoleAdmin]}} {
			s.ok(t, s.token, document, variables)
		}
	}
	if len(ran) < 7 {
		t.Errorf("the page no longer has all of these: only %v ran", ran)
	}
	if a := strict.post(t, tokens[tenant.RoleAdmin], `{ viewer { kind } }`, nil); a.code() != "BAD_REQUEST" {
		t.Errorf("a document of somebody else's: %+v", a)
	}
}
