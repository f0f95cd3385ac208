package pgtest

import (
	"os"
	"time"
)

// LabEnv moves a process, and the keeper that it starts, to a shared folder of
// its own, where the server ends at once with its last user.
const LabEnv = "GOLIVE_PGTEST_LAB"

// A variable, because those are set before init makes the process a keeper.
var _ = enterLab()

func enterLab() bool {
	dir := os.Getenv(LabEnv)
	if dir != "" {
		parent, grace = dir, time.Millisecond
	}
	return dir != ""
}

// Memory is where this process's shared folder is.
var Memory = parent
