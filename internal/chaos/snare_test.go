package chaos_test

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/golive-hq/golive/internal/pgtest"
)

// line is one statement of an act: the nth that says the same.
type line struct {
	sql string
	nth int
}

func (l line) String() string {
	words := strings.Fields(l.sql)
	return fmt.Sprintf("%s %d", strings.Join(words[:min(7, len(words))], " "), l.nth)
}

// snare lies on a process's way to its database: it notes what is said, or catches one
// statement, whose sender can then be killed.
type snare struct {
	mu     sync.Mutex
	noting bool
	noted  []line
	counts map[string]int
	trap   *line
	caught chan struct{}
	goOn   chan struct{}
}

// lay puts a proxy with a snare before a database.
func lay(t *testing.T, database string) (*snare, *pgtest.Proxy) {
	t.Helper()
	s := &snare{}
	proxy := pgtest.NewProxy(t, database)
	s.watch(proxy)
	return s, proxy
}

func (s *snare) watch(proxy *pgtest.Proxy) {
	proxy.Watch(func() pgtest.Teller {
		last := ""
		return func(sql string) bool {
			switch {
			case sql == "begin":
				last = ""
			case sql == "commit": // which one, says what it is that is committed
				return s.hear("commit of " + last)
			case about.MatchString(sql):
				last = sql
			}
			return s.hear(sql)
		}
	})
}

// about are the statements that an act is made of, unlike those of everybody who looks
// after something all the time. What begins a transaction changes nothing.
var about = regexp.MustCompile(`(?s)\b(orders|order_[a-z]+|payments|refunds|disputes|stripe_calls|stripe_events|stripe_objects|stripe_payloads|audit_log)\b`)

// everywhere are those that sweep.
var everywhere = regexp.MustCompile(`(?i)skip locked|pg_try_advisory|payments_modules SET next_round_at`)

func (s *snare) hear(sql string) (pass bool) {
	if !about.MatchString(sql) || everywhere.MatchString(sql) {
		return true
	}
	s.mu.Lock()
	if s.counts == nil {
		s.counts = map[string]int{}
	}
	s.counts[sql]++
	at := line{sql, s.counts[sql]}
	if s.noting {
		s.noted = append(s.noted, at)
	}
	if s.trap == nil || *s.trap != at {
		s.mu.Unlock()
		return true
	}
	s.trap = nil
	close(s.caught)
	goOn := s.goOn
	s.mu.Unlock()
	<-goOn
	return false
}

// note begins to note.
func (s *snare) note() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.noting, s.noted, s.counts = true, nil, nil
}

// read returns what was noted.
func (s *snare) read() []line {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.noting = false
	return s.noted
}

// set sets the trap for a statement from now on.
func (s *snare) set(at line) (caught <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts, s.trap, s.caught, s.goOn = nil, &at, make(chan struct{}), make(chan struct{})
	return s.caught
}

// open lets go of what was caught, which never arrives, and takes the trap away.
func (s *snare) open() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trap = nil
	if s.goOn != nil {
		close(s.goOn)
		s.goOn = nil
	}
}
