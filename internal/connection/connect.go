package connection

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/quota"
	"github.com/golive-hq/golive/internal/tenant"
)

// Input is a secret key to be connected.
type Input struct {
	TenantID string
	// Mode is the mode that the key must belong to.
	Mode      catalog.Mode
	SecretKey string
	// AllowDifferentAccount accepts that test and live are different Stripe
	// accounts, as with a sandbox.
	AllowDifferentAccount bool
	// PublishableKey is the one that browsers use, nil to leave it as it is.
	PublishableKey *string
}

// Connect proves the key's mode and account against Stripe and stores it
// sealed, in place of the mode's earlier one. It needs the role ADMIN.
//
// STRIPE_KEY_INVALID: it is no secret key, is of the other mode, or Stripe refuses
// it. STRIPE_UNAVAILABLE: nothing is known of it. INVALID_INPUT: test and live
// would be different accounts. INVALID_STATE: another account is still needed by
// what went live or is on its way.
func (s *Service) Connect(ctx context.Context, in Input) (Connection, error) {
	if err := tenant.Require(ctx, in.TenantID, tenant.RoleAdmin); err != nil {
		return Connection{}, err
	}
	in.SecretKey = strings.TrimFunc(in.SecretKey, blank)
	c, err := s.proveAndConnect(ctx, in)
	if err != nil {
		return Connection{}, s.refused(ctx, in, c, "stripe.connect_refused", err)
	}
	return c, nil
}

// refused records that a key was, and returns why. Whoever tries keys that are not theirs is
// seen, also who hangs up before the answer.
func (s *Service) refused(ctx context.Context, in Input, c Connection, action string, why error) error {
	if f := fault.As(why); f != nil && !passing[f.Code] {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
		defer cancel()
		if err := s.recordRefused(ctx, in, c, action, f.Code); err != nil {
			return err
		}
	}
	return why
}

// passing are reasons that say nothing of a key.
var passing = map[fault.Code]bool{fault.Unavailable: true, fault.RateLimited: true, fault.StripeUnavailable: true}

const recordTime = 5 * time.Second

// known is what Stripe says of a key; also where it is refused, as far as that goes.
func (s *Service) known(ctx context.Context, in Input) (c Connection, err error) {
	c.Mode = in.Mode
	if err := quota.ToCheckAKey(ctx, s.deps.DB, in.TenantID); err != nil {
		return c, err
	}
	prefix, err := keyPrefix(in.Mode, in.SecretKey)
	if err != nil {
		return c, err
	}
	c.KeyHint = tenant.Hint(prefix, in.SecretKey)
	account, err := s.prove(ctx, in.Mode, in.SecretKey)
	c.AccountID, c.AccountName = account.ID, account.Name()
	return c, err
}

// proveAndConnect returns what is known of the key, too, where it is refused.
func (s *Service) proveAndConnect(ctx context.Context, in Input) (c Connection, err error) {
	if err := checkPublishable(in.Mode, in.PublishableKey); err != nil {
		return Connection{Mode: in.Mode}, err
	}
	if c, err = s.known(ctx, in); err != nil {
		return c, err
	}
	err = postgres.InTx(ctx, s.deps.DB, func(tx pgx.Tx) error {
		c, err = s.connect(ctx, tx, in, c)
		return err
	})
	return c, err
}

func (s *Service) recordRefused(ctx context.Context, in Input, c Connection, action string, why fault.Code) error {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.deps.DB, func(tx pgx.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{
			TenantID: in.TenantID, Actor: actor.Email, Action: action, Subject: in.TenantID,
			Details: map[string]any{"mode": c.Mode, "keyHint": c.KeyHint, "account": c.AccountID, "code": why},
		})
	})
}

// blank tells what comes along unseen when a key is copied.
func blank(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }

var keyForm = regexp.MustCompile(`^((?:sk|rk)_(test|live)_)[!-~]+$`)

// keyPrefix returns the public beginning of a secret key of that mode. Only the
// prefix may be quoted in what it tells: the rest may be a secret, whatever else
// is wrong with it.
func keyPrefix(mode catalog.Mode, key string) (string, error) {
	refuse := func(format string, args ...any) (string, error) {
		return "", fault.New(fault.StripeKeyInvalid, format, args...).At("input", "secretKey")
	}
	if strings.HasPrefix(key, "pk_") {
		return refuse("This is a publishable key (pk_…). Golive needs a secret key (sk_…) or a restricted key (rk_…).")
	}
	if strings.HasPrefix(key, "sk_org_") {
		return refuse("This is an organization's key (sk_org_…). Golive needs a secret or restricted key of one account (sk_… or rk_…).")
	}
	if strings.ContainsFunc(key, blank) {
		return refuse("This key has a space or an invisible character in it. Copy it again, in one piece.")
	}
	m := keyForm.FindStringSubmatch(key)
	if m == nil || len(key) > 500 {
		return refuse("This isn't a Stripe secret key. Secret keys start with sk_test_, rk_test_, sk_live_ or rk_live_.")
	}
	if of := catalog.Mode(strings.ToUpper(m[2])); of != mode {
		return refuse("This is a %s mode key (%s…). Connect it as %s, or use a %s key here.", strings.ToLower(string(of)), m[1], of, strings.ToLower(string(mode)))
	}
	return m[1], nil
}

