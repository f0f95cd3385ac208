package deployment_test

import (
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/tenant"
)

func TestGoLiveNeedsADeployer(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	in := deployment.GoLiveInput{ProductID: st.Imported[0].ID}
	_, err := st.GoLive(st.Actor(t, "viewer@acme.example", tenant.RoleViewer), in)
	wantCode(t, err, fault.Forbidden)
	_, err = st.GoLive(t.Context(), in)
	wantCode(t, err, fault.Unauthenticated)
	_, err = st.GoLive(st.Stranger(t), in)
	wantCode(t, err, fault.NotFound)
	_, err = st.GoLive(st.As, deployment.GoLiveInput{ProductID: "no uuid"})
	wantCode(t, err, fault.NotFound)
}

// A state change, its event, its audit entry and its job are there together.
func TestGoLiveIsOneTransaction(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.StartGoLive(t, st.Imported[0].ID)
	var events, audits, jobs int
	err := st.Pool.QueryRow(t.Context(), `SELECT
		(SELECT count(*) FROM deployment_events WHERE deployment_id = $1 AND sequence = 1 AND status = 'PENDING'),
		(SELECT count(*) FROM audit_log WHERE subject = $1::text AND action = 'deployment.requested'),
		(SELECT count(*) FROM river_job j JOIN deployments d ON d.job_id = j.id WHERE d.id = $1)`, d.ID).Scan(&events, &audits, &jobs)
	must(t, err)
	if events != 1 || audits != 1 || jobs != 1 {
		t.Errorf("%d events, %d audit entries, %d jobs", events, audits, jobs)
	}
	if d.Status != deployment.Pending || *d.WaitReason != deployment.WaitWorker {
		t.Errorf("%s waiting for %v", d.Status, d.WaitReason)
	}
}

func TestGoLiveNamesTheOneUnderWay(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	first := st.StartGoLive(t, st.Imported[0].ID)
	second, err := st.GoLive(st.As, deployment.GoLiveInput{ProductID: first.ProductID})
	wantCode(t, err, fault.DeploymentInProgress)
	if second == nil || second.ID != first.ID {
		t.Errorf("named %+v", second)
	}
}

// Two tenants that share a live account share its lock, and learn nothing of each other.
func TestGoLiveByTenantsOfOneAccountTakesTurns(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	first := st.StartGoLive(t, st.Imported[0].ID)
	as := st.Stranger(t)
	other, err := tenant.BySlug(as, "other")
	must(t, err)
	for mode, key := range map[catalog.Mode]string{catalog.Test: st.Stripe.Account.TestKey, catalog.Live: st.Stripe.Account.LiveKey} {
		_, err := st.Connections.Connect(as, connection.Input{TenantID: other.ID, Mode: mode, SecretKey: key})
		must(t, err)
	}
	_, err = st.Imports.Here(as, other.ID, []string{first.StripeProductID})
	must(t, err)
	p, err := st.Products.ByStripeID(as, other.ID, first.StripeProductID)
	must(t, err)
	d, err := st.GoLive(as, deployment.GoLiveInput{ProductID: p.ID})
	wantCode(t, err, fault.DeploymentInProgress)
	if d != nil {
		t.Errorf("another tenant's deployment %s was shown", d.ID)
	}
}

func TestGoLiveNeedsBothAccounts(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	must(t, st.Connections.Disconnect(st.As, st.Tenant.ID, catalog.Live))
	_, err := st.GoLive(st.As, deployment.GoLiveInput{ProductID: st.Imported[0].ID})
	wantCode(t, err, fault.StripeNotConnected)
}

// A hundred calls with one key make one deployment, also after it has ended.
func TestGoLiveByIdempotencyKey(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	key := "release-42"
	in := deployment.GoLiveInput{ProductID: st.Product(t, neverLive).ID, IdempotencyKey: &key}
	ids := make([]string, 100)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			d, err := st.GoLive(st.As, in)
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = d.ID
		})
	}
	domaintest.Wait(t, &all, "the hundred calls")
	st.Work(t)
	st.End(t, ids[0])
	again, err := st.GoLive(st.As, in)
	must(t, err)
	for _, id := range append(ids, again.ID) {
		if id != ids[0] {
			t.Fatalf("deployments %s and %s for one key", ids[0], id)
		}
	}
	in.Adopt = true
	_, err = st.GoLive(st.As, in)
	wantCode(t, err, fault.IdempotencyKeyReused)
	other := deployment.GoLiveInput{ProductID: st.Imported[0].ID, IdempotencyKey: &key}
	_, err = st.GoLive(st.As, other)
	wantCode(t, err, fault.IdempotencyKeyReused)
}

func TestGoLiveRefusesBadInput(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	empty, long := "", string(make([]byte, 3000))
	for name, in := range map[string]deployment.GoLiveInput{
		"empty key":   {IdempotencyKey: &empty},
		"long key":    {IdempotencyKey: &long},
		"long reason": {Reason: &long},
	} {
		in.ProductID = st.Imported[0].ID
		if _, err := st.GoLive(st.As, in); fault.CodeOf(err) != fault.InvalidInput {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is no hash at all is refused where it is sent, by all who take one; a call that
// had its answer before gets it again.
func TestGoLiveTakesOnlyHashes(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	p := st.Product(t, simple)
	key := "before"
	earlier, err := st.GoLive(st.As, deployment.GoLiveInput{ProductID: p.ID, IdempotencyKey: &key})
	must(t, err)
	done := st.CarryOut(t, earlier.ID)
	for _, pasted := range []string{"", "v1:…", "v1:", "stale", "v2:" + done.ID, "v3:00000000000000000000000000000000"} {
		_, err := st.GoLive(st.As, deployment.GoLiveInput{ProductID: p.ID, PlanHash: &pasted})
		wantCode(t, err, fault.InvalidInput)
		_, err = st.Rollback(st.As, deployment.RollbackInput{DeploymentID: done.ID, PlanHash: &pasted})
		wantCode(t, err, fault.InvalidInput)
		in := st.In(t, simple, time.Hour)
		in.PlanHash = &pasted
		_, err = st.ScheduleGoLive(st.As, in)
		wantCode(t, err, fault.InvalidInput)
	}
	pasted := "v1:…"
	_, err = st.GoLive(st.As, deployment.GoLiveInput{ProductID: p.ID, PlanHash: &pasted, IdempotencyKey: &key})
	wantCode(t, err, fault.IdempotencyKeyReused)
}
