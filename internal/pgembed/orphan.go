package pgembed

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopOrphan deals with the postmaster.pid of an earlier life. Our lock says
// that no parent lives: so a server that still runs on these data is an orphan
// and is stopped, and a pid that some other program has got since is no reason
// to refuse, as Postgres itself would.
func stopOrphan(ctx context.Context, data string) error {
	path := filepath.Join(data, "postmaster.pid")
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err == nil && pid > 1 && serves(pid, data) {
		return awaitEnd(ctx, pid, data)
	}
	return removeIfThere(path)
}

func awaitEnd(ctx context.Context, pid int, data string) error {
	_ = syscall.Kill(pid, syscall.SIGINT)
	for serves(pid, data) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w while waiting for Postgres from an earlier run (process %d) to stop", ctx.Err(), pid)
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}

// serves reports whether process pid is a Postgres on these data.
func serves(pid int, data string) bool {
	args := commandLine(pid)
	return len(args) > 0 && strings.HasPrefix(filepath.Base(args[0]), "postgres") && strings.Contains(strings.Join(args, " ")+" ", " "+data+" ")
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
