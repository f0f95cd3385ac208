package postgres

import (
	"math/rand/v2"
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
	topics           map[string]*topic
	notified, polled int64
}

// topic is there while it has subscribers.
type topic struct {
	subscriptions map[*Bell]struct{}
	rings         int64
	turn          int // of the poll
}

// Bell is one interest in one topic.
type Bell struct {
	// C is the doorbell: it holds at most one ring, and is never closed. Read
	// the topic's state after each ring, and once after subscribing.
	C <-chan struct{}

	hub  *Hub
	name string // the topic's
	bell chan struct{}
	call func() // instead of bell
}

// Subscribe returns a doorbell for a topic. The caller closes it.
func (h *Hub) Subscribe(name string) *Bell {
	bell := make(chan struct{}, 1)
	return h.hang(&Bell{C: bell, hub: h, name: name, bell: bell})
}

// SubscribeFunc returns a doorbell that calls a function at each ring, for those who would
// need a goroutine to wait for one. The function must not block, and not use the hub. The
// caller closes the bell.
func (h *Hub) SubscribeFunc(name string, call func()) *Bell {
	return h.hang(&Bell{hub: h, name: name, call: call})
}

func (h *Hub) hang(s *Bell) *Bell {
	name := s.name
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.topics[name] == nil {
		h.topics[name] = &topic{subscriptions: map[*Bell]struct{}{}, turn: rand.N(pollTurns)}
	}
	h.topics[name].subscriptions[s] = struct{}{}
	h.topics[name].rings++
	return s
}

// Rings counts the topic's rings in this process; a new subscriber counts as one.
// It never falls while anybody is subscribed. Whoever looks after asking for it
// sees all that those rings were about, so subscribers can share their looks.
func (s *Bell) Rings() int64 {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	if t := s.hub.topics[s.name]; t != nil {
		return t.rings
	}
	return 0
}

// Close ends the subscription: its bell rings no more. It never blocks for
// long, suits context.AfterFunc, and may be repeated.
func (s *Bell) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	t := s.hub.topics[s.name]
	if t == nil {
		return
	}
	delete(t.subscriptions, s)
	if len(t.subscriptions) == 0 {
		delete(s.hub.topics, s.name)
	}
}

// Wakeups returns how many bells rang because of a notification, and how many
// because of the poll or a new connection, since the process began.
func (h *Hub) Wakeups() (notified, polled int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.notified, h.polled
}

func (h *Hub) ring(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.topics[name]; t != nil {
		h.notified += t.ring()
	}
}

func (h *Hub) ringAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range h.topics {
		h.polled += t.ring()
	}
}

// ringTurn rings the topics whose turn it is in a poll.
func (h *Hub) ringTurn(turn int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range h.topics {
		if t.turn == turn {
			h.polled += t.ring()
		}
	}
}

// ring returns how many bells it rang.
func (t *topic) ring() (rang int64) {
	t.rings++
	for s := range t.subscriptions {
		rang += s.ring()
	}
	return rang
}

// ring never blocks: a bell that still rings says all there is to say. It
// returns how many bells it rang.
func (s *Bell) ring() int64 {
	if s.call != nil {
		s.call()
		return 1
	}
	select {
	case s.bell <- struct{}{}:
		return 1
	default:
		return 0
	}
}
