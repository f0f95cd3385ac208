package main

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

type personCmds struct {
	Export personExportCmd `cmd:"" help:"Print as JSON what is kept of a person: memberships, tokens, audit entries, addresses."`
	Erase  personEraseCmd  `cmd:"" help:"End a person's memberships and tokens, and let the audit logs forget who they are."`
}

type personExportCmd struct {
	Email string `arg:"" help:"The person's email address."`
}

// personData is what is kept of a person.
type personData struct {
	Email       string                    `json:"email"`
	Memberships []tenant.PersonMembership `json:"memberships"`
	// SignedIn is what signing in has left.
	SignedIn []identity.Trace `json:"signedIn"`
	// Addresses are those of the network that they acted from.
	Addresses []string      `json:"remoteAddresses"`
	Entries   []audit.Entry `json:"auditEntries"`
}

// Run prints one document.
func (c *personExportCmd) Run(ctx context.Context, t *terminal) error {
	return withDatabase(ctx, func(pool *pgxpool.Pool) error {
		d := personData{Email: c.Email}
		var err error
		if d.Memberships, err = tenant.OfPerson(ctx, pool, c.Email); err != nil {
			return err
		}
		if d.SignedIn, err = identity.OfPerson(ctx, pool, c.Email); err != nil {
			return err
		}
		if d.Entries, d.Addresses, err = audit.OfPerson(ctx, pool, c.Email); err != nil {
			return err
		}
		return t.document(d)
	})
}

type personEraseCmd struct {
	Email string `arg:"" help:"The person's email address."`
	Yes   bool   `help:"Erase without asking: it can't be undone."`
}

// Run forgets all of it or nothing.
func (c *personEraseCmd) Run(ctx context.Context, t *terminal) error {
	if !c.Yes {
		return errors.New("this can't be undone: add --yes if you mean it")
	}
	return withDatabase(ctx, func(pool *pgxpool.Pool) error {
		var n int
		err := postgres.InTx(ctx, pool, func(tx pgx.Tx) (err error) {
			if err := tenant.Forget(ctx, tx, c.Email); err != nil {
				return err
			}
			if err := identity.Forget(ctx, tx, c.Email); err != nil {
				return err
			}
			held, err := tenant.Held(ctx, tx)
			if err != nil {
				return err
			}
			n, err = audit.Forget(ctx, tx, c.Email, held)
			return err
		})
		if err != nil {
			return err
		}
		t.say("Erased. Audit logs that named this person: %d", n)
		return nil
	})
}
