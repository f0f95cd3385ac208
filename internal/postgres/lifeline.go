package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// Lifeline is a database session that lives as long as its process and holds an
// advisory lock on a number of its own: whoever can have that lock knows that the
// session has ended, and mostly that the process has died.
//
// That is a hint and no proof: a session also ends where Postgres fails over, or an
// operator ends it. So whoever acts under a number asks, before each effect, whether it
// still is the Lifeline's, and the fences stay what they are.
type Lifeline struct {
	listener listener

	mu      sync.Mutex
	number  int64
	changed chan struct{}
}

// askLifeline is how long a lifeline may say nothing before it is asked whether it
// still lives, and how long it has to answer.
const askLifeline = 2 * time.Second

// NewLifeline returns a lifeline to the database at url. It has no number before Run.
func NewLifeline(url string, log *slog.Logger) (*Lifeline, error) {
	config, err := parse(url)
	if err != nil {
		return nil, err
	}
	return &Lifeline{
		listener: listener{config: config.ConnConfig, log: log, silence: askLifeline, answer: askLifeline},
		changed:  make(chan struct{}),
	}, nil
}

// Run holds a session until ctx is done, and replaces one that ends, under a new
// number: what was taken under the old one is others' to take.
func (l *Lifeline) Run(ctx context.Context) {
	for pause := minPause; ; pause = min(2*pause, maxPause) {
		held, err := l.hold(ctx)
		if ctx.Err() != nil {
			return
		}
		if held {
			pause = minPause
		}
		l.listener.log.WarnContext(ctx, "lost the database session that tells other workers of this one; no write starts until there is a new one", "error", err)
		select {
		case <-time.After(pause/2 + rand.N(pause)):
		case <-ctx.Done():
			return
		}
	}
}

// hold lives as long as one session; held says that it had the lock.
func (l *Lifeline) hold(ctx context.Context) (held bool, err error) {
	conn, number, err := l.begin(ctx)
	if err != nil {
		return false, err
	}
	defer hangUp(ctx, conn)
	l.set(number)
	defer l.set(0)
	for err == nil {
		_, err = l.listener.next(ctx, conn)
	}
	return true, err
}

// begin opens a session and takes the lock of a new number, which nobody has had before:
// of so many, none is drawn twice.
func (l *Lifeline) begin(ctx context.Context) (conn *pgx.Conn, number int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*l.listener.answer)
	defer cancel()
	if conn, err = pgx.ConnectConfig(ctx, l.listener.config); err != nil {
		return nil, 0, fmt.Errorf("connect: %w", err)
	}
	var taken bool
	number = 1 + rand.Int64N(math.MaxInt64)
	err = conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", number).Scan(&taken)
	if err == nil && !taken {
		err = errors.New("another session has the same number")
	}
	if err != nil {
		hangUp(ctx, conn)
		return nil, 0, fmt.Errorf("lock: %w", err)
	}
	return conn, number, nil
}

func (l *Lifeline) set(number int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.number = number
	close(l.changed)
	l.changed = make(chan struct{})
}

// Number is that of the session that there is now, 0 where there is none, and changed
// is closed once that is no longer so.
func (l *Lifeline) Number() (number int64, changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.number, l.changed
}

// Await returns the number as soon as there is a session.
func (l *Lifeline) Await(ctx context.Context) (int64, error) {
	for {
		number, changed := l.Number()
		if number != 0 {
			return number, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return 0, fmt.Errorf("wait for a database session of this process's own: %w", ctx.Err())
		}
	}
}
