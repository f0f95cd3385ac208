package server

import (
	"context"
	"crypto/sha256"
	"sync"

	"github.com/golive-hq/golive/internal/fault"
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

// mostPaths bounds how many paths are remembered.
const mostPaths = 10_000

// knownPaths are paths that endpoints were found at: whoever sends to one is no guesser,
// however many others come from the same address. A path is a secret, so its hash is kept.
type knownPaths struct {
	mu     sync.Mutex
	hashes map[[sha256.Size]byte]bool
}

func (k *knownPaths) has(path string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.hashes[sha256.Sum256([]byte(path))]
}

// add begins anew once there are too many, for what is forgotten costs a look.
func (k *knownPaths) add(path string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.hashes == nil || len(k.hashes) >= mostPaths {
		k.hashes = map[[sha256.Size]byte]bool{}
	}
	k.hashes[sha256.Sum256([]byte(path))] = true
}

func (k *knownPaths) remove(path string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.hashes, sha256.Sum256([]byte(path)))
}
