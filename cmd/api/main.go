// Command api serves GraphQL, REST and the page.
package main

import (
	"os"

	"github.com/golive-hq/golive/internal/app"
)

func main() {
	os.Exit(app.Main("api", app.API))
}
