package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// channel is the one that all processes ring and hear. With a channel per
// topic, or a connection per subscriber, Postgres would wake them all for each
// notification.
const channel = "golive"

// pollEvery bounds how long a lost doorbell delays anybody.
const pollEvery = 5 * time.Second

// listener holds the connection settings of Hub.Run.
type listener struct {
	config *pgx.ConnConfig
	log    *slog.Logger
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
	// The connection is silent for hours. Probes find a dead peer within
	// half a minute; until then the poll serves.
	dialer := &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3,
	}}
	config.ConnConfig.DialFunc = dialer.DialContext
	return &Hub{
		listener: listener{config: config.ConnConfig, log: log},
		poll:     poll,
		topics:   map[string]map[*Subscription]struct{}{},
	}, nil
}

// Run listens until ctx is done. It rings all subscribers at each poll, every
// five seconds, and whenever it has a new connection, because nothing tells
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
		h.listener.log.WarnContext(ctx, "listening to the database was interrupted; polling meanwhile", "error", err)
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
	ticker := time.NewTicker(h.poll)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			h.ringAll()
		case <-ctx.Done():
			return
		}
	}
}

// listen lives as long as one connection; heard says that it was usable.
func (h *Hub) listen(ctx context.Context) (heard bool, err error) {
	conn, err := pgx.ConnectConfig(ctx, h.listener.config)
	if err != nil {
		return false, fmt.Errorf("connect: %w", err)
	}
	defer hangUp(ctx, conn)
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return false, fmt.Errorf("listen: %w", err)
	}
	h.ringAll() // after LISTEN: what changes from here on is heard
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return true, fmt.Errorf("wait for a notification: %w", err)
		}
		h.ring(n.Payload)
	}
}

func hangUp(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = conn.Close(ctx)
}
