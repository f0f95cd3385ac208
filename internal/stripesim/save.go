package stripesim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"
)

// saver writes the state file after changes; those that come while it writes are
// written together. Without a file it does nothing.
type saver struct {
	sim     *Sim
	file    string
	dirty   chan struct{}
	stop    chan struct{}
	once    sync.Once
	stopped sync.WaitGroup

	mu sync.Mutex
	// changes counts what was asked for, kept what is in the file.
	changes, kept int
	closed        bool
	moved         *sync.Cond
}

// fileState is the state file.
type fileState struct {
	// Offset is how far the clock was moved.
	Offset   time.Duration `json:"offset"`
	Accounts []fileAccount `json:"accounts"`
}

type fileAccount struct {
	Config AccountConfig `json:"config"`
	Test   fileStore     `json:"test"`
	Live   fileStore     `json:"live"`
}

type fileStore struct {
	State
	Events  []json.RawMessage `json:"events"`
	Results []*result         `json:"results"`
	// Deliveries are yet to be made.
	Deliveries []delivery `json:"deliveries,omitempty"`
}

// startSaver loads the file, if there is one, and starts writing it.
func (s *Sim) startSaver(file string) *saver {
	sv := &saver{sim: s, file: file, dirty: make(chan struct{}, 1), stop: make(chan struct{})}
	sv.moved = sync.NewCond(&sv.mu)
	if file == "" {
		return sv
	}
	if err := sv.load(); err != nil {
		panic(err)
	}
	sv.stopped.Go(sv.run)
	return sv
}

// changed asks for a save; s.saver is nil while New loads.
func (sv *saver) changed() {
	if sv == nil || sv.file == "" {
		return
	}
	sv.mu.Lock()
	sv.changes++
	sv.mu.Unlock()
	select {
	case sv.dirty <- struct{}{}:
	default: // one is due already
	}
}

// settled waits until what has changed by now is in the file: what a caller was
// told of outlives the process.
func (sv *saver) settled() {
	if sv.file == "" {
		return
	}
	sv.mu.Lock()
	defer sv.mu.Unlock()
	for mine := sv.changes; sv.kept < mine && !sv.closed; {
		sv.moved.Wait()
	}
}

func (sv *saver) run() {
	for {
		select {
		case <-sv.dirty:
		case <-sv.stop:
			return
		}
		if err := sv.keep(); err != nil {
			sv.sim.log.Error("Stripe simulator could not save its state", "error", err)
		}
	}
}

// keep saves, and lets go whoever waits for it, also where it fails.
func (sv *saver) keep() error {
	sv.mu.Lock()
	changes := sv.changes
	sv.mu.Unlock()
	err := sv.save()
	sv.mu.Lock()
	defer sv.mu.Unlock()
	sv.kept = changes
	sv.moved.Broadcast()
	return err
}

func (sv *saver) close() error {
	if sv.file == "" {
		return nil
	}
	sv.once.Do(func() { close(sv.stop) })
	sv.stopped.Wait()
	sv.mu.Lock()
	sv.closed = true
	sv.mu.Unlock()
	return sv.keep()
}

// save replaces the file in one step, so that a crash leaves the old or the
// new one.
func (sv *saver) save() error {
	data, err := json.Marshal(sv.sim.snapshot())
	if err != nil {
		return fmt.Errorf("encode simulator state: %w", err)
	}
	next := sv.file + ".next"
	if err := os.WriteFile(next, data, 0o600); err != nil {
		return fmt.Errorf("write simulator state: %w", err)
	}
	if err := os.Rename(next, sv.file); err != nil {
		return fmt.Errorf("replace simulator state: %w", err)
	}
	return nil
}

func (s *Sim) snapshot() fileState {
	s.mu.RLock()
	defer s.mu.RUnlock()
	f := fileState{Offset: time.Duration(s.offset.Load())}
	for _, a := range s.accounts {
		a.mu.Lock()
		f.Accounts = append(f.Accounts, fileAccount{Config: a.config, Test: a.test.snapshot(), Live: a.live.snapshot()})
		a.mu.Unlock()
	}
	return f
}

func (st *store) snapshot() fileStore {
	f := fileStore{State: st.dump(), Events: rawAll(st.events, func(e *event) any { return e })}
	for d := range st.sending { // nobody knows yet what comes of them: sent again, if this is the end
		f.Deliveries = append(f.Deliveries, *d)
	}
	for _, d := range st.deliveries {
		f.Deliveries = append(f.Deliveries, *d)
	}
	for _, r := range st.idempotency.order {
		if st.idempotency.byKey[r.Key] == r && r.Status != 0 {
			done := *r
			f.Results = append(f.Results, &done)
		}
	}
	return f
}

func (sv *saver) load() error {
	data, err := os.ReadFile(sv.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read simulator state: %w", err)
	}
	var f fileState
	if err := json.Unmarshal(data, &f); err != nil {
		return fmt.Errorf("read simulator state %s: %w", sv.file, err)
	}
	sv.sim.offset.Store(int64(f.Offset))
	for _, a := range f.Accounts {
		sv.sim.AddAccount(a.Config)
		into := sv.sim.accounts[a.Config.ID]
		if err := errors.Join(into.test.restore(a.Test, Test), into.live.restore(a.Live, Live)); err != nil {
			return fmt.Errorf("read simulator state %s: %w", sv.file, err)
		}
	}
	return nil
}

func (st *store) restore(f fileStore, mode Mode) error {
	for _, raw := range f.Events {
		e := &event{}
		if err := unmarshal(raw, e); err != nil {
			return fmt.Errorf("event %.60s: %w", raw, err)
		}
		st.events.add(e.ID, e.Created, e)
	}
	for _, r := range f.Results {
		st.idempotency.byKey[r.Key] = r
		st.idempotency.order = append(st.idempotency.order, r)
	}
	for _, d := range f.Deliveries {
		st.queue(&d)
	}
	return st.add(f.State, mode, 0)
}
