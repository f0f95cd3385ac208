package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/stripesim"
)

// blow is one kill around an act: of the API that does it, or of the worker that finds out
// what came of one of which nobody heard; at a statement, or at its call to Stripe.
type blow struct {
	act    act
	worker bool
	// at is the statement that never arrives, nil for one at a call.
	at   *line
	when moment
}

func (b blow) String() string {
	who, where := "API", fmt.Sprint(b.when.name, " its call")
	if b.worker {
		who = "worker"
	}
	if b.at != nil {
		where = b.at.String()
	}
	return fmt.Sprintf("%s, %s at %s", b.act.name, who, where)
}

// news is what a worker learns by a webhook, which it may die over.
var news = act{name: "news of a payment", from: ledger.AwaitingPayment, done: is(ledger.Paid)}

// openBooth starts all that acts need.
func openBooth(t *testing.T, database string) *booth {
	t.Helper()
	s := newStack(t, database, shortLease)
	b := &booth{fair: &fair{bill: newBill()}, worker: &snare{}}
	api, proxy := lay(t, database)
	b.api, b.front = api, s.openFront(t, "DATABASE_URL="+proxy.URL)
	direct := s.behind
	s.behind = func() *pgtest.Proxy {
		proxy := direct()
		b.worker.watch(proxy)
		return proxy
	}
	must(t, s.staff(1))
	var err error
	b.till, err = s.sell(t.Context(), "till", b.front)
	must(t, err)
	return b
}

// strike does the act and the kill, and returns how long it took until the outcome was known.
func (b *booth) strike(ctx context.Context, x blow) (took time.Duration, v *bill, err error) {
	d, err := b.prepare(ctx, x.act)
	if err != nil {
		return 0, nil, fmt.Errorf("prepare: %w", err)
	}
	var at time.Time
	if x.at != nil {
		at, err = b.atStatement(ctx, d, x)
	} else {
		at, err = b.atCall(ctx, d, x)
	}
	if err != nil {
		return 0, nil, err
	}
	v = newBill()
	took, why := d.learn(ctx, at)
	if why != "" {
		v.note(&v.stuck, "%s", why)
		return took, v, nil
	}
	return took, v, d.conclude(ctx, v)
}

// begin has the act done, or what its worker has to find out.
func (b *booth) begin(ctx context.Context, d *deed, x blow) (gone <-chan struct{}) {
	over := make(chan struct{})
	go func() {
		defer close(over)
		switch {
		case x.act.mutation == "":
			b.sim.SetDelivery(stripesim.Delivery{})
			_ = b.sim.Pay(d.at, stripesim.Card)
			_, _ = d.learn(ctx, time.Now())
		case x.worker:
			_ = d.soon(ctx)
			_, _ = d.learn(ctx, time.Now())
		default:
			_ = d.ask(ctx) // whoever asks dies unheard
		}
	}()
	return over
}

func (b *booth) atStatement(ctx context.Context, d *deed, x blow) (at time.Time, err error) {
	if x.worker && x.act.mutation != "" {
		if err := d.unheard(ctx, stripesim.ResetAfter); err != nil {
			return at, err
		}
	}
	snare := b.api
	if x.worker {
		snare = b.worker
	}
	defer snare.open()
	caught := snare.set(*x.at)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	select {
	case <-caught:
	case <-b.begin(watching, d, x):
		select { // the worker speaks on once it is known
		case <-caught:
		case <-time.After(dying):
			return at, errNeverCame
		}
	}
	b.kill(x)
	at = time.Now()
	snare.open()
	return at, b.restore(x)
}

func (b *booth) atCall(ctx context.Context, d *deed, x blow) (at time.Time, err error) {
	if x.worker {
		if err := d.unheard(ctx, stripesim.ResetBefore); err != nil {
			return at, err
		}
	}
	holding, stop := context.WithCancel(ctx)
	defer stop()
	killed, err := b.holds(holding, stripesim.Match{Account: b.account.ID, Method: "POST", Path: x.act.path}, x.when.at, func(h stripesim.Held) error {
		b.kill(x)
		at = time.Now()
		b.sim.Release(h.ID, x.when.lost)
		return nil
	})
	if err != nil {
		return at, err
	}
	over := b.begin(holding, d, x)
	caught := make(chan error, 1)
	go func() { caught <- killed() }()
	select {
	case err = <-caught:
	case <-over:
		select { // it dies because it is killed
		case err = <-caught:
		case <-time.After(dying):
			return at, errNeverCame
		}
	}
	return at, errors.Join(err, b.restore(x))
}

func (b *booth) kill(x blow) {
	if x.worker {
		b.killAll()
		return
	}
	b.front.process().kill()
}

// restore starts again what was killed.
func (b *booth) restore(x blow) error {
	if x.worker {
		return b.staff(1)
	}
	return b.front.start()
}
