package recipient

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/mail"
	"github.com/golive-hq/golive/internal/mailbox"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/quota"
	"github.com/golive-hq/golive/internal/tenant"
)

// Asked is the kind of the notice by which somebody is asked.
const Asked outbox.Kind = "RECIPIENT_ASKED"

var askedTraits = outbox.Traits{Kind: Asked, Importance: 3, Limited: true, Unasked: true, Alone: true}

const (
	// askEvery is how long whoever does not answer is left in peace, at least.
	askEvery = 24 * time.Hour
	// mostAsked is how often a tenant may ask somebody in all.
	mostAsked = 3
)

// Ask writes, in the transaction of what names them, to those who have to agree first and
// were not asked of late or too often. It returns all who have not agreed, as named. by is
// the address of who named them, "" for nobody.
func Ask(ctx context.Context, tx pgx.Tx, of Group, by string) (waiting []string, err error) {
	found, err := statesOf(ctx, tx, []Group{of})
	if err != nil {
		return nil, err
	}
	var ids, addresses []string
	for _, r := range found[0] {
		if r.State == Waiting {
			waiting = append(waiting, r.Email)
			ids, addresses = append(ids, uuid.Must(uuid.NewV7()).String()), append(addresses, mailbox.Normal(r.Email))
		}
	}
	if len(waiting) == 0 {
		return nil, nil
	}
	slices.Sort(addresses) // two who name the same take their rows in one order
	return waiting, ask(ctx, tx, of.TenantID, ids, addresses, by)
}

// asked is somebody who is asked now.
type asked struct {
	ID      string `db:"id"`
	Address string `db:"address"`
}

