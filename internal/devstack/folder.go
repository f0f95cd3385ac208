package devstack

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/pgembed"
	"github.com/golive-hq/golive/internal/seal"
)

// rootFolder is for root, whose checkouts are often in a home that Postgres'
// user may not pass.
const rootFolder = "/var/lib/golive"

// folder is where the stack keeps what outlives it.
type folder struct{ path string }

// openFolder chooses and makes the folder: GOLIVE_DATA_DIR, else .golive here.
func openFolder(env app.Lookup) (*folder, error) {
	path, _ := env("GOLIVE_DATA_DIR")
	if path == "" {
		path = ".golive"
		if pgembed.Reachable(path) != nil {
			path = rootFolder
		}
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, fmt.Errorf("can't create the data folder; choose another one with GOLIVE_DATA_DIR: %w", err)
	}
	return &folder{path}, nil
}

func (f *folder) join(name string) string { return filepath.Join(f.path, name) }

// sealingKeys are the person's own, else those that the first start made.
func (f *folder) sealingKeys(env app.Lookup) (string, error) {
	if text, _, err := app.LoadKeys(env); err == nil {
		return text.Reveal(), nil
	}
	text, err := f.secret("sealing_keys")
	if err != nil || text != "" {
		return text, err
	}
	if text, err = seal.NewKeyset(); err != nil {
		return "", err
	}
	return text, f.keepSecret("sealing_keys", text)
}

// secret returns what keepSecret kept, "" where there is none.
func (f *folder) secret(name string) (string, error) {
	text, err := os.ReadFile(f.join(name))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(text)), err
}

// keepSecret writes a file that only its owner reads. It appears whole or not at
// all, however the process ends.
func (f *folder) keepSecret(name, text string) error {
	fresh := f.join(name + ".new")
	if err := os.WriteFile(fresh, []byte(text+"\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(fresh, f.join(name))
}
