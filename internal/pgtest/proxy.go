package pgtest

import (
	"context"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
)

// Proxy stands between a process and its database, as load balancers and
// firewalls do, and can fail as they do.
type Proxy struct {
	// URL is the database's, by way of the proxy.
	URL string

	network, address string

	mu     sync.Mutex
	pipes  []*pipe
	frozen []*pipe
	// watch is called for each connection; see Watch.
	watch func() Teller
}

// pipe is one connection through the proxy.
type pipe struct {
	near, far net.Conn
	mu        sync.Mutex
	frozen    bool
}

// NewProxy passes connections on to the database at target until t ends.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	var c net.ListenConfig
	l, err := c.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{network: "tcp", address: u.Host}
	query := u.Query()
	if folder := query.Get("host"); folder != "" {
		p.network, p.address = "unix", filepath.Join(folder, ".s.PGSQL."+query.Get("port"))
		query.Del("host")
		query.Del("port")
	}
	query.Set("sslmode", "disable")
	u.Host, u.RawQuery = l.Addr().String(), query.Encode()
	p.URL = u.String()
	go p.accept(l)
	t.Cleanup(func() {
		_ = l.Close()
		p.Cut()
	})
	return p
}

func (p *Proxy) accept(l net.Listener) {
	for {
		near, err := l.Accept()
		if err != nil {
			return
		}
		far, err := (&net.Dialer{}).DialContext(context.Background(), p.network, p.address)
		if err != nil {
			_ = near.Close()
			continue
		}
		one := &pipe{near: near, far: far}
		p.mu.Lock()
		p.pipes = append(p.pipes, one)
		asks := func([]byte) bool { return true }
		if p.watch != nil {
			asks = (&statements{tell: p.watch()}).read
		}
		p.mu.Unlock()
		go one.pass(far, near, asks)
		go one.pass(near, far, func([]byte) bool { return true })
	}
}

// pass copies one direction. What a frozen pipe is given it swallows: neither
// side ever learns. What may not pass ends the connection.
func (c *pipe) pass(to, from net.Conn, may func([]byte) bool) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		c.mu.Lock()
		frozen := c.frozen
		c.mu.Unlock()
		if frozen {
			_, _ = io.Copy(io.Discard, from)
			return
		}
		if !may(buffer[:n]) {
			_ = to.Close()
			return
		}
		if _, failed := to.Write(buffer[:n]); err != nil || failed != nil {
			_ = to.Close()
			return
		}
	}
}

// Freeze lets all connections that there are die without a word, and returns how
// many there were. New ones pass.
func (p *Proxy) Freeze() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.pipes {
		c.mu.Lock()
		c.frozen = true
		c.mu.Unlock()
	}
	n := len(p.pipes)
	p.frozen, p.pipes = append(p.frozen, p.pipes...), nil
	return n
}

// Cut ends all connections that there are, those too that died without a word.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range append(p.frozen, p.pipes...) {
		_ = c.near.Close()
		_ = c.far.Close()
	}
	p.frozen, p.pipes = nil, nil
}
