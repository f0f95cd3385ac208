package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// maxTopic is the longest payload that Postgres takes, in bytes.
const maxTopic = 7999

// Notifier rings topics in all processes: see Hub.
//
// It does so in transactions of its own, after those of the work. A NOTIFY
// holds a lock of the whole database cluster over its commit, and in every
// transaction of the work it would halve the rate of commits.
type Notifier struct {
	pool *pgxpool.Pool
	log  *slog.Logger
	wake chan struct{} // capacity 1

	mu      sync.Mutex
	pending map[string]struct{}
}

// NewNotifier returns a notifier that sends nothing before Run.
func NewNotifier(pool *pgxpool.Pool, log *slog.Logger) *Notifier {
	return &Notifier{pool: pool, log: log, wake: make(chan struct{}, 1), pending: map[string]struct{}{}}
}

// Ring asks for a ring of each topic and returns at once. Call it after the
// commit: earlier, the hearers would look and find nothing new. A topic has 1
// to 7999 bytes; any other is dropped.
func (n *Notifier) Ring(topics ...string) {
	n.mu.Lock()
	for _, topic := range topics {
		if topic != "" && len(topic) <= maxTopic {
			n.pending[topic] = struct{}{}
		}
	}
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// Run sends until ctx is done, and then what is pending, for which it takes five
// seconds at most. When idle it sends
// at once; what is asked for while a batch is on its way makes the next batch.
func (n *Notifier) Run(ctx context.Context) {
	for {
		select {
		case <-n.wake:
			n.send(ctx)
		case <-ctx.Done():
			n.send(ctx)
			return
		}
	}
}

// send rings each pending topic in one statement. A failure is logged and the
// batch forgotten: the hubs' poll makes up for it.
func (n *Notifier) send(ctx context.Context) {
	topics := n.take()
	if len(topics) == 0 {
		return
	}
	// A batch that is on its way when Run is told to stop is still delivered.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, err := n.pool.Exec(ctx, `SELECT pg_notify($1, topic) FROM unnest($2::text[]) AS topic`, channel, topics)
	if err != nil {
		n.log.WarnContext(ctx, "notification lost; listeners will catch up by polling", "error", err, "topics", len(topics))
	}
}

// RingAtCommit rings topics in all processes when tx commits. It is for what is rare: the
// commit holds a lock of the whole database cluster.
func RingAtCommit(ctx context.Context, tx pgx.Tx, topics ...string) error {
	_, err := tx.Exec(ctx, `SELECT pg_notify($1, topic) FROM unnest($2::text[]) AS topic`, channel, topics)
	if err != nil {
		return fmt.Errorf("ring at commit: %w", err)
	}
	return nil
}

func (n *Notifier) take() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	topics := make([]string, 0, len(n.pending))
	for topic := range n.pending {
		topics = append(topics, topic)
	}
	clear(n.pending)
	return topics
}
