package deployment_test

import (
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/tenant"
)

// Pages of what is to come go on where the last one ended, also when that has begun.
func TestUpcomingPages(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	var want []string
	for i := range 5 {
		want = append(want, st.Schedule(t, st.In(t, simple, time.Duration(i+1)*time.Hour)).ID)
	}
	missed := st.Look(t, want[0])
	st.At(t, missed.DueAt.Add(30*time.Minute))
	st.SweepMissed(t, 1)
	var got []string
	var after *string
	for {
		page, err := st.Upcoming(st.As, deployment.Filter{TenantID: st.Tenant.ID, First: 2, After: after})
		must(t, err)
		for _, d := range page.Deployments {
			got = append(got, d.ID)
			after = &d.ID
		}
		if !page.HasNext {
			break
		}
		if len(got) == 2 {
			_, err := st.DeployNow(st.As, deployment.DeployNowInput{DeploymentID: got[1]})
			must(t, err)
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %v, want %v", got, want)
	}
	stranger := st.Stranger(t)
	other, err := tenant.BySlug(stranger, "other")
	must(t, err)
	for _, bad := range []string{"no cursor", "00000000-0000-0000-0000-000000000000"} {
		_, err := st.Upcoming(st.As, deployment.Filter{TenantID: st.Tenant.ID, First: 2, After: &bad})
		wantCode(t, err, fault.InvalidInput)
	}
	_, err = st.Upcoming(stranger, deployment.Filter{TenantID: other.ID, First: 2, After: &want[0]})
	wantCode(t, err, fault.InvalidInput)
	_, err = st.Upcoming(st.As, deployment.Filter{TenantID: st.Tenant.ID, First: 101})
	wantCode(t, err, fault.InvalidInput)
}
