package deployment_test

import (
	"context"
	"sync"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/tenant"
)

// simple is a demo product with prices of one kind.
const simple = "prod_PinePro"

func wantCode(t *testing.T, err error, want fault.Code) {
	t.Helper()
	if got := fault.CodeOf(err); got != want {
		t.Errorf("got %q (%v), want %s", got, err, want)
	}
}

func TestGoLiveNeedsADeployer(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	in := deployment.GoLiveInput{ProductID: st.products[0].ID}
	_, err := st.GoLive(st.actor(t, "viewer@acme.example", tenant.RoleViewer), in)
	wantCode(t, err, fault.Forbidden)
	_, err = st.GoLive(t.Context(), in)
	wantCode(t, err, fault.Unauthenticated)
	_, err = st.GoLive(st.stranger(t), in)
	wantCode(t, err, fault.NotFound)
	_, err = st.GoLive(st.as, deployment.GoLiveInput{ProductID: "no uuid"})
	wantCode(t, err, fault.NotFound)
}

// stranger is an admin of another tenant.
func (st *stack) stranger(t *testing.T) context.Context {
	t.Helper()
	_, err := st.Tenants.CreateTenant(t.Context(), "other", "Other", "UTC")
	must(t, err)
	token, err := st.Tenants.CreateToken(t.Context(), "other", "admin@other.example", tenant.RoleAdmin)
	must(t, err)
	actor, err := st.Tenants.Authenticate(t.Context(), token)
	must(t, err)
	return tenant.WithActor(t.Context(), actor)
}

func TestStrangersSeeNothing(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.goLive(t, st.products[0].ID)
	as := st.stranger(t)
	_, err := st.Get(as, d.ID)
	wantCode(t, err, fault.NotFound)
	if steps, err := st.Steps(as, d.ID); len(steps) > 0 || err != nil {
		t.Errorf("%d steps, %v", len(steps), err)
	}
	if events, err := st.Events(as, d.ID, 0, 10); len(events) > 0 || err != nil {
		t.Errorf("%d events, %v", len(events), err)
	}
	_, err = st.progress.Events(as, d.ID, nil)
	wantCode(t, err, fault.NotFound)
	_, err = st.progress.Changed(as, st.tenant.ID)
	wantCode(t, err, fault.NotFound)
	_, err = st.Validate(as, d.ProductID, false)
	wantCode(t, err, fault.NotFound)
	_, err = st.PlanGoLive(as, d.ProductID, false)
	wantCode(t, err, fault.NotFound)
	_, err = st.List(as, deployment.Filter{TenantID: st.tenant.ID, First: 10})
	wantCode(t, err, fault.NotFound)
	for name, of := range map[string]func(context.Context, []string) (map[string]*deployment.Deployment, error){
		"ActiveOf": st.ActiveOf, "LastOf": st.LastOf, "GetMany": st.GetMany,
	} {
		found, err := of(as, []string{d.ProductID, d.ID})
		if err != nil || len(found) != 0 {
			t.Errorf("%s: %v, %v", name, found, err)
		}
	}
}

// A state change, its event, its audit entry and its job are there together.
func TestGoLiveIsOneTransaction(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.goLive(t, st.products[0].ID)
	var events, audits, jobs int
	err := st.pool.QueryRow(t.Context(), `SELECT
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

func TestSecondGoLiveNamesTheFirst(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	first := st.goLive(t, st.products[0].ID)
	second, err := st.GoLive(st.as, deployment.GoLiveInput{ProductID: first.ProductID})
	wantCode(t, err, fault.DeploymentInProgress)
	if second == nil || second.ID != first.ID {
		t.Errorf("named %+v", second)
	}
}

// Two tenants that share a live account share its lock, and learn nothing of each other.
func TestTenantsOfOneAccountTakeTurns(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	first := st.goLive(t, st.products[0].ID)
	as := st.stranger(t)
	other, err := tenant.BySlug(as, "other")
	must(t, err)
	for mode, key := range map[catalog.Mode]string{catalog.Test: st.stripe.Account.TestKey, catalog.Live: st.stripe.Account.LiveKey} {
		_, err := st.Connections.Connect(as, connection.Input{TenantID: other.ID, Mode: mode, SecretKey: key})
		must(t, err)
	}
	_, err = st.Products.Import(as, other.ID, []string{first.StripeProductID})
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
	must(t, st.Connections.Disconnect(st.as, st.tenant.ID, catalog.Live))
	_, err := st.GoLive(st.as, deployment.GoLiveInput{ProductID: st.products[0].ID})
	wantCode(t, err, fault.StripeNotConnected)
}

// A hundred calls with one key make one deployment, also after it has ended.
func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	key := "release-42"
	in := deployment.GoLiveInput{ProductID: st.product(t, neverLive).ID, IdempotencyKey: &key}
	ids := make([]string, 100)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			d, err := st.GoLive(st.as, in)
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = d.ID
		})
	}
	all.Wait()
	st.work(t)
	st.end(t, ids[0])
	again, err := st.GoLive(st.as, in)
	must(t, err)
	for _, id := range append(ids, again.ID) {
		if id != ids[0] {
			t.Fatalf("deployments %s and %s for one key", ids[0], id)
		}
	}
	in.Adopt = true
	_, err = st.GoLive(st.as, in)
	wantCode(t, err, fault.IdempotencyKeyReused)
	other := deployment.GoLiveInput{ProductID: st.products[0].ID, IdempotencyKey: &key}
	_, err = st.GoLive(st.as, other)
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
		in.ProductID = st.products[0].ID
		if _, err := st.GoLive(st.as, in); fault.CodeOf(err) != fault.InvalidInput {
			t.Errorf("%s: %v", name, err)
		}
	}
}
