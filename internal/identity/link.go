package identity

import (
	"context"
	"crypto/rand"
	"net/mail"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/mailbox"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// CreateLink makes a secret with which the person with this address signs in, once, within
// ten minutes, and returns it. It is a use case for operators: no actor is asked for.
//
// By using it the person is let go from the account that has signed in so far, whose
// sessions end: the next account with the same verified address is taken for theirs. So
// operators help whose account, or whose issuer, is another one now.
func (s *Service) CreateLink(ctx context.Context, email string) (string, error) {
	ctx = postgres.Across(ctx, postgres.Operators)
	email, err := address(email)
	if err != nil {
		return "", err
	}
	secret := rand.Text() + rand.Text()
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		if err := insertLink(ctx, tx, hashOf(secret), email); err != nil {
			return err
		}
		return recordFor(ctx, tx, email, audit.Entry{Actor: tenant.Operator, Action: "sign_in_link.created", Subject: email})
	})
	return secret, err
}

// LinkFor returns whom a link would sign in, without using it.
func (s *Service) LinkFor(ctx context.Context, secret string) (email string, err error) {
	ctx = postgres.Across(ctx, postgres.Door)
	return openLink(ctx, s.DB, hashOf(secret), errLink())
}

// UseLink signs in whom the link is for, and returns the secret of the session.
func (s *Service) UseLink(ctx context.Context, link string, from Browser) (secret string, err error) {
	ctx = postgres.Across(ctx, postgres.Door)
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		email, err := useLink(ctx, tx, hashOf(link), errLink())
		if err != nil {
			return err
		}
		p, err := personFor(ctx, tx, email)
		if err != nil {
			return err
		}
		if err := releasePerson(ctx, tx, p.ID); err != nil {
			return err
		}
		p.Address = p.Email
		if err := takeAddress(ctx, tx, p); err != nil {
			return err
		}
		secret, err = open(ctx, tx, p, from, "person.signed_in_by_link")
		return err
	})
	return secret, err
}

// address returns the one spelling of an e-mail address, or INVALID_INPUT.
func address(text string) (string, error) {
	trimmed := strings.TrimSpace(text)
	a, err := mail.ParseAddress(trimmed)
	if err != nil || a.Address != trimmed || len(trimmed) > longestAddress {
		return "", fault.New(fault.InvalidInput, "%q isn't an email address.", text).At("input", "email")
	}
	return mailbox.Normal(trimmed), nil
}

const longestAddress = 254 // bytes, by RFC 5321

func errLink() error {
	return refused("link", "This sign-in link has been used, or is older than ten minutes. Ask for another one.", nil)
}
