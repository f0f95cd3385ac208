package client

import (
	"context"
	"time"
)

// Change is Mutate for a mutation that gives a deployment: goLive, scheduleGoLive,
// rescheduleDeployment, deployNow, cancelDeployment, rollbackDeployment. fields are
// what is wanted of the deployment, and D their shape. With DEPLOYMENT_IN_PROGRESS
// the deployment beside the error is the one that runs; it is nil where there is none.
func Change[D any](ctx context.Context, c *Client, mutation string, input any, fields string) (*D, error) {
	payload, err := Mutate[struct{ Deployment *D }](ctx, c, mutation, input, `deployment { `+fields+` }`)
	return payload.Deployment, err
}

// Deployment looks at one deployment: nil where there is none of that id that the
// token may see. fields are what is wanted of it, and D their shape. Errors are
// those of Do.
func Deployment[D any](ctx context.Context, c *Client, id, fields string) (*D, error) {
	data, err := Do[struct{ Deployment *D }](ctx, c, `query($id: ID!) { deployment(id: $id) { `+fields+` } }`, map[string]any{"id": id})
	return data.Deployment, err
}

// Event is one line of a deployment's history.
type Event struct {
	// Sequence counts from 1, without gaps.
	Sequence int `json:"sequence"`
	// At is when it happened, in UTC.
	At time.Time `json:"at"`
	// Status is where the deployment stood then, such as DEPLOYING.
	Status string `json:"status"`
	// Percentage is how much was done then, from 0 to 100; it never falls.
	Percentage int `json:"percentage"`
	// Message is what happened, for people.
	Message string `json:"message"`
	// Terminal is true on the event that ends the run; no event follows it.
	Terminal bool `json:"terminal"`
}

// Newest asks Progress for the newest event, and those that follow.
const Newest = -1

// Progress subscribes to the events of a deployment after that sequence, 0 for all
// of them. A client that lost its connection passes the last sequence that it has
// seen, misses nothing and sees nothing twice. Errors are those of Subscribe.
func Progress(ctx context.Context, c *Client, deploymentID string, after int) (*Subscription[Event], error) {
	variables := map[string]any{"id": deploymentID}
	if after != Newest {
		variables["after"] = after
	}
	return Subscribe[Event](ctx, c, `subscription($id: ID!, $after: Int) { deploymentProgress(deploymentId: $id, after: $after) {
		sequence at status percentage message terminal
	} }`, variables)
}
