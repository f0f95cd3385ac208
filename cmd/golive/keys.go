package main

import (
	"context"
	"os"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/seal"
)

type keysCmds struct {
	New    keysNewCmd    `cmd:"" help:"Print a new keyset; needs no configuration."`
	Rotate keysRotateCmd `cmd:"" help:"Print GOLIVE_SEALING_KEYS with a new first key; the old keys can still open."`
	Reseal keysResealCmd `cmd:"" help:"Reseal every Stripe key with the first key in GOLIVE_SEALING_KEYS."`
}

type keysNewCmd struct{}

// Run prints the keyset.
func (keysNewCmd) Run(t *terminal) error {
	text, err := seal.NewKeyset()
	if err != nil {
		return err
	}
	return t.answer(text)
}

type keysRotateCmd struct{}

// Run prints the keyset that takes the old one's place.
func (keysRotateCmd) Run(t *terminal) error {
	old, _, err := app.LoadKeys(os.LookupEnv)
	if err != nil {
		return err
	}
	text, err := seal.RotateKeyset(old.Reveal())
	if err != nil {
		return err
	}
	t.say("Set this keyset on every process, restart them all, then run `golive keys reseal`.")
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
		t.say("Resealed %s.", count(n, "Stripe key"))
		return nil
	})
}
