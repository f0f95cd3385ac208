package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/internal/seal/sealtest"
)

// A file that holds no keyset is told of once, and leaves the old one in use; a rotated one is
// used from then on, and still opens what the old one sealed.
func TestKeysAreReadAgain(t *testing.T) {
	t.Parallel()
	keyset, keys := sealtest.Keys(t)
	rotated, err := seal.RotateKeyset(keyset)
	if err != nil {
		t.Fatal(err)
	}
	slot := seal.Slot{TenantID: "t", Column: "c", Version: 1}
	sealed, err := keys.Seal("old", slot)
	if err != nil {
		t.Fatal(err)
	}
	var lines bytes.Buffer
	began := time.Now()
	f := &keysFile{path: filepath.Join(t.TempDir(), "keys"), use: keys.Replace, keys: keys, log: NewLogger(&lines, "text")}
	for _, step := range []struct{ text, says string }{
		{"nonsense " + keyset, "level=ERROR"}, {"", "level=ERROR"}, {rotated + "\n", "sealing keys read again"},
	} {
		if err := os.WriteFile(f.path, []byte(step.text), 0o600); err != nil {
			t.Fatal(err)
		}
		f.look(t.Context(), began)
		f.look(t.Context(), began.Add(keysSettled-1))
		if got := lines.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, step.says) || strings.Contains(got, keyset) {
			t.Errorf("%q", got)
		}
		lines.Reset()
		if got, err := keys.Open(sealed, slot); got != "old" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
	before, err := seal.ParseKeys(keyset)
	if err != nil {
		t.Fatal(err)
	}
	opens := func() bool {
		fresh, err := keys.Seal("new", slot)
		if err != nil {
			t.Fatal(err)
		}
		_, err = before.Open(fresh, slot)
		return err == nil
	}
	if !opens() {
		t.Error("others may not have read what it is sealed with")
	}
	f.look(t.Context(), began.Add(keysSettled))
	if opens() {
		t.Error("it is still sealed with the old key")
	}
}
