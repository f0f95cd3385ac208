package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// person is whoever has signed in.
type person struct {
	ID      string  `db:"id"`
	Issuer  *string `db:"issuer"`
	Subject *string `db:"subject"`
	// Email is what memberships know the person by, Address what was verified last.
	Email    string  `db:"email"`
	Address  string  `db:"address"`
	Name     *string `db:"name"`
	TimeZone *string `db:"time_zone"`
}

// signIn opens a session for whom the issuer vouches for, and ends the one that the browser
// has had.
func (s *Service) signIn(ctx context.Context, who claims, from Browser) (secret string, err error) {
	ctx = postgres.Across(ctx, postgres.Door)
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		p, err := recognise(ctx, tx, who)
		if err != nil {
			return err
		}
		secret, err = open(ctx, tx, p, from, "person.signed_in")
		return err
	})
	return secret, err
}

// recognise returns the person that the issuer means. One whom it has named before stays
// the same whatever the address is now; a new one is whom the verified address belongs to,
// unless that one is known to be somebody else.
func recognise(ctx context.Context, tx pgx.Tx, who claims) (person, error) {
	p, err := personBySubject(ctx, tx, who.issuer, who.subject)
	if err != nil {
		return p, err
	}
	if p.ID == "" {
		return meet(ctx, tx, who)
	}
	if !who.verified || who.email == "" {
		err := updatePerson(ctx, tx, &p, who)
		return p.afterwards(), err
	}
	p.Address = who.email
	if err := takeAddress(ctx, tx, p); err != nil {
		return p, err
	}
	return p, updatePerson(ctx, tx, &p, who)
}

// afterwards is the person once the issuer's word is old. An address that is not the one
// that memberships know may be somebody else's by then, and invites nobody.
func (p person) afterwards() person {
	if p.Address != p.Email {
		p.Address = ""
	}
	return p
}

func meet(ctx context.Context, tx pgx.Tx, who claims) (person, error) {
	switch {
	case who.email == "":
		return person{}, &RefusedError{Reason: "no_email", Told: "Your account has no email address, so Golive can't tell who invited you. Add one, or use another account."}
	case !who.verified:
		return person{}, &RefusedError{Reason: "unverified_email", Email: who.email, Told: "The email address of your account, " + who.email + ", isn't verified. Verify it and sign in again."}
	}
	p, err := personFor(ctx, tx, who.email)
	if err != nil {
		return p, err
	}
	// Two tabs may have begun the first sign-in of one account.
	if p.Subject != nil && (*p.Issuer != who.issuer || *p.Subject != who.subject) {
		return person{}, &RefusedError{
			Reason: "other_account", Email: who.email,
			Told: who.email + " belongs to another account that has signed in here. If it's yours now, ask an operator for a sign-in link.",
		}
	}
	return p, claimPerson(ctx, tx, &p, who)
}

// open makes a session for a person, who by that joins where an invitation waits.
func open(ctx context.Context, tx pgx.Tx, p person, from Browser, action string) (secret string, err error) {
	if err := endBySecret(ctx, tx, from.Session); err != nil {
		return "", err
	}
	if err := arrive(ctx, tx, p); err != nil {
		return "", err
	}
	secret = rand.Text() + rand.Text()
	id := uuid.Must(uuid.NewV7()).String()
	if err := insertSession(ctx, tx, id, p.ID, hashOf(secret), clip(from.UserAgent)); err != nil {
		return "", err
	}
	return secret, recordFor(ctx, tx, p.Email, audit.Entry{Actor: p.Email, Action: action, Subject: p.ID})
}

// arrive makes a person a member wherever the address was invited to, and notes in every
// tenant that it has come.
func arrive(ctx context.Context, tx pgx.Tx, p person) error {
	if err := acceptAll(ctx, tx, p); err != nil {
		return err
	}
	return tenant.Join(ctx, tx, p.Email, p.Name)
}

// recordFor writes e into the log of each tenant that the person is a member of.
func recordFor(ctx context.Context, tx pgx.Tx, email string, e audit.Entry) error {
	memberships, _, err := tenant.Memberships(ctx, tx, email)
	if err != nil || len(memberships) == 0 {
		return err
	}
	ids := tenant.Actor{Memberships: memberships}.TenantIDs()
	return audit.RecordEach(ctx, tx, ids, e)
}

func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// clip keeps what a browser calls itself as long as people would read it.
func clip(userAgent string) string {
	runes := []rune(userAgent)
	return string(runes[:min(len(runes), 300)])
}

// wrap says what a statement was for, unless the error is for a person already.
func wrap(err error, doing string) error {
	if err == nil || fault.As(err) != nil {
		return err
	}
	return fmt.Errorf("%s: %w", doing, err)
}
