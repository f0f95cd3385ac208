package importing

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
)

// ErrBusy tells a worker that another one holds the lease; ErrTurn that others wait, and the
// job goes to the end of the queue; ErrAway that the database could not be reached.
var (
	ErrBusy = errors.New("import: another worker holds the lease")
	ErrTurn = errors.New("import: other tenants wait for a worker")
	ErrAway = errors.New("import: the database is unreachable")
)

// turn is how long one import keeps its place while others wait: large ones keep nobody.
const turn = 15 * time.Second

// run is one worker's turn at one import.
type run struct {
	*Service
	*row
	arrivals *product.Arrivals
	// wrote is how long the last transaction took.
	wrote time.Duration
}

// Run carries an import as far as it goes. It is safe to call again after any failure,
// whatever the first call had done. nil: it has ended, or is none of this job's business any
// more.
func (s *Service) Run(ctx context.Context, id string, jobID int64) error {
	across := postgres.Across(ctx, postgres.Sweeps)
	r, err := take(across, s.DB, id, jobID, s.Lease)
	if err != nil {
		return away(err)
	}
	if r == nil {
		busy, err := held(across, s.DB, id, jobID)
		if busy && err == nil {
			err = ErrBusy
		}
		return away(err)
	}
	return s.carryOut(postgres.For(ctx, r.TenantID), r)
}

// GiveUp ends an import that failed for reasons of ours as often as it was tried.
func (s *Service) GiveUp(ctx context.Context, id string, jobID int64) error {
	r, err := take(postgres.Across(ctx, postgres.Sweeps), s.DB, id, jobID, s.Lease)
	if r == nil || err != nil {
		return err
	}
	return s.newRun(r).fail(postgres.For(ctx, r.TenantID), ours(r.ID))
}

func ours(id string) *fault.Error {
	return fault.New(fault.Internal, "Something went wrong on our side. Nothing was imported. Try again, or report it with this ID: %s.", id)
}

func (s *Service) newRun(r *row) *run { return &run{Service: s, row: r, arrivals: r.arrivals()} }

func (s *Service) carryOut(ctx context.Context, taken *row) error {
	r := s.newRun(taken)
	owning, stop := r.keep(ctx)
	defer stop()
	err := r.work(owning)
	var why *fault.Error
	switch {
	case err == nil, errors.Is(err, errLost), errors.Is(context.Cause(owning), errLost):
		return nil
	case ctx.Err() != nil:
		// The worker is being stopped: the job goes back to the queue at once.
		err = ctx.Err()
	case errors.As(err, &why) && why.Code != fault.Unavailable:
		if why.Code == fault.Internal {
			s.Log.ErrorContext(ctx, "import failed", "import", r.ID, "error", errors.Unwrap(why))
		}
		if err = r.fail(ctx, why); err == nil {
			return nil
		}
	}
	r.release(ctx)
	return away(err)
}

// away tells errors of the database's from ours: they say nothing about the import.
func away(err error) error {
	if postgres.IsAway(err) {
		return errors.Join(ErrAway, err)
	}
	return err
}

// work goes on until the end, or until others have waited for long enough.
func (r *run) work(ctx context.Context) error {
	over := time.Now().Add(turn)
	for {
		began := time.Now()
		ended, err := r.step(ctx)
		if ended || err != nil {
			return err
		}
		took := time.Since(began)
		r.Notify.Ring(Topic(r.TenantID))
		if time.Now().Before(over) || r.JobID == nil {
			r.rest(ctx, took)
			continue
		}
		if wait, err := othersWait(ctx, r.DB, r.ID); err != nil || wait {
			return errors.Join(err, ErrTurn)
		}
		over = time.Now().Add(turn)
	}
}

const (
	// mostRest is about what a page takes to be written whose processors are busy.
	mostRest = time.Second
	// mostReading is about what the largest page takes to be made sense of. What else reading
	// takes is Stripe's time, and costs no processor.
	mostReading = 200 * time.Millisecond
)

// rest leaves the processors to others between two pages, for as long as the last one, of which
// took is the time, has kept them: nobody waits for an import as for a go-live, but for one of a
// few products by their IDs.
func (r *run) rest(ctx context.Context, took time.Duration) {
	if r.Asked != nil && len(r.Asked) <= few {
		return
	}
	resting, stop := context.WithTimeout(ctx, min(took, r.wrote+mostReading, mostRest))
	defer stop()
	<-resting.Done() // the next step tells whether ctx has ended
}

// keep renews the lease until it is stopped, and ends the context once it is lost.
func (r *run) keep(ctx context.Context) (owning context.Context, stop func()) {
	owning, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(r.Lease / 3)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-owning.Done():
				return
			}
			if err := renew(owning, r.DB, r.row, r.Lease); errors.Is(err, errLost) {
				cancel(errLost)
			}
		}
	}()
	return owning, func() { cancel(nil); <-done }
}

// release lets others take over at once. Where that fails, the lease ends by itself.
func (r *run) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := letGo(ctx, r.DB, r.row); err != nil && !errors.Is(err, errLost) {
		r.Log.WarnContext(ctx, "import not released; its lease will end", "import", r.ID, "error", err)
	}
}

// fail ends the import with nothing imported.
func (r *run) fail(ctx context.Context, why *fault.Error) error {
	return r.end(ctx, func(tx pgx.Tx) (product.ImportResult, *fault.Error, error) {
		return product.ImportResult{}, why, r.arrivals.Drop(ctx, tx)
	})
}

// end carries out the last change, and records it. The row's lock keeps others off meanwhile,
// and our own heartbeat, too: that wakes when the row has ended, takes the lease for lost, and
// must not break off the commit that ended it.
func (r *run) end(ctx context.Context, last func(tx pgx.Tx) (product.ImportResult, *fault.Error, error)) error {
	ctx = context.WithoutCancel(ctx)
	err := postgres.InTx(ctx, r.DB, func(tx pgx.Tx) error {
		if err := advance(ctx, tx, r.row, r.Place); err != nil {
			return err
		}
		got, why, err := last(tx)
		if err != nil {
			return err
		}
		if err := finish(ctx, tx, r.row, got, why); err != nil {
			return err
		}
		return r.record(ctx, tx, got, why)
	})
	if err == nil {
		r.Notify.Ring(Topic(r.TenantID))
	}
	return err
}

func (r *run) record(ctx context.Context, tx pgx.Tx, got product.ImportResult, why *fault.Error) error {
	details := map[string]any{"all": r.Asked == nil, "imported": got.Imported, "changed": got.Changed, "gone": got.Gone}
	if why != nil {
		details["error"] = why.Code
	}
	return audit.Record(ctx, tx, audit.Entry{
		TenantID: r.TenantID, Actor: r.By, ActorKind: audit.ActorKind(r.Kind), Action: "products.imported", Subject: r.AccountID,
		RequestID: &r.RequestID, RemoteAddress: &r.Remote, Details: details,
	})
}
