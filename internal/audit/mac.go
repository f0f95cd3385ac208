package audit

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/big"

	"github.com/golive-hq/golive/internal/seal"
)

const (
	keyColumn  = "audit_heads.sealed_key"
	keyVersion = 1
	keySize    = 32
)

func keySlot(tenantID string, version int) seal.Slot {
	return seal.Slot{TenantID: tenantID, Column: keyColumn, Version: version}
}

// newKey returns a fresh key of a tenant's chain, sealed.
func newKey(keys *seal.Keys, tenantID string) ([]byte, error) {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	return keys.Seal(string(key), keySlot(tenantID, keyVersion))
}

// The formats say what a hash is made over; they are part of that. What was chained by a
// sweep has one of its own: anybody who can write to the database may have written it.
const (
	format      = "golive audit 1"
	lateFormat  = "golive audit 1, late"
	aliasFormat = "golive alias 1"
)

// mac returns the hash of a row whose place in the chain is known. It is made over what
// the columns mean, not over how Postgres writes it, so that a dump that was restored by
// another version is the same chain.
func (r row) mac(key, before []byte) ([]byte, error) {
	form := format
	if r.Late {
		form = lateFormat
	}
	content := []any{
		form, r.TenantID, r.Number, r.ID, r.At.UnixMicro(), r.Actor, r.Kind, r.Action, r.Subject, r.Reason, r.RequestID, r.Remote,
	}
	for _, text := range [][]byte{r.Details, r.Before, r.After} {
		value, err := decode(text)
		if err != nil {
			return nil, err
		}
		content = append(content, exact(value))
	}
	text, err := json.Marshal(content)
	if err != nil {
		return nil, err
	}
	return sumOf(key, before, text), nil
}

// mac returns the hash of an alias.
func (a alias) mac(key []byte) []byte {
	text, _ := json.Marshal([]string{aliasFormat, a.TenantID, a.ID, a.Person, a.Value}) // never fails
	return sumOf(key, text)
}

func sumOf(key []byte, parts ...[]byte) []byte {
	sum := hmac.New(sha256.New, key)
	for _, part := range parts {
		sum.Write(part)
	}
	return sum.Sum(nil)
}

// beginning is what the first entry of a chain follows.
var beginning = make([]byte, sha256.Size)

// exact gives equal numbers one form, which no text has: jsonb writes them in another than
// encoding/json.
func exact(value any) any {
	switch v := value.(type) {
	case string:
		return "s" + v
	case json.Number:
		if r, ok := new(big.Rat).SetString(v.String()); ok {
			return "n" + r.RatString()
		}
	case []any:
		for i := range v {
			v[i] = exact(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = exact(v[key])
		}
	}
	return value
}

// encode returns JSON, nil for nil and for what encodes as null.
func encode(value any) ([]byte, error) {
	if value == nil {
		return nil, nil
	}
	text, err := json.Marshal(value)
	if string(text) == "null" {
		return nil, err
	}
	return text, err
}

func decode(text []byte) (value any, err error) {
	if text == nil {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	return value, nil
}
