package main

import (
	"context"
	"errors"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/alert"
	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/importing"
	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/recipient"
	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/internal/tenant"
)

type personCmds struct {
	Export personExportCmd `cmd:"" help:"Print as JSON what is kept of a person: memberships, tokens, orders, audit entries, addresses."`
	Erase  personEraseCmd  `cmd:"" help:"End a person's memberships and tokens, and let orders and audit logs forget who they are."`
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
	// Recipient is what tenants have asked the person about their mails.
	Recipient []recipient.Trace `json:"recipient"`
	// Imports are those that the person started.
	Imports []importing.Trace `json:"imports"`
	// Orders are those in which the person is the customer.
	Orders []order.Trace `json:"orders"`
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
		if d.Recipient, err = recipient.OfPerson(ctx, pool, c.Email); err != nil {
			return err
		}
		if d.Imports, err = importing.OfPerson(ctx, pool, c.Email); err != nil {
			return err
		}
		if d.Orders, err = order.OfPerson(ctx, pool, c.Email, sealingKeys); err != nil {
			return err
		}
		if d.Entries, d.Addresses, err = audit.OfPerson(ctx, pool, c.Email); err != nil {
			return err
		}
		return t.document(d)
	})
}

// sealingKeys are asked for by what has addresses to look for that are sealed.
func sealingKeys() (*seal.Keys, error) {
	_, keys, err := app.LoadKeys(os.LookupEnv)
	return keys, err
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
		ctx := postgres.Across(ctx, postgres.Operators)
		err := postgres.InTx(ctx, pool, func(tx pgx.Tx) (err error) {
			if err := tenant.Forget(ctx, tx, c.Email, alert.TellLost); err != nil {
				return err
			}
			for _, forget := range []func(context.Context, pgx.Tx, string) error{recipient.Forget, notify.Forget, importing.Forget, identity.Forget} {
				if err := forget(ctx, tx, c.Email); err != nil {
					return err
				}
			}
			if err := order.Forget(ctx, tx, c.Email, sealingKeys); err != nil {
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
