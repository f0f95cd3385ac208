package importing

import "github.com/riverqueue/river"

// Queue is the River queue of imports: few places, that many imports at a time.
const Queue = "import"

// RunArgs is the job that carries out one import. The row is the truth; the job only says
// that somebody should look at it.
type RunArgs struct {
	ImportID string `json:"import_id" river:"unique"`
	// Dispatch counts the jobs of this import, from 1.
	Dispatch int `json:"dispatch" river:"unique"`
}

// Kind is the job's name in River.
func (RunArgs) Kind() string { return "import_run" }

// InsertOpts keeps one job per dispatch.
func (RunArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: Queue, MaxAttempts: 5, UniqueOpts: river.UniqueOpts{ByArgs: true}}
}
