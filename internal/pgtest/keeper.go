package pgtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/pgembed"
)

// The shared server is the child of a keeper: a test binary that runs itself
// again with keeperEnv set. Three files in the shared folder order all this:
//
//	start.lock  held while a binary joins or starts the server
//	users.lock  held shared by each test binary until it ends, however it ends;
//	            held alone by the keeper while it takes the server down
//	url         where the server is
//
// The keeper keeps the server in a folder of its own and removes it at the end.
const keeperEnv = "GOLIVE_PGTEST_KEEPER"

// grace is how long the server outlives its last user: the next package of the
// same run, or the next run of somebody who is editing, finds it warm.
var grace = 20 * time.Second

// A keeper never gets as far as main.
func init() {
	if dir := os.Getenv(keeperEnv); dir != "" {
		os.Exit(keep(dir))
	}
}

// users is kept open, and so locked, as long as this process lives.
var users *os.File //nolint:unused // it is there not to be collected, and so closed

// join returns the URL of the running server, or of one that it starts.
func join(ctx context.Context) (string, error) {
	dir, err := sharedDir()
	if err != nil {
		return "", err
	}
	start, err := flock(filepath.Join(dir, "start.lock"), syscall.LOCK_EX)
	if err != nil {
		return "", err
	}
	defer start.Close()
	// Waits for a keeper that is just taking its server down.
	if users, err = flock(filepath.Join(dir, "users.lock"), syscall.LOCK_SH); err != nil {
		return "", err
	}
	if url, err := os.ReadFile(filepath.Join(dir, "url")); err == nil && answers(ctx, string(url)) {
		return string(url), nil
	}
	return startKeeper(ctx, dir)
}

// memory returns a folder in memory where there is room for a server: containers
// often have a /dev/shm of 64 MB. It is /tmp elsewhere.
func memory() string {
	var fs syscall.Statfs_t
	if err := syscall.Statfs("/dev/shm", &fs); err == nil && fs.Bavail*uint64(fs.Bsize) > 2<<30 {
		return "/dev/shm"
	}
	return "/tmp"
}

// parent of the shared folder.
var parent = memory()

func sharedDir() (string, error) {
	dir := filepath.Join(parent, fmt.Sprintf("golive-pgtest-%d", os.Getuid()))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755) // whatever the umask, Postgres' user passes
}

func flock(path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return f, nil
}

// answers is patient: a server that has ended refuses at once, and one that is only
// slow is in use by others, whom its replacement would leave without their data.
func answers(ctx context.Context, url string) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	return err == nil && conn.Close(ctx) == nil
}

// startKeeper waits for the keeper's one line: a URL, or what went wrong.
func startKeeper(ctx context.Context, dir string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	cmd := exec.Command(self)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), keeperEnv+"="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // outlives us, and Ctrl-C
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	defer out.Close()
	if err := cmd.Start(); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("the keeper of the test server ended: %w", errors.Join(err, cmd.Wait()))
	}
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "postgres://") {
		return "", errors.New(line)
	}
	return line, nil
}

// keep is the keeper's main: it returns the exit status.
func keep(dir string) int {
	home, err := freshHome(dir)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer os.RemoveAll(home)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s, err := pgembed.Start(ctx, pgembed.Options{Dir: home, Settings: settings})
	if err != nil {
		fmt.Println(strings.ReplaceAll(err.Error(), "\n", " "))
		return 1
	}
	if err := publish(dir, s.DSN("postgres")); err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(s.DSN("postgres"))
	taken := awaitLastUser(dir, s.Done())
	defer taken.Close()
	_ = s.Stop()
	return 0
}

// settings trade durability, of which a test needs none, for speed.
var settings = map[string]string{
	"fsync":              "off",
	"synchronous_commit": "off",
	"full_page_writes":   "off",
	"autovacuum":         "off",
	"wal_level":          "minimal",
	"max_wal_senders":    "0",
	"max_wal_size":       "1GB",
	"shared_buffers":     "128MB",
	"max_connections":    "500",
}

// freshHome removes what a killed keeper left, and makes a folder for the new
// server. The name is new each time: an orphaned server that is still ending
// cannot touch it.
func freshHome(dir string) (string, error) {
	old, err := filepath.Glob(filepath.Join(dir, "server-*"))
	if err != nil {
		return "", err
	}
	for _, path := range old {
		_ = os.RemoveAll(path)
	}
	home, err := os.MkdirTemp(dir, "server-")
	if err != nil {
		return "", err
	}
	return home, os.Chmod(home, 0o755)
}

// publish writes the file url whole or not at all.
func publish(dir, url string) error {
	path := filepath.Join(dir, "url")
	if err := os.WriteFile(path+".new", []byte(url), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// awaitLastUser returns, holding users.lock alone, once nobody has used the
// server for the time of grace; or, nil, when the server has ended by itself.
func awaitLastUser(dir string, ended <-chan struct{}) *os.File {
	for {
		idle := make(chan *os.File, 1)
		go func() {
			f, _ := flock(filepath.Join(dir, "users.lock"), syscall.LOCK_EX)
			_ = f.Close() // tolerates nil
			idle <- nil
		}()
		select {
		case <-idle:
		case <-ended:
			return nil
		}
		select {
		case <-time.After(grace):
		case <-ended:
			return nil
		}
		if f, err := flock(filepath.Join(dir, "users.lock"), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
			return f
		}
	}
}
