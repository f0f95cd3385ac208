package logid_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/golive-hq/golive/internal/logid"
)

func TestAttrs(t *testing.T) {
	t.Parallel()
	none := context.Background()
	request, deployment := logid.WithRequest(none, "req-1"), logid.WithDeployment(none, "dep-1")
	both := logid.WithDeployment(request, "dep-1")
	for want, ctx := range map[string]context.Context{
		"[]":                                     none,
		"[request_id=req-1]":                     request,
		"[deployment_id=dep-1]":                  deployment,
		"[request_id=req-1 deployment_id=dep-1]": both,
	} {
		if got := fmt.Sprint(logid.Attrs(ctx)); got != want {
			t.Errorf("%s; want %s", got, want)
		}
	}
	if logid.Request(both) != "req-1" || logid.Request(deployment) != "" {
		t.Error(logid.Request(both), logid.Request(deployment))
	}
}
