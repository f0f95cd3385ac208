package server

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/inbox"
)

// places bound what is done at once.
type places chan struct{}

// take waits for a place until ctx ends.
func (p places) take(ctx context.Context) bool {
	select {
	case p <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (p places) leave() { <-p }

// in does something in a place; UNAVAILABLE where there is none in time.
func (p places) in(ctx context.Context, do func() error) error {
	if !p.take(ctx) {
		return fault.Wrap(ctx.Err(), fault.Unavailable, "Golive is busy. Try again in a minute.")
	}
	defer p.leave()
	return do()
}

const (
	// mostPaths bounds how many endpoints are remembered.
	mostPaths = 10_000
	// hookFresh is how long what was found at a path is believed: a few reads a second for each
	// endpoint, however many events come. An endpoint that closes gets its last ones so much longer.
	hookFresh = time.Second
)

// foundHooks are the endpoints that were found by their paths: whoever sends to one is no
// guesser, however many others come from the same address. A path is a secret, so its hash is
// kept.
type foundHooks struct {
	mu     sync.Mutex
	byHash map[[sha256.Size]byte]foundHook
}

type foundHook struct {
	inbox.Hook
	at time.Time
}

func (f *foundHooks) get(path string) (found foundHook, known bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	found, known = f.byHash[sha256.Sum256([]byte(path))]
	return found, known
}

// add begins anew once there are too many, for what is forgotten costs a look.
func (f *foundHooks) add(path string, hook inbox.Hook, at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	hash := sha256.Sum256([]byte(path))
	if _, known := f.byHash[hash]; f.byHash == nil || !known && len(f.byHash) >= mostPaths {
		f.byHash = map[[sha256.Size]byte]foundHook{}
	}
	f.byHash[hash] = foundHook{hook, at}
}

func (f *foundHooks) remove(path string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.byHash, sha256.Sum256([]byte(path)))
}
