package seal_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/seal"
)

func TestWhatIsNoKeysetIsRefusedWithoutQuotingIt(t *testing.T) {
	t.Parallel()
	good, err := seal.NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "secret-but-wrong", good[:len(good)-9], base64.RawURLEncoding.EncodeToString([]byte("secret-but-wrong"))} {
		for _, err := range []error{second(seal.ParseKeys(bad)), second(seal.RotateKeyset(bad))} {
			if err == nil || !strings.Contains(err.Error(), "golive keys new") || bad != "" && strings.Contains(err.Error(), bad) {
				t.Errorf("%q: %v", bad, err)
			}
		}
	}
	if _, err := seal.ParseKeys(" " + good + "\n"); err != nil {
		t.Error(err)
	}
}

func TestASealOpensOnlyInItsSlot(t *testing.T) {
	t.Parallel()
	text, err := seal.NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	keys := mustParse(t, text)
	here := seal.Slot{TenantID: "acme", Column: "t.c", Version: 1}
	sealed, err := keys.Seal("hush", here)
	if err != nil {
		t.Fatal(err)
	}
	if secret, err := keys.Open(sealed, here); err != nil || secret != "hush" {
		t.Errorf("%q, %v", secret, err)
	}
	for _, there := range []seal.Slot{{"other", "t.c", 1}, {"acme", "t.d", 1}, {"acme", "t.c", 2}} {
		secret, err := keys.Open(sealed, there)
		if err == nil || secret != "" || strings.Contains(err.Error(), "hush") {
			t.Errorf("%+v: %q, %v", there, secret, err)
		}
	}
}

// A keyset that opens nothing of the old one seals at once, else what is sealed is lost.
func TestAStrangeKeysetSealsAtOnce(t *testing.T) {
	t.Parallel()
	var texts [2]string
	for i := range texts {
		text, err := seal.NewKeyset()
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = text
	}
	keys := mustParse(t, texts[0])
	if err := keys.Replace(texts[1]); err != nil {
		t.Fatal(err)
	}
	sealed, err := keys.Seal("hush", seal.Slot{})
	if err != nil {
		t.Fatal(err)
	}
	if secret, err := keys.Open(sealed, seal.Slot{}); err != nil || secret != "hush" {
		t.Errorf("%q, %v", secret, err)
	}
}

func TestKeysPrintNothingSecret(t *testing.T) {
	t.Parallel()
	text, err := seal.NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := base64.RawURLEncoding.DecodeString(text)
	printed := fmt.Sprintf("%v %+v %#v %s", mustParse(t, text), mustParse(t, text), mustParse(t, text), mustParse(t, text))
	// 8 bytes of the raw key, in the form that each verb would give.
	secret := raw[len(raw)-24 : len(raw)-16]
	for _, form := range []string{text[20:40], fmt.Sprintf("%d", secret)[1:20], fmt.Sprintf("%x", secret), fmt.Sprintf("%#v", secret)[7:30]} {
		if strings.Contains(printed, form) {
			t.Errorf("printed %s", form)
		}
	}
}

func mustParse(t *testing.T, text string) *seal.Keys {
	t.Helper()
	keys, err := seal.ParseKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func second[T any](_ T, err error) error { return err }
