package seal

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Keys seals and opens the secrets of tenants. It seals with the keyset's
// primary key and opens with any of its keys, so that a keyset to which a new
// primary was added still opens what older ones sealed. All who use it at a time go over
// to another keyset at once: Replace opens with it, and Settle seals with it, too, once all
// other processes have had time to read it.
type Keys struct {
	opens, seals atomic.Pointer[tink.AEAD]
}

// String shows nothing of the keys.
func (*Keys) String() string { return "sealing keys" }

// A keyset's text is the base64 of Tink's binary form: one line without
// characters that a shell or an env file would treat.
var keysetText = base64.RawURLEncoding

// errKeyset wraps no cause: it must not quote the text, which is a secret.
var errKeyset = errors.New("GOLIVE_SEALING_KEYS is not a valid keyset: create one with `golive keys new` and keep it safe, because Stripe keys sealed with it can't be opened without it")

// ParseKeys reads the text of GOLIVE_SEALING_KEYS. Its error is a sentence for
// whoever configured it and quotes nothing of the text.
func ParseKeys(text string) (*Keys, error) {
	var k Keys
	if err := k.Replace(text); err != nil {
		return nil, err
	}
	return &k, nil
}

// Settle seals with what opens.
func (k *Keys) Settle() { k.seals.Store(k.opens.Load()) }

// Replace opens with the keyset of this text, and seals with it, too, where it does not open
// what is sealed now. Where it is none, the old one stays, and the error is as ParseKeys'.
func (k *Keys) Replace(text string) error {
	handle, err := parseKeyset(text)
	if err != nil {
		return err
	}
	primitive, err := aead.New(handle)
	if err != nil {
		return errKeyset
	}
	k.opens.Store(&primitive)
	if !k.opensItsOwn() {
		k.Settle()
	}
	return nil
}

// opensItsOwn tells whether what is sealed now can be opened.
func (k *Keys) opensItsOwn() bool {
	if k.seals.Load() == nil {
		return false
	}
	sealed, err := k.Seal("", Slot{})
	if err == nil {
		_, err = k.Open(sealed, Slot{})
	}
	return err == nil
}

// NewKeyset returns the text of a fresh keyset with one AES-256-GCM key.
func NewKeyset() (string, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return "", fmt.Errorf("new keyset: %w", err)
	}
	return formatKeyset(handle)
}

// RotateKeyset returns text with a fresh primary key added. The older keys stay
// and open what they sealed, until every process runs with the new text and all
// that was sealed has been sealed anew.
func RotateKeyset(text string) (string, error) {
	handle, err := parseKeyset(text)
	if err != nil {
		return "", err
	}
	manager := keyset.NewManagerFromHandle(handle)
	id, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return "", fmt.Errorf("add key: %w", err)
	}
	if err := manager.SetPrimary(id); err != nil {
		return "", fmt.Errorf("set primary key: %w", err)
	}
	if handle, err = manager.Handle(); err != nil {
		return "", fmt.Errorf("rotated keyset: %w", err)
	}
	return formatKeyset(handle)
}

func parseKeyset(text string) (*keyset.Handle, error) {
	raw, err := keysetText.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return nil, errKeyset
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewBinaryReader(bytes.NewReader(raw)))
	if err != nil {
		return nil, errKeyset
	}
	return handle, nil
}

func formatKeyset(handle *keyset.Handle) (string, error) {
	var raw bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewBinaryWriter(&raw)); err != nil {
		return "", fmt.Errorf("write keyset: %w", err)
	}
	return keysetText.EncodeToString(raw.Bytes()), nil
}

// Slot is the place of a sealed value. Sealing binds to it, so that a value
// copied to another tenant or column does not open.
type Slot struct {
	TenantID string
	// Column is the table and column, and what else tells values of one row apart.
	Column string
	// Version is the form in which the associated data are written; it is stored
	// beside the value.
	Version int
}

func (s Slot) associatedData() []byte {
	return fmt.Appendf(nil, "%s|%s|%d", s.TenantID, s.Column, s.Version)
}

// Seal encrypts a secret for its place, with the primary key.
func (k *Keys) Seal(secret string, s Slot) ([]byte, error) {
	sealed, err := (*k.seals.Load()).Encrypt([]byte(secret), s.associatedData())
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", s.Column, err)
	}
	return sealed, nil
}

// Open returns the secret that was sealed for this place with any of the keys. What
// it returns must reach neither a log nor an error.
func (k *Keys) Open(sealed []byte, s Slot) (string, error) {
	secret, err := (*k.opens.Load()).Decrypt(sealed, s.associatedData())
	if err != nil {
		return "", fmt.Errorf("open %s of tenant %s: no key in GOLIVE_SEALING_KEYS opens it: %w", s.Column, s.TenantID, err)
	}
	return string(secret), nil
}
