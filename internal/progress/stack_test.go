package progress_test

import (
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
)

const simple = domaintest.Simple

var must = domaintest.Must

// stack is the whole domain, as these tests use it.
type stack struct{ *domaintest.Stack }

func newStack(t *testing.T) *stack {
	t.Helper()
	return &stack{domaintest.New(t)}
}

// heard waits until a dashboard shows the deployment in a status.
func heard(t *testing.T, changed <-chan *deployment.Deployment, id string, status deployment.Status) {
	t.Helper()
	for d := range changed {
		if d.ID == id && d.Status == status {
			return
		}
	}
	t.Fatalf("nobody heard that %s is %s", id, status)
}
