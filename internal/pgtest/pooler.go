package pgtest

import (
	"context"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// pooler stands between processes and their database as PgBouncer does: what a client
// calls a session is none.
type pooler struct {
	target string
	// shares lends a session for one transaction, else for as long as the client stays.
	shares bool

	mu sync.Mutex
	// idle sessions are lent in turn, the one that came back last at first.
	idle []*pgconn.HijackedConn
}

// NewPooler returns the URL of a pooler before the database at target, which ends with t.
// With shares it is in transaction mode, else in session mode.
func NewPooler(t testing.TB, target string, shares bool) string {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &pooler{target: target, shares: shares}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(client)
		}
	}()
	t.Cleanup(func() { _ = l.Close() })
	u.Host, u.RawQuery = l.Addr().String(), "sslmode=disable"
	return u.String()
}

// serve passes a client's messages to whichever session it has, and the answers back.
func (p *pooler) serve(conn net.Conn) {
	defer conn.Close()
	client := pgproto3.NewBackend(conn, conn)
	if _, err := client.ReceiveStartupMessage(); err != nil {
		return
	}
	client.Send(&pgproto3.AuthenticationOk{})
	client.Send(&pgproto3.BackendKeyData{ProcessID: 1, SecretKey: []byte{0, 0, 0, 1}}) // its own, as poolers have
	client.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	if client.Flush() != nil {
		return
	}
	var session *pgconn.HijackedConn
	for {
		message, err := client.Receive()
		if _, over := message.(*pgproto3.Terminate); err != nil || over {
			break
		}
		if session == nil {
			if session, err = p.lend(); err != nil {
				break
			}
		}
		session.Frontend.Send(message)
		if session.Frontend.Flush() != nil || p.answer(client, message, &session) != nil {
			break
		}
	}
	if session != nil {
		_ = session.Conn.Close()
	}
}

// answer passes on all that a message brings about, and takes the session back once no
// transaction is open.
func (p *pooler) answer(client *pgproto3.Backend, to pgproto3.FrontendMessage, session **pgconn.HijackedConn) error {
	switch to.(type) {
	case *pgproto3.Query, *pgproto3.Sync:
	default:
		return nil
	}
	for {
		message, err := (*session).Frontend.Receive()
		if err != nil {
			return err
		}
		client.Send(message)
		ready, over := message.(*pgproto3.ReadyForQuery)
		if !over {
			continue
		}
		if p.shares && ready.TxStatus == 'I' {
			p.mu.Lock()
			p.idle, *session = append(p.idle, *session), nil
			p.mu.Unlock()
		}
		return client.Flush()
	}
}

func (p *pooler) lend() (*pgconn.HijackedConn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		session := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return session, nil
	}
	session, err := pgconn.Connect(context.Background(), p.target)
	if err != nil {
		return nil, err
	}
	return session.Hijack()
}
