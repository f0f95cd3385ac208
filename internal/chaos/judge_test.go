package chaos_test

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/stripesim"
)

// verdict counts what must not be, by kind, and tells of it.
type verdict struct {
	duplicates, stuck, stale, lost, unsellable, wrong int
	told                                              []string
}

func (v *verdict) say(count *int, format string, args ...any) {
	*count++
	v.told = append(v.told, fmt.Sprintf(format, args...))
}

// add counts what another one does, and forgets its words.
func (v *verdict) add(other *verdict) {
	v.duplicates += other.duplicates
	v.stuck += other.stuck
	v.stale += other.stale
	v.lost += other.lost
	v.unsellable += other.unsellable
	v.wrong += other.wrong
}

func (v *verdict) String() string {
	return fmt.Sprintf("duplicates %d, stuck %d, stale writes %d, lost events %d, unsellable states %d, otherwise wrong %d",
		v.duplicates, v.stuck, v.stale, v.lost, v.unsellable, v.wrong)
}

// judge compares what became of the deployment with what had to.
func (sc *scene) judge(events []deployment.Event) (*verdict, error) {
	v := &verdict{}
	d, err := sc.Deployments.Get(sc.as, sc.id)
	if err != nil {
		return nil, err
	}
	live, err := sc.live()
	if err != nil {
		return nil, err
	}
	v.history(d, events)
	v.once(live)
	v.epochs(sc.id, sc.requests(sc.mark))
	v.shelves(sc)
	if sc.kind.turns == never && d.Status != deployment.Completed {
		v.say(&v.wrong, "nothing was in its way, and it ended %s: %s", d.Status, d.ProgressMessage)
	}
	switch {
	case d.Status == deployment.Completed && sc.kind.back:
		v.same(live, sc.target)
	case d.Status == deployment.Completed:
		return v, v.planned(sc, d)
	case d.LiveOutcome == nil || *d.LiveOutcome == deployment.Partial || d.Error != nil && d.Error.Category == deployment.CategoryInternal:
		v.say(&v.wrong, "ended %s: %s", d.Status, d.ProgressMessage)
	default:
		v.same(live, sc.before)
	}
	return v, nil
}

// history: sequences without a gap, a percentage that never falls, one end.
func (v *verdict) history(d *deployment.Deployment, events []deployment.Event) {
	if len(events) != d.LastSequence {
		v.say(&v.lost, "%d events came of %d", len(events), d.LastSequence)
	}
	percentage := 0
	for i, e := range events {
		if e.Sequence != i+1 {
			v.say(&v.lost, "event %d comes as number %d", e.Sequence, i+1)
		}
		if e.Percentage < percentage || (e.Percentage == 100) != (e.Status == deployment.Completed) {
			v.say(&v.wrong, "event %d: %d %% after %d, %s", e.Sequence, e.Percentage, percentage, e.Status)
		}
		if e.Terminal != (i == len(events)-1) {
			v.say(&v.wrong, "event %d of %d: terminal is %t", e.Sequence, len(events), e.Terminal)
		}
		percentage = e.Percentage
	}
}

// once: each object of test is in live at most once.
func (v *verdict) once(live *catalog.Snapshot) {
	if live == nil {
		return
	}
	copies := map[string][]string{}
	for _, p := range live.Prices {
		stamp, _ := catalog.StampOf(p.Metadata)
		copies[stamp.TestID] = append(copies[stamp.TestID], p.ID)
	}
	for testID, ids := range copies {
		if len(ids) != 1 || testID == "" {
			v.say(&v.duplicates, "%q is in live as %v", testID, ids)
		}
	}
}

// epochs: no write arrives after one of a later owner.
func (v *verdict) epochs(id string, calls []stripesim.Request) {
	highest := int64(0)
	for _, c := range calls {
		if !strings.HasPrefix(c.IdempotencyKey, "golive:"+id+":") {
			continue
		}
		epoch, err := strconv.ParseInt(c.Epoch, 10, 64)
		if err != nil || epoch < highest {
			v.say(&v.stale, "%s %s under epoch %q after %d", c.Method, c.Path, c.Epoch, highest)
		}
		highest = max(highest, epoch)
	}
}

// planned: a go-live that has completed leaves nothing to do.
func (v *verdict) planned(sc *scene, d *deployment.Deployment) error {
	left, err := sc.Deployments.PlanGoLive(sc.as, d.ProductID, false)
	if err != nil {
		return err
	}
	for _, c := range left.Changes {
		v.say(&v.wrong, "completed, and still to do: %s", c.Summary)
	}
	return nil
}

// same: live is as it was, and what is new there is not for sale.
func (v *verdict) same(live, was *catalog.Snapshot) {
	switch {
	case was == nil && live != nil && live.Product.Active:
		v.say(&v.wrong, "the product is for sale, and was not there before")
	case was != nil && live == nil:
		v.say(&v.wrong, "the product is gone")
	case was != nil:
		v.sameProduct(live, was)
	}
	if live == nil {
		return
	}
	for _, p := range live.ActivePrices() {
		if was == nil || was.Price(p.ID) == nil {
			v.say(&v.wrong, "price %s is for sale, and was not there before", p.ID)
		}
	}
}

func (v *verdict) sameProduct(live, was *catalog.Snapshot) {
	if drift := plan.ProductDrift(&live.Product, &was.Product); len(drift) > 0 {
		v.say(&v.wrong, "the product differs in %v", drift)
	}
	for _, old := range was.Prices {
		now := live.Price(old.ID)
		if now == nil {
			v.say(&v.wrong, "price %s is gone", old.ID)
		} else if drift := plan.PriceDrift(now, &old); len(drift) > 0 {
			v.say(&v.wrong, "price %s differs in %v", old.ID, drift)
		}
	}
}
