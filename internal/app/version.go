package app

import (
	"fmt"
	"runtime/debug"
)

// release is set by the linker where a release is built outside of git:
// -ldflags "-X github.com/golive-hq/golive/internal/app.release=v1.2.3".
var release string

// Version names this build: the release or the commit, and the Go that made it.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	name := info.Main.Version
	if release != "" {
		name = release
	}
	return fmt.Sprintf("golive %s (%s)", name, info.GoVersion)
}
