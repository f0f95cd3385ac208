package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// notOverItself refuses to print a keyset into the file that the old one is read from:
// the shell has emptied that before we could read it, and whatever we print comes too late.
func notOverItself(out *os.File) error {
	from := os.Getenv("GOLIVE_SEALING_KEYS_FILE")
	read, err := os.Stat(from)
	if from == "" || err != nil {
		return nil // reading it says what is wrong
	}
	written, err := out.Stat()
	if err != nil || !os.SameFile(read, written) {
		return nil //nolint:nilerr // whoever cannot say where it prints prints elsewhere
	}
	why := "nothing was changed"
	if read.Size() == 0 {
		why = "the shell has emptied it: put your copy of the keyset back"
	}
	return fmt.Errorf("standard output is %s itself, and %s; use golive keys rotate --write %s", from, why, from)
}

// newFile writes a file that nobody else can read, and never over another.
func newFile(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return filled(f, text)
}

// replaceFile writes a file anew: whoever reads it finds the old text or the new one,
// whenever this process or the machine ends. Mode and owner stay.
func replaceFile(path, text string) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	old, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return newFile(path, text)
	}
	if err != nil {
		return err
	}
	fresh, err := os.CreateTemp(filepath.Dir(path), ".golive-keys-*")
	if err != nil {
		return err
	}
	err = errors.Join(fresh.Chmod(old.Mode().Perm()), ownedAs(fresh, old), filled(fresh, text))
	if err == nil {
		err = os.Rename(fresh.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(fresh.Name()))
	}
	return synced(filepath.Dir(path))
}

// ownedAs matters to root, who prepares files for others.
func ownedAs(fresh *os.File, old os.FileInfo) error {
	was, known := old.Sys().(*syscall.Stat_t)
	if !known || os.Geteuid() != 0 {
		return nil
	}
	return fresh.Chown(int(was.Uid), int(was.Gid))
}

// filled writes and closes f.
func filled(f *os.File, text string) error {
	_, err := f.WriteString(text + "\n")
	return errors.Join(err, f.Sync(), f.Close())
}

func synced(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
