package seal

import (
	"encoding/base64"
	"errors"
	"fmt"
)

// errTicket wraps no cause: whoever tries tickets learns nothing from it.
var errTicket = errors.New("seal: no such ticket")

// Ticket returns a text for addresses (letters, digits, - and _) that carries
// content where nobody can read, change or make it without the sealing keys. It is
// good for its purpose alone, until the key that sealed it is dropped.
func (k *Keys) Ticket(purpose, content string) (string, error) {
	sealed, err := k.Seal(content, Slot{Column: purpose})
	if err != nil {
		return "", fmt.Errorf("ticket: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Redeem returns the content of a ticket that was made for this purpose.
func (k *Keys) Redeem(purpose, ticket string) (string, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(ticket)
	if err != nil {
		return "", errTicket
	}
	content, err := k.Open(sealed, Slot{Column: purpose})
	if err != nil {
		return "", errTicket
	}
	return content, nil
}
