package postgres

import (
	"context"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5/stdlib"

	"github.com/golive-hq/golive/migrations"
)

// Tests choose the poll, so that none waits for it and none is rung by it unasked.
var NewHubPolling = newHub

// SetSilence chooses how long the listening connection may say nothing, and then
// owe an answer.
func (h *Hub) SetSilence(silence, answer time.Duration) {
	h.listener.silence, h.listener.answer = silence, answer
}

const RiverSchema = riverSchema

// MigrateTo stops at a version, for tests of what the next ones do to rows.
func MigrateTo(ctx context.Context, url string, version int64) error {
	return MigrateBy(ctx, url, migrations.FS, version)
}

// MigrateBy applies other files than ours, up to a version.
func MigrateBy(ctx context.Context, url string, files fs.FS, version int64) error {
	pool, err := Open(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	p, err := provider(pool, db, files)
	if err != nil {
		return err
	}
	_, err = p.UpTo(ctx, version)
	return err
}
