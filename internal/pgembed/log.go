package pgembed

import (
	"io"
	"net"
	"strings"
	"sync"
)

// tailWriter passes the server's log on and keeps its end, which tells why a
// server would not start.
type tailWriter struct {
	next io.Writer

	mu  sync.Mutex
	end []byte
}

func (w *tailWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	w.end = append(w.end, p...)
	if extra := len(w.end) - 1500; extra > 0 {
		w.end = append(w.end[:0], w.end[extra:]...)
	}
	w.mu.Unlock()
	if w.next != nil {
		// A log that cannot be written is no reason to stop the database.
		_, _ = w.next.Write(p)
	}
	return len(p), nil
}

func (w *tailWriter) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.TrimSpace(string(w.end))
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
