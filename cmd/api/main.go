// Command api serves GraphQL, REST and the page.
package main

import (
	"os"
	"runtime/debug"

	"github.com/golive-hq/golive/internal/app"
)

// garbage is how many percent of what is in use may wait to be collected. Most of an API's
// memory is open pages that ask nothing, so Go's own 100 would be paid for each of them.
const garbage = 60

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	os.Exit(app.Main("api", app.API))
}
