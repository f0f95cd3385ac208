package deployment_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/moment"
)

// So many schedules may wait for a product, the held ones with them; who asks for more is
// told, also where several ask at once. One that ended makes room.
func TestLimitOfAProduct(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	st.Copies(t, d.ID, 24, "")
	st.Copies(t, d.ID, 24, ", wait_reason = 'MISSED'")
	in := st.In(t, simple, time.Hour)
	made := st.allAtOnce(t, []deployment.ScheduleInput{in, in, in, in})
	if made != 1 {
		t.Errorf("%d of 4 were scheduled", made)
	}
	st.InAnHour(t, coffee) // another product has room
	st.CallOff(t, d.ID)
	st.InAnHour(t, simple)
	key := "again"
	in.IdempotencyKey = &key
	_, err := st.ScheduleGoLive(st.As, in)
	wantCode(t, err, fault.LimitReached)
}

// So it is with a tenant's, whichever products they are of; other tenants have theirs.
func TestLimitOfATenant(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	as, theirs := st.Sharer(t, simple)
	d := st.InAnHour(t, simple)
	ids := st.products(t, 100)
	st.Exec(t, `CREATE TEMP TABLE spread AS SELECT d.*, row_number() OVER () AS n FROM deployments d, generate_series(1, 4998) WHERE d.id = '`+d.ID+`';
		UPDATE spread SET id = gen_random_uuid(), product_id = ('{`+strings.Join(ids, ",")+`}'::uuid[])[1 + n % 100];
		ALTER TABLE spread DROP COLUMN n; INSERT INTO deployments SELECT * FROM spread; DROP TABLE spread`)
	if made := st.allAtOnce(t, []deployment.ScheduleInput{st.In(t, simple, time.Hour), st.In(t, coffee, time.Hour), st.In(t, neverLive, time.Hour)}); made != 1 {
		t.Errorf("%d of 3 were scheduled", made)
	}
	due := st.Clock(t).Add(time.Hour)
	_, err := st.ScheduleGoLive(as, deployment.ScheduleInput{ProductID: theirs.ID, When: moment.When{Instant: &due, Zone: "UTC"}})
	must(t, err)
}

// allAtOnce returns how many of the schedules there was room for.
func (st *stack) allAtOnce(t *testing.T, inputs []deployment.ScheduleInput) int {
	t.Helper()
	var made atomic.Int32
	var all sync.WaitGroup
	for _, in := range inputs {
		all.Go(func() {
			_, err := st.ScheduleGoLive(st.As, in)
			switch fault.CodeOf(err) {
			case "":
				made.Add(1)
			case fault.LimitReached:
			default:
				t.Error(err)
			}
		})
	}
	domaintest.Wait(t, &all, "the schedules")
	return int(made.Load())
}
