package postgres

import (
	"sync"
	"time"
)

// Hub tells the subscribers in this process that something about a topic has
// changed, in whatever process it changed. It carries no data: a doorbell says
// "look", and whoever looks finds everything in the tables. So bells may merge,
// ring for nothing, or get lost; the poll makes up for lost ones.
//
// It holds one connection, and costs no goroutine per subscription.
type Hub struct {
	listener listener
	poll     time.Duration

	mu               sync.Mutex
	topics           map[string]map[*Subscription]struct{}
	notified, polled int64
}

// Subscription is one interest in one topic.
type Subscription struct {
	// C is the doorbell: it holds at most one ring, and is never closed. Read
	// the topic's state after each ring, and once after subscribing.
	C <-chan struct{}

	hub   *Hub
	topic string
	bell  chan struct{}
}

// Subscribe returns a doorbell for topic. The caller closes it.
func (h *Hub) Subscribe(topic string) *Subscription {
	bell := make(chan struct{}, 1)
	s := &Subscription{C: bell, hub: h, topic: topic, bell: bell}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.topics[topic] == nil {
		h.topics[topic] = map[*Subscription]struct{}{}
	}
	h.topics[topic][s] = struct{}{}
	return s
}

// Close ends the subscription: its bell rings no more. It never blocks for
// long, suits context.AfterFunc, and may be repeated.
func (s *Subscription) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	delete(s.hub.topics[s.topic], s)
	if len(s.hub.topics[s.topic]) == 0 {
		delete(s.hub.topics, s.topic)
	}
}

// Wakeups returns how many bells rang because of a notification, and how many
// because of the poll or a new connection, since the process began.
func (h *Hub) Wakeups() (notified, polled int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.notified, h.polled
}

func (h *Hub) ring(topic string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.topics[topic] {
		h.notified += s.ring()
	}
}

func (h *Hub) ringAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, subscriptions := range h.topics {
		for s := range subscriptions {
			h.polled += s.ring()
		}
	}
}

// ring never blocks: a bell that still rings says all there is to say. It
// returns how many bells it rang.
func (s *Subscription) ring() int64 {
	select {
	case s.bell <- struct{}{}:
		return 1
	default:
		return 0
	}
}
