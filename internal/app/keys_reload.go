package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
)

// keysEvery is how often a process looks whether its keyset's file has changed, and
// keysSettled how long after that it seals with what it has read: what it seals others must
// be able to open.
const (
	keysEvery   = time.Second
	keysSettled = 5 * time.Second
)

// fileOf is the file that a variable is read from, "" for none.
func fileOf(env Lookup, name string) string {
	path, _ := env(name + "_FILE")
	return path
}

// followKeys reads the keyset again whenever its file has changed, so that sealing keys
// rotate without a restart. A file that holds no keyset, or one that opens less of what is
// stored, leaves the old one in use.
func followKeys(cfg Config, db postgres.Querier, log *slog.Logger) func(context.Context) {
	return func(ctx context.Context) {
		if cfg.KeysFile == "" {
			return
		}
		f := keysFile{path: cfg.KeysFile, log: log, keys: cfg.Keys, use: func(text string) error { return replaceKeys(ctx, db, cfg.Keys, text) }}
		f.look(ctx, time.Now()) // it may have changed since it was first read
		tick := time.NewTicker(keysEvery)
		defer tick.Stop()
		for {
			select {
			case now := <-tick.C:
				f.look(ctx, now)
			case <-ctx.Done():
				return
			}
		}
	}
}

// keysFile is a keyset's file as it was seen last.
type keysFile struct {
	path  string
	use   func(text string) error
	keys  *seal.Keys
	log   *slog.Logger
	stamp string
	// settles is when the keys seal with what was read last, zero where they do.
	settles time.Time
}

// look tells of a broken file once, not at every look.
func (f *keysFile) look(ctx context.Context, now time.Time) {
	if !f.settles.IsZero() && !now.Before(f.settles) {
		f.keys.Settle()
		f.settles = time.Time{}
	}
	stamp, err := f.stamped()
	if stamp == f.stamp {
		return
	}
	f.stamp = stamp
	var text []byte
	if err == nil {
		text, err = os.ReadFile(f.path)
	}
	if err == nil {
		err = f.use(strings.TrimSpace(string(text)))
	}
	if postgres.IsAway(err) {
		f.stamp = "" // nobody can tell yet what it opens
		return
	}
	if err != nil {
		f.log.ErrorContext(ctx, "the sealing keys were not read again; the old ones stay in use", "error", err)
		return
	}
	f.settles = now.Add(keysSettled)
	f.log.InfoContext(ctx, "sealing keys read again", "file", f.path)
}

// replaceKeys goes over to another keyset, unless that opens less of what is stored.
func replaceKeys(ctx context.Context, db postgres.Querier, keys *seal.Keys, text string) error {
	next, err := seal.ParseKeys(text)
	if err != nil {
		return err
	}
	stored, unopened, err := connection.Unopened(ctx, db, next)
	if err != nil {
		return err
	}
	_, before, err := connection.Unopened(ctx, db, keys)
	if err != nil {
		return err
	}
	if len(unopened) > len(before) {
		return errors.New(keysFinding(stored, unopened).Says)
	}
	return keys.Replace(text)
}

// stamped tells one state of the file from another; that it can't be read is one, too.
func (f *keysFile) stamped() (string, error) {
	info, err := os.Stat(f.path)
	if err != nil {
		return "unreadable", err
	}
	return fmt.Sprint(info.ModTime().UnixNano(), info.Size()), nil
}
