package domaintest

import (
	"encoding/json"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
)

// Must ends the test where there is an error.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// WantCode holds an error to its code; "" is none.
func WantCode(t *testing.T, err error, want fault.Code) {
	t.Helper()
	if got := fault.CodeOf(err); got != want {
		t.Errorf("got %q (%v), want %s", got, err, want)
	}
}

// WantStatus holds a deployment to its status.
func (st *Stack) WantStatus(t *testing.T, id string, want deployment.Status) {
	t.Helper()
	if d := st.Look(t, id); d.Status != want {
		t.Errorf("%s is %s, want %s", id, d.Status, want)
	}
}

// WantWaiting holds a deployment to being scheduled, and to what it waits for.
func (st *Stack) WantWaiting(t *testing.T, id string, want deployment.WaitReason) *deployment.Deployment {
	t.Helper()
	d := st.Look(t, id)
	if d.Status != deployment.Scheduled || d.WaitReason == nil || *d.WaitReason != want {
		t.Fatalf("%s is %s waiting for %v (%s), want SCHEDULED waiting for %s", id, d.Status, d.WaitReason, d.ProgressMessage, want)
	}
	return d
}

// SameLive holds two states of live to being the same in every field.
func SameLive(t *testing.T, got, want *catalog.Snapshot) {
	t.Helper()
	if drift := plan.ProductDrift(&got.Product, &want.Product); len(drift) > 0 {
		t.Errorf("product differs in %v", drift)
	}
	for _, p := range want.Prices {
		now := got.Price(p.ID)
		if now == nil {
			t.Errorf("price %s is gone", p.ID)
		} else if drift := plan.PriceDrift(now, &p); len(drift) > 0 {
			t.Errorf("price %s differs in %v", p.ID, drift)
		}
	}
	for _, p := range got.Prices {
		if want.Price(p.ID) == nil && p.Active {
			t.Errorf("price %s is for sale", p.ID)
		}
	}
}

// PagesOf counts the pages that a sweep's query touches: what it costs, whatever the clock on
// the wall does. It is asked as workers ask it.
func PagesOf(t *testing.T, tx pgx.Tx, sql string, args ...any) int {
	t.Helper()
	_, err := tx.Exec(t.Context(), `SELECT set_config('role', $1, true), set_config('golive.reach', $2, true)`, postgres.AppRole, string(postgres.Sweeps))
	Must(t, err)
	var raw []byte
	Must(t, tx.QueryRow(t.Context(), `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) `+sql, args...).Scan(&raw))
	var explained []struct {
		Plan struct {
			Hit  int `json:"Shared Hit Blocks"`
			Read int `json:"Shared Read Blocks"`
		} `json:"Plan"`
	}
	Must(t, json.Unmarshal(raw, &explained))
	return explained[0].Plan.Hit + explained[0].Plan.Read
}
