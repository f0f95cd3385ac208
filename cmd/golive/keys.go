package main

import (
	"context"
	"os"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/seal"
)

type keysCmds struct {
	New    keysNewCmd    `cmd:"" help:"Print a new keyset; needs no configuration."`
	Rotate keysRotateCmd `cmd:"" help:"Print GOLIVE_SEALING_KEYS with a new first key; the old keys can still open."`
	Reseal keysResealCmd `cmd:"" help:"Reseal every Stripe key, and the keys of the audit logs, with the first key in GOLIVE_SEALING_KEYS."`
}

type keysNewCmd struct {
	Write string `placeholder:"FILE" help:"Write it to a new file instead, readable by you alone."`
}

// Run prints the keyset.
func (c keysNewCmd) Run(t *terminal) error {
	text, err := seal.NewKeyset()
	if err != nil {
		return err
	}
	if c.Write != "" {
		return newFile(c.Write, text)
	}
	return t.answer(text)
}

type keysRotateCmd struct {
	Write string `placeholder:"FILE" help:"Write it to this file instead, all at once: the file may be the one that GOLIVE_SEALING_KEYS_FILE names."`
}

// Run prints the keyset that takes the old one's place.
func (c keysRotateCmd) Run(t *terminal) error {
	if err := notOverItself(os.Stdout); err != nil {
		return err
	}
	old, _, err := app.LoadKeys(os.LookupEnv)
	if err != nil {
		return err
	}
	text, err := seal.RotateKeyset(old.Reveal())
	if err != nil {
		return err
	}
	if c.Write != "" {
		err = replaceFile(c.Write, text)
	}
	if err != nil {
		return err
	}
	t.say("Set this keyset on every process, restart them all, then run `golive keys reseal`.")
	if c.Write != "" {
		return nil
	}
	return t.answer(text)
}

type keysResealCmd struct{}

// Run tells how many keys it sealed.
func (keysResealCmd) Run(ctx context.Context, t *terminal) error {
	_, keys, err := app.LoadKeys(os.LookupEnv)
	if err != nil {
		return err
	}
	return withDatabase(ctx, func(pool *pgxpool.Pool) error {
		n, err := connection.Reseal(ctx, pool, keys)
		if err != nil {
			return err
		}
		logs, err := audit.Reseal(ctx, pool, keys, keys)
		if err != nil {
			return err
		}
		secrets, payloads, err := inbox.Reseal(ctx, pool, keys)
		if err != nil {
			return err
		}
		sales, err := order.Reseal(ctx, pool, keys)
		if err != nil {
			return err
		}
		t.say("Resealed %s and the keys of %s.", count(n, "Stripe key"), count(logs, "audit log"))
		if secrets+payloads > 0 {
			t.say("Resealed %s and %s.", count(secrets, "webhook secret"), count(payloads, "event payload"))
		}
		if sales.Evidence > 0 {
			t.say("Resealed %s.", count(sales.Evidence, "draft answer to a dispute"))
		}
		if sales.Contacts > 0 {
			t.say("Resealed %s.", count(sales.Contacts, "customer's contact"))
		}
		return nil
	})
}
