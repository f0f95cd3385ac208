package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// channel is the one that all processes ring and hear. With a channel per
// topic, or a connection per subscriber, Postgres would wake them all for each
// notification.
const channel = "golive"

// pollEvery bounds how long a lost doorbell delays anybody. Topics have their turns in
// that time: if all rang at once, all that is watched would be looked at in one moment.
const (
	pollEvery = 5 * time.Second
	pollTurns = 20
)

// maxSilence is how long the listening connection may say nothing before it is
// asked whether it still lives, and maxAnswer is how long it has to answer. A
// connection can die without a word: a proxy or a firewall in between forgets it.
const (
	maxSilence = 10 * time.Second
	maxAnswer  = 5 * time.Second
)

// listener holds the connection settings of Hub.Run.
type listener struct {
	config          *pgx.ConnConfig
	log             *slog.Logger
	silence, answer time.Duration
}

// NewHub returns a hub that will listen on the database at url. It hears
// nothing before Run.
func NewHub(url string, log *slog.Logger) (*Hub, error) {
	return newHub(url, log, pollEvery)
}

func newHub(url string, log *slog.Logger, poll time.Duration) (*Hub, error) {
	config, err := parse(url)
	if err != nil {
		return nil, err
	}
	return &Hub{
		listener: listener{config: config.ConnConfig, log: log, silence: maxSilence, answer: maxAnswer},
		poll:     poll,
		topics:   map[string]*topic{},
	}, nil
}

// Run listens until ctx is done. It rings each topic's subscribers every
// five seconds, the topics by turns, and whenever it has a new connection, because nothing tells
// what was missed without one. A lost connection is replaced, at first at once
// and then with growing pauses of five seconds at most.
func (h *Hub) Run(ctx context.Context) {
	var polling sync.WaitGroup
	defer polling.Wait()
	polling.Go(func() { h.pollUntil(ctx) })
	for pause := minPause; ; pause = min(2*pause, maxPause) {
		heard, err := h.listen(ctx)
		if ctx.Err() != nil {
			return
		}
		if heard {
			pause = minPause
		}
		h.listener.log.WarnContext(ctx, "lost the database LISTEN connection; polling until it is back", "error", err)
		select {
		case <-time.After(pause/2 + rand.N(pause)):
		case <-ctx.Done():
			return
		}
	}
}

const (
	minPause = 50 * time.Millisecond
	maxPause = 4 * time.Second
)

func (h *Hub) pollUntil(ctx context.Context) {
	ticker := time.NewTicker(h.poll / pollTurns)
	defer ticker.Stop()
	for turn := 0; ; turn = (turn + 1) % pollTurns {
		select {
		case <-ticker.C:
			h.ringTurn(turn)
		case <-ctx.Done():
			return
		}
	}
}

// listen lives as long as one connection; heard says that it was usable.
func (h *Hub) listen(ctx context.Context) (heard bool, err error) {
	conn, err := h.listener.connect(ctx)
	if err != nil {
		return false, err
	}
	defer hangUp(ctx, conn)
	h.ringAll() // after LISTEN: what changes from here on is heard
	for {
		n, err := h.listener.next(ctx, conn)
		if err != nil {
			return true, err
		}
		if n != nil {
			h.ring(n.Payload)
		}
	}
}

func (l *listener) connect(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*l.answer)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, l.config)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		hangUp(ctx, conn)
		return nil, fmt.Errorf("listen: %w", err)
	}
	return conn, nil
}

// next waits for a notification; nil where there was none for so long that the
// connection was asked, and answered.
func (l *listener) next(ctx context.Context, conn *pgx.Conn) (*pgconn.Notification, error) {
	waiting, cancel := context.WithTimeout(ctx, l.silence)
	defer cancel()
	n, err := conn.WaitForNotification(waiting)
	if err == nil {
		return n, nil
	}
	if waiting.Err() == nil || ctx.Err() != nil {
		return nil, fmt.Errorf("wait for a notification: %w", err)
	}
	asking, cancel := context.WithTimeout(ctx, l.answer)
	defer cancel()
	if err := conn.Ping(asking); err != nil {
		return nil, fmt.Errorf("the connection died without notice: %w", err)
	}
	return nil, nil
}

func hangUp(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = conn.Close(ctx)
}
