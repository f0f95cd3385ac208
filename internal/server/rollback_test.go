package server_test

import (
	"testing"

	"github.com/golive-hq/golive/internal/client"
)

// A list holds deployments of both kinds, and each names its counterpart or none.
func TestRollbacksAndTheirGoLivesNameEachOther(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	s.work(t)
	goLive := s.goLive(t, token, products[0])
	s.progress(t, token, goLive, client.Newest)
	made, err := client.Change[struct{ ID string }](t.Context(), s.as(token), "rollbackDeployment", vars{"deploymentId": goLive}, "id")
	must(t, err)
	s.progress(t, token, made.ID, client.Newest)

	found := s.ok(t, token, `{ tenant(slug: "acme") { deployments { nodes { id status rollbackOf { id } rolledBackBy { id } } } } }`, nil)
	nodes := found["tenant"].(map[string]any)["deployments"].(map[string]any)["nodes"].([]any)
	if len(nodes) != 2 {
		t.Fatalf("%d deployments", len(nodes))
	}
	back, forth := nodes[0].(map[string]any), nodes[1].(map[string]any)
	if back["rolledBackBy"] != nil || back["rollbackOf"].(map[string]any)["id"] != goLive || back["status"] != "COMPLETED" {
		t.Errorf("the rollback is %v", back)
	}
	if forth["rollbackOf"] != nil || forth["rolledBackBy"].(map[string]any)["id"] != made.ID || forth["status"] != "ROLLED_BACK" {
		t.Errorf("the go-live is %v", forth)
	}
}