func ask(ctx context.Context, tx pgx.Tx, tenantID string, ids, addresses []string, by string) error {
	due, err := postgres.All(ctx, tx, pgx.RowToStructByName[asked], `INSERT INTO recipients AS r (id, tenant_id, address, state, asked, asked_at, asked_by)
		SELECT id, $1, address, 'WAITING', 1, golive_now(), $4 FROM unnest($2::uuid[], $3::text[]) AS q (id, address)
		ON CONFLICT ON CONSTRAINT recipients_address_key DO UPDATE SET asked = r.asked + 1, asked_at = golive_now(), asked_by = EXCLUDED.asked_by
			WHERE r.state = 'WAITING' AND r.asked < $5 AND r.asked_at <= golive_now() - $6::interval
		RETURNING id::text, address`, tenantID, ids, addresses, by, mostAsked, askEvery)
	if err != nil {
		return fmt.Errorf("note who is asked: %w", err)
	}
	for i, r := range due {
		left, err := quota.ToAskRecipient(ctx, tx, tenantID)
		if err != nil {
			return err
		}
		if !left {
			return unasked(ctx, tx, due[i:])
		}
		err = outbox.InsertRequired(ctx, tx, outbox.Entry{
			TenantID: tenantID, Subject: r.ID, Version: 1, Kind: askedTraits, Actor: by, To: []outbox.Addressee{{Address: r.Address}},
		})
		if err != nil {
			return err
		}
		err = audit.Record(ctx, tx, audit.Entry{
			TenantID: tenantID, Actor: actorOr(by), Action: "recipient.asked", Subject: r.ID, Details: map[string]any{"recipient": r.Address},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// unasked takes back that these were asked: whoever names them another day asks them then.
func unasked(ctx context.Context, tx pgx.Tx, left []asked) error {
	var ids []string
	for _, r := range left {
		ids = append(ids, r.ID)
	}
	_, err := tx.Exec(ctx, `UPDATE recipients SET asked = asked - 1, asked_at = golive_now() - $2::interval WHERE id = ANY($1)`, ids, askEvery)
	if err != nil {
		return fmt.Errorf("note who is not asked: %w", err)
	}
	return nil
}

// shown is how many of those who wait are named.
const shown = 3

// Words say, after what was done, whom it waits for; "" where for nobody.
func Words(waiting []string) string {
	n := len(waiting)
	if n == 0 {
		return ""
	}
	named := strings.Join(waiting[:min(n, shown)], ", ")
	if n > shown {
		named += fmt.Sprintf(" and %d more", n-shown)
	}
	return ". No emails go to " + named + " until they confirm: we ask them by email"
}

func actorOr(by string) string {
	if by == "" {
		return "golive"
	}
	return by
}

// Compose makes the mail that asks, as long as its recipient has not answered. Each time it
// goes out it has a secret of its own, of which the hash alone is kept.
func (s *Service) Compose(ctx context.Context, n outbox.Notice) (outbox.Composed, error) {
	found, err := statesOf(ctx, s.DB, []Group{{n.TenantID, []string{n.Recipient}}})
	if err != nil {
		return outbox.Composed{}, err
	}
	if found[0][0].State != Waiting {
		return outbox.Composed{Moot: []outbox.Notice{n}}, nil
	}
	secret := rand.Text() + rand.Text()
	kept, err := s.DB.Exec(ctx, `INSERT INTO recipient_links (hash, recipient_id) SELECT $1, id FROM recipients WHERE id = $2`, hashOf(secret), n.Subject)
	if err != nil {
		return outbox.Composed{}, fmt.Errorf("keep a link that asks: %w", err)
	}
	if kept.RowsAffected() == 0 { // forgotten meanwhile
		return outbox.Composed{Moot: []outbox.Notice{n}}, nil
	}
	t, err := tenant.Load(ctx, s.DB, n.TenantID)
	return outbox.Composed{Live: []outbox.Notice{n}, Mail: mail.Notice{
		Kind: mail.Asked, Key: fmt.Sprintf("golive:recipient:%d", n.ID), Tenant: t.Name, By: person(n.Actor),
		URL: s.PublicURL + "/recipient/" + secret,
	}}, err
}

// person is who did something where that is an address: a token's name may be any words, and
// nobody who has not agreed yet is told those.
func person(actor string) string {
	if !strings.Contains(actor, "@") || strings.ContainsAny(actor, " :") {
		return ""
	}
	return actor
}

func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// Question is what a link in a mail asks.
type Question struct {
	Address string
	// Tenant is its name for people.
	Tenant string
	State  State

	id, tenantID string
}

func errLink() error {
	return fault.New(fault.NotFound, "This link is incomplete or has expired. Use the one in a newer email.")
}

// Question returns what the link with that secret asks, and changes nothing; NOT_FOUND where
// the secret is none of ours. It asks for no actor: the secret is the right.
func (s *Service) Question(ctx context.Context, secret string) (Question, error) {
	return question(ctx, s.DB, secret, "")
}

func question(ctx context.Context, db postgres.Querier, secret, lock string) (Question, error) {
	type row struct {
		ID       string `db:"id"`
		TenantID string `db:"tenant_id"`
		Address  string `db:"address"`
		State    State  `db:"state"`
	}
	r, err := postgres.One(postgres.Across(ctx, postgres.Door), db, pgx.RowToStructByName[row], errLink(), `SELECT r.id::text, r.tenant_id::text, r.address, r.state
		FROM recipient_links l JOIN recipients r ON r.id = l.recipient_id WHERE l.hash = $1 `+lock, hashOf(strings.TrimSpace(secret)))
	if err != nil {
		return Question{}, err
	}
	t, err := tenant.Load(postgres.For(ctx, r.TenantID), db, r.TenantID)
	return Question{Address: r.Address, Tenant: t.Name, State: r.State, id: r.ID, tenantID: r.TenantID}, err
}

// Answer keeps what the holder of a link says, and returns it; saying the same again changes
// nothing, and whoever holds the link may change their mind.
func (s *Service) Answer(ctx context.Context, secret string, agrees bool) (q Question, err error) {
	says := Refused
	if agrees {
		says = Confirmed
	}
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		if q, err = question(ctx, tx, secret, "FOR UPDATE OF r"); err != nil || q.State == says {
			return err
		}
		q.State = says
		return s.keep(postgres.For(ctx, q.tenantID), tx, q)
	})
	return q, err
}

func (s *Service) keep(ctx context.Context, tx pgx.Tx, q Question) error {
	_, err := tx.Exec(ctx, `UPDATE recipients SET state = $2, answered_at = now() WHERE id = $1`, q.id, q.State)
	if err != nil {
		return fmt.Errorf("keep a recipient's answer: %w", err)
	}
	if q.State == Confirmed {
		if err := s.Agreed(ctx, tx, q.tenantID, q.Address); err != nil {
			return err
		}
	}
	return audit.Record(ctx, tx, audit.Entry{
		TenantID: q.tenantID, Actor: q.Address, Action: "recipient." + strings.ToLower(string(q.State)), Subject: q.id,
		Details: map[string]any{"recipient": q.Address},
	})
}
