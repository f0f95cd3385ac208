// Package sealtest gives tests keys of their own to seal with.
package sealtest

import (
	"testing"

	"github.com/golive-hq/golive/internal/seal"
)

// Keys are new ones: the keyset as GOLIVE_SEALING_KEYS has it, and what it opens.
func Keys(t testing.TB) (keyset string, keys *seal.Keys) {
	t.Helper()
	keyset, err := seal.NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	if keys, err = seal.ParseKeys(keyset); err != nil {
		t.Fatal(err)
	}
	return keyset, keys
}
