package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"golang.org/x/term"
)

type connectCmd struct {
	api
	ofTenant
	Key              string `arg:"" optional:"" hidden:""`
	DifferentAccount bool   `help:"Allow test and live mode to be different Stripe accounts (for example, a sandbox)."`
	JSON             bool   `name:"json" help:"Print the connection as JSON."`
}

// Help stands below the flags.
func (connectCmd) Help() string {
	return "The key is read from standard input, or asked for, and tells its mode itself:\n\n  golive connect < stripe-key.txt"
}

// connected is a StripeConnection.
type connected struct {
	Mode      string `json:"mode"`
	AccountID string `json:"accountId"`
	KeyHint   string `json:"keyHint"`
}

// keyMode finds what a secret key of Stripe says of its mode. Whether it is one, and for
// whom, is for the service and Stripe to say.
var keyMode = regexp.MustCompile(`^[a-z]+_(?:[a-z]+_)?(test|live)_`)

// Run connects the tenant with one key.
func (c *connectCmd) Run(ctx context.Context, t *terminal) error {
	if c.Key != "" {
		return errors.New("connect takes the key from standard input: other users of this machine can see arguments, and shells keep them, so consider rolling that key in Stripe")
	}
	of, err := c.of(ctx, &c.api)
	if err != nil {
		return err
	}
	key, err := readKey(t)
	if err != nil {
		return err
	}
	mode := keyMode.FindStringSubmatch(key)
	if mode == nil {
		return errors.New("this is no secret key of Stripe: they begin with sk_test_, sk_live_, rk_test_ or rk_live_")
	}
	got, err := mutate[struct{ Connection connected }](ctx, &c.api, "connectStripe", map[string]any{
		"tenantId": of.ID, "mode": strings.ToUpper(mode[1]), "secretKey": key, "allowDifferentAccount": c.DifferentAccount,
	}, "connection { mode accountId keyHint }")
	switch {
	case err != nil:
		return err
	case c.JSON:
		return t.document(got.Connection)
	}
	t.say("Connected %s mode of Stripe account %s with key %s.", strings.ToLower(got.Connection.Mode), plain(got.Connection.AccountID), plain(got.Connection.KeyHint))
	return nil
}

// readKey takes the one line that there is. What is typed at a terminal is not shown.
func readKey(t *terminal) (string, error) {
	if t.asks {
		fmt.Fprint(t.err, "Stripe secret key: ")
		typed, err := term.ReadPassword(int(os.Stdin.Fd()))
		t.say("")
		return oneKey(string(typed), err)
	}
	text, err := io.ReadAll(io.LimitReader(bufio.NewReader(t.in), 1<<16))
	return oneKey(string(text), err)
}

func oneKey(text string, err error) (string, error) {
	lines := strings.Fields(strings.TrimPrefix(text, "\ufeff"))
	switch {
	case err != nil:
		return "", fmt.Errorf("read the key: %w", err)
	case len(lines) == 0:
		return "", errors.New("standard input is empty: pass the key there, as in golive connect < stripe-key.txt")
	case len(lines) > 1:
		return "", errors.New("standard input has several lines or blanks: pass one key at a time")
	}
	return lines[0], nil
}
