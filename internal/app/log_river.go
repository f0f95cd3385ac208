package app

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// repeatEvery is how often the same complaint of River's is told.
const repeatEvery = time.Minute

// forRiver returns a logger for River's own lines: while the database is away, each of
// its loops complains several times a second, in words that never change. One line a
// minute of a kind says how many there were. Jobs that fail are told by our workers.
func forRiver(log *slog.Logger) *slog.Logger {
	return slog.New(seldom{log.Handler(), &told{now: time.Now, last: map[string]*complaint{}}})
}

type seldom struct {
	slog.Handler
	told *told
}

// told is shared by the loggers that River makes of ours.
type told struct {
	mu   sync.Mutex
	now  func() time.Time
	last map[string]*complaint
}

type complaint struct {
	at     time.Time
	unsaid int
}

func (h seldom) Handle(ctx context.Context, r slog.Record) error {
	if ours(r) {
		r.Level = slog.LevelDebug
	}
	if r.Level < slog.LevelWarn {
		if !h.Enabled(ctx, r.Level) {
			return nil
		}
		return h.Handler.Handle(ctx, r)
	}
	unsaid, due := h.told.due(r.Message)
	if !due {
		return nil
	}
	if unsaid > 0 {
		r.AddAttrs(slog.Int("unsaid", unsaid))
	}
	return h.Handler.Handle(ctx, r)
}

// ours tells that what failed did so because we stopped it: a process that is asked to
// leave has no trouble.
func ours(r slog.Record) (cancelled bool) {
	r.Attrs(func(a slog.Attr) bool {
		cancelled = strings.HasSuffix(a.Value.String(), context.Canceled.Error()) // River may have made it text
		return !cancelled
	})
	return cancelled
}

// due tells whether it is time to say message, and how often it was left unsaid.
func (t *told) due(message string) (unsaid int, due bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.last[message]
	if c == nil {
		c = &complaint{}
		t.last[message] = c
	}
	if now := t.now(); now.Sub(c.at) >= repeatEvery {
		unsaid, c.at, c.unsaid = c.unsaid, now, 0
		return unsaid, true
	}
	c.unsaid++
	return 0, false
}

func (h seldom) WithAttrs(attrs []slog.Attr) slog.Handler {
	return seldom{h.Handler.WithAttrs(attrs), h.told}
}

func (h seldom) WithGroup(name string) slog.Handler {
	return seldom{h.Handler.WithGroup(name), h.told}
}
