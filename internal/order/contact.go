package order

import (
	"context"
	"encoding/json"
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
)

// Contact is what of a customer is kept sealed.
type Contact struct {
	Email    string            `json:"email,omitempty"`
	Metadata map[string]string `json:"metadata,omitempty"`
}

const contactSeal = 1

func contactSlot(tenantID string, version int) seal.Slot {
	return seal.Slot{TenantID: tenantID, Column: "order_contacts.sealed", Version: version}
}

func insertContact(ctx context.Context, tx pgx.Tx, keys *seal.Keys, o *Order, c Contact) error {
	b, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode contact: %w", err)
	}
	sealed, err := keys.Seal(string(b), contactSlot(o.TenantID, contactSeal))
	if err != nil {
		return err
	}
	var hash []byte
	if c.Email != "" {
		key, err := someContactKey(ctx, tx, keys, o.TenantID)
		if err != nil {
			return err
		}
		hash = key.hash(c.Email)
	}
	_, err = tx.Exec(ctx, `INSERT INTO order_contacts (order_id, tenant_id, account_id, livemode, sealed, seal_version, email_hash) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		o.ID, o.TenantID, o.AccountID, o.live(), sealed, contactSeal, hash)
	return wrap(err, "insert contact")
}

type sealedContact struct {
	OrderID  string `db:"order_id"`
	TenantID string `db:"tenant_id"`
	Sealed   []byte `db:"sealed"`
	Version  int    `db:"seal_version"`
}

// ContactsOf are the contacts of orders that the actor may see, by order; those that were
// erased are absent.
func (s *Service) ContactsOf(ctx context.Context, orderIDs []string) (map[string]Contact, error) {
	rows, err := postgres.All(ctx, s.DB, pgx.RowToStructByName[sealedContact],
		`SELECT order_id, tenant_id, sealed, seal_version FROM order_contacts WHERE order_id = ANY($1::uuid[])`, orderIDs)
	contacts := map[string]Contact{}
	for _, row := range rows {
		if contacts[row.OrderID], err = row.open(s.Keys); err != nil {
			return nil, err
		}
	}
	return contacts, wrap(err, "read contacts")
}

func (c sealedContact) open(keys *seal.Keys) (contact Contact, err error) {
	text, err := keys.Open(c.Sealed, contactSlot(c.TenantID, c.Version))
	if err != nil {
		return contact, err
	}
	return contact, wrap(json.Unmarshal([]byte(text), &contact), "decode contact")
}

// Limits of what a host may keep with an order.
const (
	mostMetadata  = 50
	longestKey    = 40
	longestValue  = 500
	longestName   = 200 // the customer's id, and the reference
	longestReason = 2000
)

func checkContact(in CreateInput) error {
	if in.Email != "" {
		parsed, err := mail.ParseAddress(in.Email)
		if err != nil || parsed.Address != in.Email || len(in.Email) > 254 {
			return invalid("This isn't an email address.", "email")
		}
	}
	if len(in.Metadata) > mostMetadata {
		return invalid(fmt.Sprintf("Metadata can have at most %d keys.", mostMetadata), "metadata")
	}
	for key, value := range in.Metadata {
		switch {
		case key == "" || utf8.RuneCountInString(key) > longestKey:
			return invalid(fmt.Sprintf("A metadata key must be 1 to %d characters long.", longestKey), "metadata", key)
		case utf8.RuneCountInString(value) > longestValue:
			return invalid(fmt.Sprintf("A metadata value can be at most %d characters long.", longestValue), "metadata", key)
		case holdsCard(key) || holdsCard(value):
			return errCard("metadata", key)
		}
	}
	return nil
}

// ReadMetadata reads metadata as JSON brought them: an object of texts, or nothing.
func ReadMetadata(v any) (map[string]string, error) {
	object, isObject := v.(map[string]any)
	if v != nil && !isObject {
		return nil, invalid("Metadata is an object of texts.", "metadata")
	}
	metadata := make(map[string]string, len(object))
	for key, value := range object {
		text, isText := value.(string)
		if !isText {
			return nil, invalid("A metadata value is a text.", "metadata", key)
		}
		metadata[key] = text
	}
	return metadata, nil
}

func errCard(field ...string) error {
	return invalid("This looks like a card number, which must never be stored here. Remove it.", field...)
}

func invalid(message string, field ...string) error {
	return fault.New(fault.InvalidInput, "%s", message).At(append([]string{"input"}, field...)...)
}

// digitGroups are digits with single spaces or hyphens between them.
var digitGroups = regexp.MustCompile(`[0-9]+(?:[ -][0-9]+)*`)

// uuids may be the text of one, which has no card in it, though three in a thousand have digits
// in a row that might be. One whose last group is longer is none.
var uuids = regexp.MustCompile(`(?:^|[^0-9])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12,}`)

func withoutUUIDs(text string) string {
	return uuids.ReplaceAllStringFunc(text, func(found string) string {
		if len(found)-strings.LastIndexByte(found, '-') > 1+12 {
			return found
		}
		return "."
	})
}

// holdsCard tells whether a text holds what may be the number of a card: 13 to 19 digits
// whose check digit is right, with spaces or hyphens between them or without, and other
// groups of digits before and behind them or none.
func holdsCard(text string) bool {
	for _, run := range digitGroups.FindAllString(withoutUUIDs(text), -1) {
		groups := strings.FieldsFunc(run, func(r rune) bool { return r == ' ' || r == '-' })
		for i := range groups {
			if beginsWithCard(groups[i:]) {
				return true
			}
		}
	}
	return false
}

func beginsWithCard(groups []string) bool {
	digits := ""
	for _, group := range groups {
		if digits += group; len(digits) > 19 || isCard(digits) {
			break
		}
	}
	return isCard(digits)
}

func isCard(digits string) bool {
	return len(digits) >= 13 && len(digits) <= 19 && !isOften(digits) && strings.Trim(digits, digits[:1]) != "" && luhn(digits)
}

// isOften tells numbers that shops use for names, and that no issuer gives to cards: those that
// begin with 0, Unix times in milliseconds, microseconds or nanoseconds, and times such as
// 20261201093000.
func isOften(digits string) bool {
	switch len(digits) {
	case 13, 16, 19:
		return digits[0] <= '1'
	case 14:
		return digits[0] == '0' || strings.HasPrefix(digits, "20")
	}
	return digits[0] == '0'
}

// luhn is the check that card numbers have and few other numbers do.
func luhn(digits string) bool {
	sum := 0
	for i := range digits {
		n := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}
