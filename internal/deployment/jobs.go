package deployment

import "github.com/riverqueue/river"

// Queue is the River queue of deployments: long ones must not starve others.
const Queue = "deploy"

// RunArgs is the job that carries out one deployment. The row is the truth; the
// job only says that somebody should look at it.
type RunArgs struct {
	DeploymentID string `json:"deployment_id" river:"unique"`
	// Dispatch counts the jobs of this deployment, from 1.
	Dispatch int `json:"dispatch" river:"unique"`
}

// Kind is the job's name in River.
func (RunArgs) Kind() string { return "deployment_run" }

// InsertOpts keeps one job per dispatch.
func (RunArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: Queue, MaxAttempts: 10, UniqueOpts: river.UniqueOpts{ByArgs: true}}
}
