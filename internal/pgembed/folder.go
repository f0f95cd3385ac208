package pgembed

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
)

// maxSocketPath is what the narrowest system we run on (macOS) allows for a
// unix socket's path; Linux allows four bytes more.
const maxSocketPath = 103

// folder is Options.Dir, locked for us.
type folder struct {
	owner  owner
	lock   *os.File
	base   string // the folder itself
	data   string // Postgres' data directory
	socket string // where the server puts its socket
}

// prepare makes and locks the folder. The kernel frees the lock however this
// process ends.
func prepare(dir string) (*folder, error) {
	o, err := serverUser()
	if err != nil {
		return nil, err
	}
	base, err := makeBase(dir, o)
	if err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(base, "owner.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = lock.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = ErrBusy
		}
		return nil, fmt.Errorf("%s: %w", base, err)
	}
	return &folder{owner: o, lock: lock, base: base, data: filepath.Join(base, "data"), socket: socketDir(base)}, nil
}

// makeBase returns the folder's true path: the server's user need not be able
// to pass the symbolic links that led us there.
func makeBase(dir string, o owner) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if o.dropped {
		if err := o.reaches(dir); err != nil {
			return "", err
		}
	}
	if err := makePassable(dir); err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(dir)
}

// makePassable is MkdirAll whose new folders the server's user can enter,
// whatever our umask.
func makePassable(dir string) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := makePassable(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return os.Chmod(dir, 0o755)
}

// plainPath has no character, such as a comma or a space, that some client or
// Postgres itself takes for syntax in the place of a host.
var plainPath = regexp.MustCompile(`^[\w/.-]+$`)

// socketDir is below base where the socket's path is short and plain enough,
// else a folder of its own in /tmp, the same at each start.
func socketDir(base string) string {
	dir := filepath.Join(base, "socket")
	if len(dir)+len("/.s.PGSQL.65535") <= maxSocketPath && plainPath.MatchString(dir) {
		return dir
	}
	sum := sha256.Sum256([]byte(base))
	return filepath.Join("/tmp", "golive-pg-"+hex.EncodeToString(sum[:8]))
}

// version is the major version that the data belong to, "" where there are none.
func (d *folder) version() string {
	b, err := os.ReadFile(filepath.Join(d.data, "PG_VERSION"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// create makes what is missing: the socket's folder, and the data by initdb.
func (d *folder) create(ctx context.Context, bin string) error {
	if err := d.privateDir(d.socket); err != nil {
		return err
	}
	if d.version() != "" {
		return d.owned(d.data)
	}
	// Built aside and renamed, so that a killed initdb leaves nothing that the
	// next start could take for data.
	fresh := d.data + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	if err := d.privateDir(fresh); err != nil {
		return err
	}
	if err := d.initdb(ctx, bin, fresh); err != nil {
		return err
	}
	return os.Rename(fresh, d.data)
}

// privateDir makes dir for the server's user alone. In /tmp anybody could have
// made it before us, hence the look at its owner.
func (d *folder) privateDir(dir string) error {
	if err := os.Mkdir(dir, 0o700); err == nil {
		return d.owner.own(dir)
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	return d.owned(dir)
}

func (d *folder) owned(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || st.Uid != d.owner.uid {
		return fmt.Errorf("%s must be owned by the user Postgres runs as (uid %d): if another user created it, run as that user, or remove the folder", dir, d.owner.uid)
	}
	return nil
}

func (d *folder) initdb(ctx context.Context, bin, dir string) error {
	// Not synced to disk: a crash of the whole machine in the first second
	// costs an empty database.
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", dir, "-U", "postgres",
		"--auth=trust", "--encoding=UTF8", "--locale="+locale, "--no-sync", "--no-instructions")
	cmd.SysProcAttr = d.owner.attributes()
	cmd.Dir = "/"
	cmd.Env = environment()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// environment is what the server's programs need of ours; our secrets are not
// among it.
func environment() []string {
	env := []string{"LC_ALL=" + locale}
	for _, name := range []string{"PATH", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}
