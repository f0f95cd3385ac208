package domaintest

import (
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/moment"
	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/product"
)

// StartGoLive asks for a go-live of a product.
func (st *Stack) StartGoLive(t *testing.T, productID string) *deployment.Deployment {
	t.Helper()
	d, err := st.GoLive(st.As, deployment.GoLiveInput{ProductID: productID})
	Must(t, err)
	return d
}

// Completed takes a product live.
func (st *Stack) Completed(t *testing.T, p *product.Product) *deployment.Deployment {
	t.Helper()
	end := st.End(t, st.StartGoLive(t, p.ID).ID)
	if end.Status != deployment.Completed {
		t.Fatalf("%s %q %+v", end.Status, end.ProgressMessage, end.Error)
	}
	return end
}

// RolledBack rolls a deployment back as planned, and expects that to end well.
func (st *Stack) RolledBack(t *testing.T, id string) *deployment.Deployment {
	t.Helper()
	seen, err := st.PlanRollback(st.As, id)
	Must(t, err)
	d, err := st.Rollback(st.As, deployment.RollbackInput{DeploymentID: id, PlanHash: &seen.Hash})
	Must(t, err)
	end := st.End(t, d.ID)
	if end.Status != deployment.Completed || end.Kind != deployment.Rollback || *end.RollbackOfID != id {
		t.Fatalf("%s %s %q %+v", end.Kind, end.Status, end.ProgressMessage, end.Error)
	}
	return end
}

// In is an input for the product, due that long from now.
func (st *Stack) In(t *testing.T, stripeID string, lead time.Duration) deployment.ScheduleInput {
	t.Helper()
	due := st.Clock(t).Add(lead)
	return deployment.ScheduleInput{
		ProductID: st.Product(t, stripeID).ID, When: moment.When{Instant: &due, Zone: "Europe/Berlin"},
	}
}

// Schedule asks for a go-live at a time.
func (st *Stack) Schedule(t *testing.T, in deployment.ScheduleInput) *deployment.Deployment {
	t.Helper()
	st.Exec(t, `DELETE FROM quotas`) // tests are in more of a hurry than people
	answer, err := st.ScheduleGoLive(st.As, in)
	Must(t, err)
	return answer.Deployment
}

// InAnHour schedules the product with what else is said.
func (st *Stack) InAnHour(t *testing.T, stripeID string) *deployment.Deployment {
	t.Helper()
	return st.Schedule(t, st.In(t, stripeID, time.Hour))
}

// Told schedules the product in an hour, and says who is told of it.
func (st *Stack) Told(t *testing.T, n notify.Settings) *deployment.Deployment {
	t.Helper()
	in := st.In(t, Simple, time.Hour)
	in.Notifications = n
	return st.Schedule(t, in)
}

// Move moves a schedule as it is now.
func (st *Stack) Move(t *testing.T, id string, to time.Time) *deployment.Deployment {
	t.Helper()
	answer, err := st.Reschedule(st.As, deployment.RescheduleInput{
		DeploymentID: id, Version: st.Look(t, id).Version, When: moment.When{Instant: &to, Zone: "Europe/Berlin"},
	})
	Must(t, err)
	return answer.Deployment
}

// CallOff cancels a deployment.
func (st *Stack) CallOff(t *testing.T, id string) *deployment.Deployment {
	t.Helper()
	d, err := st.Cancel(st.As, deployment.CancelInput{DeploymentID: id})
	Must(t, err)
	return d
}