// prove asks Stripe for the key's account and insists on the mode. It is called
// outside of any transaction.
func (s *Service) prove(ctx context.Context, mode catalog.Mode, key string) (account catalog.Account, err error) {
	proof, err := s.deps.Prove(ctx, key)
	if err != nil {
		return account, keyFault(err)
	}
	if proof.Livemode != (mode == catalog.Live) {
		return account, fault.New(fault.StripeKeyInvalid,
			"Stripe says this isn't a %s mode key, despite its prefix. Use a %[1]s key.", strings.ToLower(string(mode))).At("input", "secretKey")
	}
	if proof.Account.ID == "" {
		return account, errors.New("Stripe returned no account ID")
	}
	return proof.Account, nil
}

func keyFault(err error) error {
	err = StripeFault(err)
	if f := fault.As(err); f != nil && f.Code == fault.StripeKeyInvalid {
		return f.At("input", "secretKey")
	}
	return err
}

// connect stores c. The locks it takes keep other connects, and whoever relies on
// an account by LockAccount, apart from it.
func (s *Service) connect(ctx context.Context, tx pgx.Tx, in Input, c Connection) (Connection, error) {
	if err := tenant.Lock(ctx, tx, in.TenantID); err != nil {
		return c, err
	}
	had, err := lockConnections(ctx, tx, in.TenantID)
	if err != nil {
		return c, err
	}
	if had[c.Mode].AccountID != c.AccountID {
		if err := s.mayConnect(ctx, tx, in, c, had); err != nil {
			return c, err
		}
	}
	sealed, err := s.deps.Keys.Seal(in.SecretKey, keySlot(in.TenantID, c.Mode, sealVersion))
	if err != nil {
		return c, err
	}
	c.PublishableKey = in.PublishableKey
	if c.PublishableKey == nil && had[c.Mode].AccountID == c.AccountID {
		c.PublishableKey = had[c.Mode].PublishableKey
	}
	c.ConnectedAt, err = saveConnection(ctx, tx, in.TenantID, c, sealed, sealVersion)
	if err != nil {
		return c, err
	}
	if err := s.deps.Connected(ctx, tx, in.TenantID, c.Mode, c.AccountID); err != nil {
		return c, err
	}
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return c, err
	}
	return c, audit.Record(ctx, tx, audit.Entry{
		TenantID: in.TenantID, Actor: actor.Email, Action: "stripe.connected", Subject: c.AccountID,
		Details: map[string]any{"mode": c.Mode, "keyHint": c.KeyHint, "replacedAccount": had[c.Mode].AccountID},
		Before:  connected(had[c.Mode]), After: connected(c),
	})
}

// connected is what the audit log says of a connection.
func connected(c Connection) any {
	if c.AccountID == "" {
		return nil
	}
	return map[string]any{"account": c.AccountID, "keyHint": c.KeyHint}
}

// mayConnect decides on an account that is not the one connected now.
func (s *Service) mayConnect(ctx context.Context, tx pgx.Tx, in Input, c Connection, had map[catalog.Mode]Connection) error {
	needed, err := s.deps.NeededAccount(ctx, tx, in.TenantID, c.Mode, c.AccountID)
	if err != nil {
		return err
	}
	if needed != "" {
		return fault.New(fault.InvalidState,
			"This key belongs to Stripe account %s, but products are live or going live in %s. Connect a key for %[2]s.", c.AccountID, needed).At("input", "secretKey")
	}
	paying, err := s.deps.Paying(ctx, tx, in.TenantID, c.Mode)
	if err != nil {
		return err
	}
	if paying != "" && paying != c.AccountID {
		return fault.New(fault.InvalidState,
			"This key belongs to Stripe account %s, but payments of orders are on their way in %s. Wait until they have ended, or connect a key for %[2]s.", c.AccountID, paying).At("input", "secretKey")
	}
	other := had[otherMode(c.Mode)]
	if other.AccountID != "" && other.AccountID != c.AccountID && !in.AllowDifferentAccount {
		return fault.New(fault.InvalidInput,
			"This key belongs to Stripe account %s, but %s mode is connected to %s. If that's intended (for example, with a sandbox), set allowDifferentAccount.",
			c.AccountID, strings.ToLower(string(other.Mode)), other.AccountID).At("input", "allowDifferentAccount")
	}
	return nil
}

func otherMode(m catalog.Mode) catalog.Mode {
	if m == catalog.Test {
		return catalog.Live
	}
	return catalog.Test
}
