// Package pgembed runs a private Postgres server as a child of this process,
// from binaries that are already on the machine.
//
// It serves `golive dev` and the tests. The server listens on a unix socket
// that only its own user (and root) can reach, trusts whoever reaches it, and
// ends with this process, however that dies. Postgres refuses to run as root:
// there it runs as the user postgres, else nobody.
package pgembed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrBusy says that another live process runs a server in the same folder.
var ErrBusy = errors.New("this Postgres folder is in use by another process; stop that process or choose another folder")

// Options tell Start what to run. Only Dir is required.
type Options struct {
	// Dir holds the data, the socket and the owner's lock. Start creates it
	// where it is missing; data found in it are used as they are.
	Dir string
	// Settings are server parameters, such as "fsync": "off".
	Settings map[string]string
	// TCP makes the server listen on a free port of 127.0.0.1 too. Every user
	// of the machine can then connect as superuser: for benchmarks only.
	TCP bool
	// Log receives the server's own log; nil discards it.
	Log io.Writer
}

// Server is a running Postgres. It holds Dir until Stop.
type Server struct {
	cmd     *exec.Cmd
	done    chan struct{}
	waitErr error // set before done is closed
	lock    *os.File
	host    string
	port    int
}

// Start runs a server in o.Dir and returns once it accepts connections; ctx
// bounds the starting only. The first start in a folder takes about a second,
// later ones a tenth.
//
// Errors are sentences for the person at the terminal; errors.Is finds ErrBusy.
func Start(ctx context.Context, o Options) (*Server, error) {
	d, err := prepare(o.Dir)
	if err != nil {
		return nil, err
	}
	s := &Server{done: make(chan struct{}), lock: d.lock}
	if err := s.start(ctx, d, o); err != nil {
		_ = d.lock.Close()
		return nil, fmt.Errorf("start Postgres in %s: %w", o.Dir, err)
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, d *folder, o Options) error {
	bin, err := findBinaries(d.version())
	if err != nil {
		return err
	}
	if err := d.create(ctx, bin); err != nil {
		return err
	}
	if err := stopOrphan(ctx, d.data); err != nil {
		return err
	}
	if err := s.choosePort(d, o.TCP); err != nil {
		return err
	}
	tail := &tailWriter{next: o.Log}
	s.cmd = command(bin, d, s.arguments(d, o), tail)
	if err := s.spawn(); err != nil {
		return err
	}
	return s.awaitReady(ctx, d, tail)
}

// choosePort leaves the port that it found free unguarded for a moment; losing
// that race makes the start fail, which a benchmark can repeat.
func (s *Server) choosePort(d *folder, tcp bool) error {
	s.host, s.port = d.socket, 5432
	if !tcp {
		return nil
	}
	port, err := freePort()
	if err != nil {
		return fmt.Errorf("find a free port: %w", err)
	}
	s.host, s.port = "127.0.0.1", port
	return nil
}

func (s *Server) arguments(d *folder, o Options) []string {
	settings := map[string]string{
		"unix_socket_directories": d.socket,
		"unix_socket_permissions": "0700",
		"listen_addresses":        "",
		"port":                    strconv.Itoa(s.port),
		"timezone":                "UTC",
		"log_timezone":            "UTC",
	}
	if o.TCP {
		settings["listen_addresses"] = s.host
	}
	for name, value := range o.Settings {
		settings[name] = value
	}
	args := []string{"-D", d.data}
	for name, value := range settings {
		args = append(args, "-c", name+"="+value)
	}
	return args
}

func command(bin string, d *folder, args []string, log io.Writer) *exec.Cmd {
	cmd := exec.Command(filepath.Join(bin, "postgres"), args...)
	cmd.Dir = "/" // a folder that the server's user is sure to be allowed in
	cmd.Env = environment()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.WaitDelay = 5 * time.Second // a process of a killed server may hold on to the log
	cmd.SysProcAttr = d.owner.attributes()
	// Ctrl-C at the terminal reaches us alone, so that we can finish our own
	// work on the database before we stop it.
	cmd.SysProcAttr.Setpgid = true
	dieWithParent(cmd.SysProcAttr)
	return cmd
}

func (s *Server) spawn() error {
	started := make(chan error)
	go func() {
		// The kernel sends the parent-death signal when the thread that
		// forked ends, not the process: this goroutine keeps its thread.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := s.cmd.Start()
		started <- err
		if err != nil {
			return
		}
		stopWatching := watchParent(s.cmd.Process.Pid)
		s.waitErr = s.cmd.Wait()
		stopWatching()
		close(s.done)
	}()
	return <-started
}

func (s *Server) awaitReady(ctx context.Context, d *folder, tail *tailWriter) error {
	for {
		if s.ping(ctx) == nil {
			return nil
		}
		select {
		case <-s.done:
			return fmt.Errorf("the server stopped immediately (%w): %s", s.waitErr, tail)
		case <-ctx.Done():
			_ = s.Stop()
			return fmt.Errorf("%w while waiting for the server: %s", ctx.Err(), tail)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (s *Server) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.DSN("postgres"))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// DSN returns the connection URL of database db, for the superuser postgres.
// The database "postgres" always exists.
func (s *Server) DSN(db string) string {
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/" + db}
	u.RawQuery = url.Values{
		"host":    {s.host},
		"port":    {strconv.Itoa(s.port)},
		"sslmode": {"disable"},
	}.Encode()
	return u.String()
}

// Done is closed when the server has ended, by Stop or by itself.
func (s *Server) Done() <-chan struct{} { return s.done }

// Stop ends the server and releases its folder. It asks in three steps: fast
// shutdown (open transactions roll back), immediate shutdown (the next start
// recovers from the log), kill. The error tells of a server that did not end
// cleanly; no committed data are lost in either case. Repeating Stop is harmless.
func (s *Server) Stop() error {
	defer s.lock.Close()
	for _, ask := range []struct {
		by   syscall.Signal
		wait time.Duration
	}{
		{syscall.SIGINT, 30 * time.Second}, // it writes to disk what it has in memory
		{syscall.SIGQUIT, 10 * time.Second},
		{syscall.SIGKILL, 10 * time.Second},
	} {
		_ = s.cmd.Process.Signal(ask.by)
		select {
		case <-s.done:
			return s.waitErr
		case <-time.After(ask.wait):
		}
	}
	return errors.New("Postgres didn't stop, even when killed")
}
