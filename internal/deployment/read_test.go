package deployment_test

import (
	"context"
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
)

func TestReadShowsStrangersNothing(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.StartGoLive(t, st.Imported[0].ID)
	as := st.Stranger(t)
	_, err := st.Get(as, d.ID)
	wantCode(t, err, fault.NotFound)
	if steps, err := st.Steps(as, d.ID); len(steps) > 0 || err != nil {
		t.Errorf("%d steps, %v", len(steps), err)
	}
	if events, err := st.Events(as, d.ID, 0, 10); len(events) > 0 || err != nil {
		t.Errorf("%d events, %v", len(events), err)
	}
	_, err = st.Progress.Events(as, d.ID, nil)
	wantCode(t, err, fault.NotFound)
	_, err = st.Progress.Changed(as, st.Tenant.ID, nil)
	wantCode(t, err, fault.NotFound)
	_, err = st.Validate(as, d.ProductID, false)
	wantCode(t, err, fault.NotFound)
	_, err = st.PlanGoLive(as, d.ProductID, false)
	wantCode(t, err, fault.NotFound)
	_, err = st.List(as, deployment.Filter{TenantID: st.Tenant.ID, First: 10})
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
