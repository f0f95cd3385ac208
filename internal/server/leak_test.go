package server_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"regexp"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/server"
	"github.com/golive-hq/golive/internal/tenant"
)

// labelled marks the goroutines that this test starts, and all that those start,
// so that they can be told from other tests'.
func labelled(t *testing.T) {
	t.Helper()
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("test", t.Name())))
}

var stackHead = regexp.MustCompile(`(?m)^(\d+) @`) // the first follows a headline

// goroutines counts those of the test that are in the server's sockets or in the
// domain's subscriptions.
func goroutines(t *testing.T) (n int) {
	t.Helper()
	var profile bytes.Buffer
	must(t, pprof.Lookup("goroutine").WriteTo(&profile, 1))
	for _, stack := range strings.Split(profile.String(), "\n\n") {
		ours := strings.Contains(stack, "internal/server.(*socket") || strings.Contains(stack, "internal/progress.(*")
		if head := stackHead.FindStringSubmatch(stack); head != nil && ours && strings.Contains(stack, strconv.Quote(t.Name())) {
			count, err := strconv.Atoi(head[1])
			must(t, err)
			n += count
		}
	}
	return n
}

func TestNothingStaysOf200Sockets(t *testing.T) {
	t.Parallel()
	labelled(t)
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	id := s.goLive(t, token, products[0])
	clients := make([]*rawSocket, 200)
	var opened sync.WaitGroup
	for member := range 4 { // a token opens 50
		token, err := s.services.Tenants.CreateToken(t.Context(), "acme", fmt.Sprintf("member%d@example.com", member), tenant.RoleViewer)
		must(t, err)
		opened.Go(func() {
			for i := member * 50; i < (member+1)*50; i++ {
				clients[i] = s.open(t, token)
				clients[i].watch(t, "1", id)
				clients[i].nextEvent(t)
			}
		})
	}
	opened.Wait()
	// Each has a reader; those who only wait have nothing else.
	eventually(t, "all listen", func() bool { return s.server.Sockets() == 200 && goroutines(t) == 200 })
	for i, c := range clients {
		switch i % 3 {
		case 0: // gone without a word
			must(t, c.ws.CloseNow())
		case 1:
			go c.ws.Close(1000, "")
		case 2: // says so first
			c.send(t, message{ID: "1", Type: "complete"})
			go c.ws.Close(1000, "")
		}
	}
	eventually(t, "all sockets are gone", func() bool { return s.server.Sockets() == 0 })
	eventually(t, "their goroutines are gone", func() bool { return goroutines(t) == 0 })
}

// What a client has ended costs nothing more, though its socket stays.
func TestNothingStaysOfEndedOperations(t *testing.T) {
	t.Parallel()
	labelled(t)
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	id := s.goLive(t, token, products[0])
	c := s.open(t, token)
	for i := range 50 {
		c.watch(t, strconv.Itoa(i), id)
	}
	for range 50 {
		c.nextEvent(t)
	}
	for i := range 50 {
		c.send(t, message{ID: strconv.Itoa(i), Type: "complete"})
	}
	// The reader alone is left.
	eventually(t, "their goroutines are gone", func() bool { return goroutines(t) <= 1 })
	if s.server.Sockets() != 1 {
		t.Errorf("%d sockets", s.server.Sockets())
	}
}

// A client that stops reading while the connection stays must cost nothing for
// longer than one write may take.
func TestAClientThatStopsReadingIsCutOff(t *testing.T) {
	t.Parallel()
	labelled(t)
	s := startWith(t, func(c server.Config) *server.Server {
		return server.NewImpatient(c, patience, patience, time.Hour, 200*time.Millisecond)
	})
	_, tokens := s.newTenant(t, "acme")
	c := s.stuck(t)
	c.say(t, `{"type":"connection_init","payload":{"authorization":"Bearer `+tokens[tenant.RoleViewer]+`"}}`)
	eventually(t, "the socket is there", func() bool { return s.server.Sockets() == 1 })
	// Each answer is some 100 KB: far more, all in all, than the buffers between.
	for i := range 100 {
		c.say(t, fmt.Sprintf(`{"type":"subscribe","id":"%d","payload":{"query":%s}}`, i, strconv.Quote(wholeSchema)))
	}
	eventually(t, "the socket is cut off", func() bool { return s.server.Sockets() == 0 })
	eventually(t, "its goroutines are gone", func() bool { return goroutines(t) == 0 })
}

const wholeSchema = `{ __schema { types { name description fields { name description args { name description type { ...t } } type { ...t } } enumValues { name description } } } }
	fragment t on __Type { kind name description ofType { kind name description ofType { kind name description ofType { kind name description } } } }`

// raw is a connection that sends what it is told and never reads.
type raw struct{ net.Conn }

func (s *stack) stuck(t *testing.T) raw {
	t.Helper()
	var d net.Dialer
	c, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	must(t, err)
	t.Cleanup(func() { _ = c.Close() })
	_, err = fmt.Fprintf(c, "GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n")
	must(t, err)
	return raw{c}
}

// say sends one text frame, masked with zeros. What the server does not take any
// more is not this side's concern.
func (c raw) say(t *testing.T, text string) {
	t.Helper()
	frame := []byte{0x81, 0x80 | 126, byte(len(text) >> 8), byte(len(text)), 0, 0, 0, 0}
	if len(text) < 126 {
		frame = []byte{0x81, 0x80 | byte(len(text)), 0, 0, 0, 0}
	}
	_, _ = c.Write(append(frame, text...))
}
