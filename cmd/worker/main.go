// Command worker carries out deployments.
package main

import (
	"os"

	"github.com/golive-hq/golive/internal/app"
)

func main() {
	os.Exit(app.Main("worker", app.Worker))
}
