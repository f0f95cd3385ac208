package e2e_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/golive-hq/golive/internal/domaintest"
)

// Sealing keys rotate while everything runs: what is connected afterwards is sealed with the
// new key, what was before still opens, and no process starts anew.
func TestSealingKeysRotateWithoutRestart(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "keys")
	must(t, os.WriteFile(file, []byte(golive(t, nil, "keys", "new")), 0o600))
	s := newProcesses(t, 1, 1, "GOLIVE_SEALING_KEYS_FILE="+file)
	before := s.newShop(t, "before", false)
	before.setTest(t, manyPrices(1))
	golive(t, []string{"GOLIVE_SEALING_KEYS_FILE=" + file}, "keys", "rotate", "--write", file)
	var after *shop
	domaintest.Until(t, "a connection under the new key", func() bool {
		n := 0
		must(t, s.pool.QueryRow(t.Context(), `SELECT count(*) FROM tenants`).Scan(&n))
		after = s.newShop(t, fmt.Sprintf("after-%d", n), false)
		return !bytes.Equal(s.keyOf(t, before), s.keyOf(t, after))
	})
	after.setTest(t, manyPrices(1))
	for _, sh := range []*shop{before, after} {
		d := sh.mustGoLive(t, goLiveInput{ProductID: sh.product(t, "prod_plans").ID})
		sh.end(t, d.ID)
	}
}

// keyOf tells one sealing key from another: sealed values begin with its number.
func (s *stack) keyOf(t *testing.T, sh *shop) (prefix []byte) {
	t.Helper()
	must(t, s.pool.QueryRow(t.Context(), `SELECT substr(sealed_key, 1, 5) FROM stripe_connections WHERE tenant_id = $1 AND mode = 'TEST'`, sh.tenantID).Scan(&prefix))
	return prefix
}
