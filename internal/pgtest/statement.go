package pgtest

import (
	"bytes"
	"encoding/binary"
)

// Teller is told of each statement of a connection before it is passed on, and may keep
// it back for as long as it likes. Where it returns false the statement never arrives, and
// the connection ends.
type Teller func(sql string) (pass bool)

// Watch has those who connect from now on watched, each by a teller of its own.
func (p *Proxy) Watch(open func() Teller) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watch = open
}

// statements reads what a client says to Postgres, message by message, for what it has
// carried out: by a simple query, or by binding what it has prepared.
type statements struct {
	tell Teller
	// begun tells that the client has introduced itself.
	begun    bool
	rest     []byte
	prepared map[string]string
}

// Messages of the protocol that are of interest, and the first words of a client that asks
// for encryption, after which it introduces itself.
const (
	msgParse, msgBind, msgQuery = 'P', 'B', 'Q'
	askTLS, askGSS              = 80877103, 80877104
)

// read tells whether what was said may pass.
func (s *statements) read(said []byte) bool {
	s.rest = append(s.rest, said...)
	for {
		kind, body, whole := s.next()
		if !whole {
			return true
		}
		if sql, is := s.statement(kind, body); is && !s.tell(sql) {
			return false
		}
	}
}

// next takes a message off what is left. An introduction has no kind.
func (s *statements) next() (kind byte, body []byte, whole bool) {
	head := 4
	if s.begun {
		head = 5
	}
	if len(s.rest) < head {
		return 0, nil, false
	}
	size := head - 4 + int(binary.BigEndian.Uint32(s.rest[head-4:head]))
	if len(s.rest) < size {
		return 0, nil, false
	}
	body = s.rest[head:size]
	if s.begun {
		kind = s.rest[0]
	} else {
		asks := binary.BigEndian.Uint32(body)
		s.begun = asks != askTLS && asks != askGSS
	}
	s.rest = s.rest[size:]
	return kind, body, true
}

// statement is what a message has carried out.
func (s *statements) statement(kind byte, body []byte) (sql string, is bool) {
	first, rest, _ := bytes.Cut(body, []byte{0})
	switch kind {
	case msgQuery:
		return string(first), true
	case msgParse:
		second, _, _ := bytes.Cut(rest, []byte{0})
		if s.prepared == nil {
			s.prepared = map[string]string{}
		}
		s.prepared[string(first)] = string(second)
	case msgBind:
		name, _, _ := bytes.Cut(rest, []byte{0})
		return s.prepared[string(name)], true
	}
	return "", false
}
