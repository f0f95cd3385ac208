package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/stripesim"
)

// heavy is a catalogue of so many products with 20 KB of metadata each.
func heavy(n int) *world {
	w := &world{}
	metadata := map[string]string{}
	for i := range 40 {
		metadata[fmt.Sprintf("key_%d", i)] = strings.Repeat("x", 500)
	}
	for i := range n {
		id := fmt.Sprintf("prod_%05d", i)
		w.products = append(w.products, object{"id": id, "name": "P", "metadata": metadata})
		w.prices = append(w.prices, object{"id": "price_" + id, "product": id, "currency": "usd", "unit_amount": 100})
	}
	return w
}

// runningImport is the tenant's newest import.
type runningImport struct {
	ID, By                     string
	Read, Added, Changed, Gone int
	FinishedAt, Error          *string
}

func (sh *shop) newestImport(t *testing.T) *runningImport {
	t.Helper()
	got, err := client.Do[struct {
		Tenant struct{ Import *runningImport }
	}](t.Context(), sh.Client,
		`query ($s: String!) { tenant(slug: $s) { import { id by read added changed gone finishedAt error } } }`, object{"s": sh.slug})
	must(t, err)
	return got.Tenant.Import
}

// peak is the most memory that a process has had, in MiB.
func (p *process) peak(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	must(t, err)
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	must(t, err)
	return kib / 1024
}

// A worker is killed in the middle of an import, and the next one after it, too: a third
// goes on from the last page, all arrives once, and neither the API nor any worker ever holds
// much of it. Four such catalogues at once took an API 2 GiB when it read them by itself.
func TestImportSurvivesItsWorkers(t *testing.T) {
	t.Parallel()
	const products = 1000
	s := newProcesses(t, 1, 1, "GOLIVE_LEASE="+shortLease.String())
	sh := s.newShop(t, "large", false)
	must(t, sh.sim.Load(sh.test.ID, stripesim.Test, heavy(products).state()))
	api, quiet := s.processes[0], s.processes[0].peak(t)
	started, err := client.Do[struct {
		StartImport struct{ Import *runningImport }
	}](t.Context(), sh.Client,
		`mutation ($t: ID!) { startImport(input: {tenantId: $t}) { import { id } userErrors { code } } }`, object{"t": sh.tenantID})
	must(t, err)
	for i, page := range []int{6, 3} { // counted anew
		call := holding{sh.sim, addFault(t, sh, stripesim.Fault{
			Kind: stripesim.Hold, Match: stripesim.Match{Account: sh.test.ID, Method: "GET", Path: "^/v1/products$", Nth: page},
		})}
		call.wait(t)
		s.workers()[i].kill(t)
		s.startWorker(t)
		call.release()
	}
	var got *runningImport
	domaintest.Until(t, "the end of the import", func() bool { got = sh.newestImport(t); return got.FinishedAt != nil })
	if got.ID != started.StartImport.Import.ID || got.Read != products || got.Added != products || got.Error != nil {
		t.Errorf("%+v", got)
	}
	var stored, times int
	must(t, s.pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM products WHERE gone_at IS NULL), (SELECT count(*) FROM audit_log WHERE action = 'products.imported')`).Scan(&stored, &times))
	if stored != products || times != 1 {
		t.Errorf("%d products, %d entries", stored, times)
	}
	last := s.workers()[2].peak(t)
	t.Logf("the API had %d MiB, now %d at most; the last worker %d", quiet, api.peak(t), last)
	if grown := api.peak(t) - quiet; grown > 20 || last > 200 {
		t.Errorf("the API grew by %d MiB, the worker had %d", grown, last)
	}
}

func addFault(t *testing.T, sh *shop, f stripesim.Fault) string {
	t.Helper()
	id, err := sh.sim.AddFault(f)
	must(t, err)
	return id
}

// Where no worker runs, whoever waits is told, and the import begins with the first.
func TestImportWithoutAWorker(t *testing.T) {
	t.Parallel()
	s := newProcesses(t, 1, 0)
	sh := s.newShop(t, "early", false)
	must(t, sh.sim.Load(sh.test.ID, stripesim.Test, manyPrices(2).state()))
	_, err := sh.count(t)
	if fault.CodeOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "waits for a worker") {
		t.Errorf("%v", err)
	}
	s.startWorker(t)
	var got *runningImport
	domaintest.Until(t, "the end of the import", func() bool { got = sh.newestImport(t); return got.FinishedAt != nil })
	if got.Error != nil || got.Added == 0 {
		t.Errorf("%+v", got)
	}
	jobs, err := postgres.All(t.Context(), s.pool, pgx.RowTo[string], `SELECT args::text FROM river_job WHERE kind = 'import_run'`)
	must(t, err)
	if len(jobs) != 1 || !json.Valid([]byte(jobs[0])) || !strings.Contains(jobs[0], got.ID) {
		t.Errorf("%q", jobs)
	}
}
