package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/stripesim"
)

// kind is a sort of deployment that troubles are tried on.
type kind struct {
	name string
	// first tells that the plans have gone live before.
	first bool
	// edits are made in test after that, and go live.
	edits []func(*catalogue)
	// back makes the deployment the rollback of that one.
	back bool
	// turns is what ends the way forward.
	turns turn
	// ends is how it ends undisturbed.
	ends deployment.Status
}

// turn is why a deployment turns back.
type turn int

const (
	never turn = iota
	refusal
	cancelling
)

var spring = []func(*catalogue){(*catalogue).describe, (*catalogue).reprice}

var kinds = []kind{
	{name: "create", ends: deployment.Completed},
	{name: "update", first: true, edits: spring[:1], ends: deployment.Completed},
	{name: "reprice", first: true, edits: spring[1:], ends: deployment.Completed},
	{name: "rollback", first: true, edits: spring, back: true, ends: deployment.Completed},
	{name: "undo of a failure", first: true, edits: spring, turns: refusal, ends: deployment.Failed},
	{name: "undo of a cancel", first: true, edits: spring, turns: cancelling, ends: deployment.Cancelled},
	{name: "undo of a first go-live", turns: cancelling, ends: deployment.Cancelled},
}

// scene is one deployment and what there was before it.
type scene struct {
	*shop
	kind kind
	// of is the deployment that a rollback undoes.
	of string
	// before is live before the deployment, target what a rollback leads to.
	before, target *catalog.Snapshot
	shelf          shelf
	seen           map[string]bool
	mark           int

	// id is that of the deployment, once started is closed.
	id      string
	started chan struct{}
	// asked is when somebody had asked to cancel and the call in flight could end,
	// under that epoch.
	asked time.Time
	epoch string
}

// set brings a shop to where the deployment can start.
func (s *stack) set(ctx context.Context, slug string, k kind) (*scene, error) {
	sh, err := s.open(ctx, slug)
	if err != nil {
		return nil, err
	}
	sc := &scene{shop: sh, kind: k, started: make(chan struct{})}
	if k.first {
		if _, err := sh.settled(); err != nil {
			return nil, err
		}
	}
	if sc.target, err = sh.live(); err != nil {
		return nil, err
	}
	for _, edit := range k.edits {
		edit(sh.built)
	}
	if err := sh.publish(); err != nil {
		return nil, err
	}
	if k.back {
		d, err := sh.settled()
		if err != nil {
			return nil, err
		}
		sc.of = d.ID
	}
	return sc, sc.note()
}

// note keeps what is to be compared with later.
func (sc *scene) note() (err error) {
	if sc.before, err = sc.live(); err != nil {
		return err
	}
	if sc.shelf, err = sc.stock(); err != nil {
		return err
	}
	sc.seen = map[string]bool{}
	for _, e := range sc.changes() {
		sc.seen[e.ID] = true
	}
	sc.mark = sc.now()
	return nil
}

func (sc *scene) start() error {
	var d *deployment.Deployment
	var err error
	if sc.kind.back {
		d, err = sc.Deployments.Rollback(sc.as, deployment.RollbackInput{DeploymentID: sc.of})
	} else {
		d, err = sc.goLive()
	}
	if err == nil {
		sc.id = d.ID
		close(sc.started)
	}
	return err
}

// turnBack arranges what makes the deployment turn back, at its last write; wait
// returns once that has happened, or ctx has ended.
func (sc *scene) turnBack(ctx context.Context) (wait func() error, err error) {
	nothing := func() error { return nil }
	switch sc.kind.turns {
	case refusal:
		_, err := sc.sim.AddFault(stripesim.Fault{Kind: stripesim.Refused, Times: -1, Match: sc.lastWrite()})
		return nothing, err
	case cancelling:
		return sc.holds(ctx, sc.lastWrite(), stripesim.AtArrival, func(h stripesim.Held) error {
			<-sc.started
			err := sc.cancel(ctx)
			sc.sim.Release(h.ID, false)
			sc.asked, sc.epoch = time.Now(), h.Epoch
			return err
		})
	default:
		return nothing, nil
	}
}

// cancel is asked for until it is heard: the database may be away.
func (sc *scene) cancel(ctx context.Context) (err error) {
	waited := poll(ctx, func() bool {
		_, err = sc.Deployments.Cancel(sc.as, deployment.CancelInput{DeploymentID: sc.id})
		return err == nil || fault.CodeOf(err) == fault.InvalidState
	})
	return errors.Join(err, waited)
}

// lastWrite is the fifth of a first go-live, whichever that is, and else the one
// that archives the replaced price.
func (sc *scene) lastWrite() stripesim.Match {
	m := stripesim.Match{Account: sc.account.ID, Mode: stripesim.Live, Method: "POST", Nth: 5}
	if sc.before != nil {
		m.Path = "^/v1/prices/" + sc.before.PriceByLookupKey("month").ID + "$"
		m.BodyContains, m.Nth = "active=false", 0
	}
	return m
}

var errStuck = errors.New("stuck")

// end watches the deployment to its end, as a member of its tenant, and returns
// its events.
func (sc *scene) end(ctx context.Context) ([]deployment.Event, error) {
	events, err := sc.watch(ctx, sc.id)
	if err != nil {
		return events, fmt.Errorf("%w: %s after %d events: %w", errStuck, sc.id, len(events), err)
	}
	return events, nil
}
