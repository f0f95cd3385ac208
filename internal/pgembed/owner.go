package pgembed

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// owner is the system user that the server runs as and that its files belong to.
type owner struct {
	name     string
	uid, gid uint32
	// dropped says that this is another user than ours, which only root can set.
	dropped bool
}

// serverUser is the current user, unless that is root.
func serverUser() (owner, error) {
	if os.Geteuid() != 0 {
		return owner{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return owner{}, fmt.Errorf("user %s: %w", name, err)
		}
		return owner{name: name, uid: uint32(uid), gid: uint32(gid), dropped: true}, nil
	}
	return owner{}, errors.New("Postgres won't run as root, and this machine has no postgres or nobody user: run as another user")
}

func (o owner) attributes() *syscall.SysProcAttr {
	if !o.dropped {
		return &syscall.SysProcAttr{}
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: o.uid, Gid: o.gid, Groups: []uint32{o.gid}}}
}

// own gives path to the server's user.
func (o owner) own(path string) error {
	if !o.dropped {
		return nil
	}
	return os.Chown(path, int(o.uid), int(o.gid))
}

// Reachable reports whether a server can have its folder at dir, which need not
// exist yet: nil, or an error that names the parent that keeps the server's
// user out, as a home of mode 0700 does to everybody but root. Only root meets
// this; everybody else runs the server as themselves.
func Reachable(dir string) error {
	o, err := serverUser()
	if err != nil || !o.dropped {
		return err
	}
	return o.reaches(dir)
}

func (o owner) reaches(dir string) error {
	dir, err := resolve(dir)
	if err != nil {
		return err
	}
	var shut error
	for ; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		if !o.passes(info) {
			shut = fmt.Errorf("user %s, which Postgres runs as when you're root, can't access %s (mode %#o): choose a folder outside it, such as /var/lib/golive",
				o.name, dir, info.Mode().Perm())
		}
		if dir == filepath.Dir(dir) {
			return shut
		}
	}
}

// resolve returns the part of the path that exists, free of symbolic links. What
// is missing is made passable when it is made.
func resolve(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	for err == nil {
		var real string
		if real, err = filepath.EvalSymlinks(dir); err == nil {
			return real, nil
		}
		if errors.Is(err, fs.ErrNotExist) {
			dir, err = filepath.Dir(dir), nil
		}
	}
	return "", err
}

func (o owner) passes(info fs.FileInfo) bool {
	mode := info.Mode().Perm()
	st, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case ok && st.Uid == o.uid:
		return mode&0o100 != 0
	case ok && st.Gid == o.gid:
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}
