package app

import (
	"errors"
	"fmt"
	netmail "net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/mail"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/ratelimit"
	"github.com/golive-hq/golive/internal/runner"
	"github.com/golive-hq/golive/internal/seal"
)

// Variable is one environment variable of the API and the worker.
type Variable struct {
	Name string
	// Default is what holds where the variable is absent or empty; where it is
	// "" too, the feature is off, unless the variable is Required.
	Default  string
	Required bool
	// Secret ones are shown nowhere and may come from a file: Name_FILE holds
	// its path.
	Secret bool
	// Meaning is one line for the operations guide.
	Meaning string

	// example ends the sentence about a missing variable.
	example string
	set     func(c *Config, value string) error
}

// realStripe is where Stripe itself answers.
const realStripe = "https://api.stripe.com"

// Variables lists all that the API and the worker read.
var Variables = []Variable{
	{
		Name: "DATABASE_URL", Required: true, Secret: true,
		Meaning: "Postgres database URL (postgres://…).",
		example: "set it to a Postgres URL such as postgres://user:password@host:5432/golive",
		set: func(c *Config, value string) error {
			c.DatabaseURL = Secret(value)
			return postgres.CheckURL(value)
		},
	},
	{
		Name: "GOLIVE_SEALING_KEYS", Required: true, Secret: true,
		Meaning: "Keyset that seals Stripe keys and the keys of audit logs; create one with `golive keys new`. If you lose it, you have to reconnect every Stripe account, and audit logs can't be verified any more.",
		example: "create a keyset with `golive keys new` and keep it safe",
		set: func(c *Config, value string) (err error) {
			c.Keys, err = seal.ParseKeys(value)
			return err
		},
	},
	{
		Name: "GOLIVE_ADDR", Default: "127.0.0.1:8080",
		Meaning: "Address the API listens on, host:port; an empty host means all interfaces.",
		set:     func(c *Config, value string) error { c.Addr = value; return checkAddr(value) },
	},
	{
		Name: "GOLIVE_WORKER_ADDR", Default: "127.0.0.1:8081",
		Meaning: "Address for the worker's health checks and metrics, host:port.",
		set:     func(c *Config, value string) error { c.WorkerAddr = value; return checkAddr(value) },
	},
	{
		Name: "GOLIVE_ADMIN_ADDR", Default: "127.0.0.1:9090",
		Meaning: "Address for the API's metrics and profiles, host:port. Whoever can reach it sees figures of all tenants: keep it internal.",
		set:     func(c *Config, value string) error { c.AdminAddr = value; return checkAddr(value) },
	},
	{
		Name:    "GOLIVE_TRUSTED_PROXIES",
		Meaning: "Networks of the proxies in front of the API, such as 10.0.0.0/8,fd00::/8. Only they may say where a request comes from (X-Forwarded-For), by which protocol (X-Forwarded-Proto) and which ID it has (X-Request-Id).",
		set:     func(c *Config, value string) (err error) { c.TrustedProxies, err = parseNetworks(value); return err },
	},
	{
		Name:    "GOLIVE_TLS_CERT",
		Meaning: "File with the API's TLS certificate chain (PEM), for HTTPS without a proxy. Read again when it changes.",
		set:     func(c *Config, value string) error { c.TLSCert = value; return checkFile(value) },
	},
	{
		Name:    "GOLIVE_TLS_KEY",
		Meaning: "File with the certificate's private key (PEM).",
		set:     func(c *Config, value string) error { c.TLSKey = value; return checkFile(value) },
	},
	{
		Name:    "GOLIVE_PUBLIC_URL",
		Meaning: "Public URL of Golive, used for links in emails; defaults to http:// (https:// with GOLIVE_TLS_CERT) plus GOLIVE_ADDR.",
		set:     func(c *Config, value string) error { return setURL(&c.PublicURL, value) },
	},
	{
		Name: "GOLIVE_STRIPE_API_BASE", Default: realStripe,
		Meaning: "Base URL of the Stripe API. Plain http only on this machine, because live keys go there.",
		set:     func(c *Config, value string) error { return setStripe(&c.StripeAPIBase, value) },
	},
	{
		Name: "GOLIVE_SMTP_URL", Secret: true,
		Meaning: "Mail server URL: smtp://user:password@host:port?tls=mandatory|none (uses STARTTLS unless none) or smtps://user:password@host:port. Mail is off if not set.",
		set:     func(c *Config, value string) error { c.SMTPURL = Secret(value); return mail.CheckURL(value) },
	},
	{
		Name: "GOLIVE_MAIL_FROM", Default: "Golive <golive@localhost>",
		Meaning: "Sender address for emails.",
		set:     func(c *Config, value string) error { c.MailFrom = value; return checkMail(value) },
	},
	{
		Name:    "GOLIVE_OIDC_ISSUER",
		Meaning: "URL of the OpenID Connect provider people sign in with, such as https://login.example.com; plain http only on this machine. If not set, only links from `golive sign-in-link` sign in. The redirect URL to register there is GOLIVE_PUBLIC_URL plus `/login/callback`.",
		set:     func(c *Config, value string) error { return setIssuer(&c.Issuer.URL, value) },
	},
	{
		Name:    "GOLIVE_OIDC_CLIENT_ID",
		Meaning: "Client ID of Golive at the provider.",
		set:     func(c *Config, value string) error { return setWord(&c.Issuer.ClientID, value) },
	},
	{
		Name: "GOLIVE_OIDC_CLIENT_SECRET", Secret: true,
		Meaning: "Client secret of Golive at the provider. Leave it out if the provider knows Golive as a public client.",
		set: func(c *Config, value string) error {
			var secret string
			err := setWord(&secret, value)
			c.Issuer.ClientSecret = identity.Secret(secret)
			return err
		},
	},
	{
		Name: "GOLIVE_OIDC_NAME", Default: "your sign-in provider",
		Meaning: "What people call the provider, for the sign-in page.",
		set:     func(c *Config, value string) error { return setName(&c.Issuer.Name, value) },
	},
	{
		Name: "GOLIVE_OIDC_TRUST_EMAIL", Default: "false",
		Meaning: "true takes every email address for verified. Only for providers that don't send email_verified and whose users can't choose their address freely.",
		set: func(c *Config, value string) (err error) {
			c.Issuer.TrustEmail, err = parseFlag(value)
			return err
		},
	},
	{
		Name: "GOLIVE_GRAPHQL_TRUSTED_ONLY", Default: "false",
		Meaning: "true runs no GraphQL documents but those of the page in this build; everything else, including the command line, has to use the REST API.",
		set: func(c *Config, value string) (err error) {
			c.TrustedOnly, err = parseFlag(value)
			return err
		},
	},
	{
		Name: "GOLIVE_LOG", Default: "text",
		Meaning: "Log format: text or json.",
		set:     func(c *Config, value string) error { c.LogFormat = value; return checkLog(value) },
	},
	{
		Name: "GOLIVE_LEASE", Default: runner.DefaultLease.String(),
		Meaning: "How long an unresponsive worker keeps its deployments, 1s to 1m. Must be the same for all processes.",
		set:     func(c *Config, value string) (err error) { c.Lease, err = parseLease(value); return err },
	},
	{
		Name: "GOLIVE_AUDIT_KEEP", Default: "forever",
		Meaning: "How long audit log entries are kept: a number of days, such as 730d, or forever. Must be the same for all workers.",
		set:     func(c *Config, value string) (err error) { c.AuditKeep, err = parseDays(value); return err },
	},
	{
		Name: "GOLIVE_CALLER_RATES", Default: "on",
		Meaning: "Whether callers are held to the rates of requests, mutations and subscriptions: on, or off for load tests and where a gateway in front of Golive limits callers.",
		set:     func(c *Config, value string) (err error) { c.CallerRates, err = parseSwitch(value); return err },
	},
	{
		Name: "GOLIVE_EVENTS_KEEP", Default: "forever",
		Meaning: "How long the events of a deployment are kept once it has ended, all but its last one: a number of days, such as 730d, or forever. Must be the same for all workers.",
		set:     func(c *Config, value string) (err error) { c.EventsKeep, err = parseDays(value); return err },
	},
	{
		Name: "GOLIVE_RATE_LIVE", Default: strconv.Itoa(ratelimit.DefaultRates.Live),
		Meaning: "Calls per second to one Stripe account in live mode, across all processes, 1 to 1000. Set it to 80% of the account's limit at Stripe. Must be the same for all processes.",
		set:     func(c *Config, value string) error { return setRate(&c.Rates.Live, value) },
	},
	{
		Name: "GOLIVE_RATE_TEST", Default: strconv.Itoa(ratelimit.DefaultRates.Test),
		Meaning: "The same limit in test mode.",
		set:     func(c *Config, value string) error { return setRate(&c.Rates.Test, value) },
	},
	{
		Name: "GOLIVE_RATE_ENDPOINT", Default: strconv.Itoa(ratelimit.DefaultRates.Endpoint),
		Meaning: "The same limit for each endpoint of an account, in either mode. Writing products and prices, which only Golive does, goes up to Stripe's own limit, which is taken to be a quarter higher.",
		set:     func(c *Config, value string) error { return setRate(&c.Rates.Endpoint, value) },
	},
}

func variable(name string) Variable {
	for _, v := range Variables {
		if v.Name == name {
			return v
		}
	}
	panic("no variable " + name)
}

// read sets the variable's field of c where its value is good. Its error is a
// sentence that begins with the variable's name and quotes no secret.
func (v Variable) read(env Lookup, c *Config) error {
	value, err := v.value(env)
	switch {
	case err != nil:
		return err
	case value == "" && v.Required:
		return fmt.Errorf("%s is not set: %s", v.Name, v.example)
	case value == "":
		return nil
	}
	set := *c
	err = v.set(&set, value)
	if err == nil {
		*c = set
		return nil
	}
	if strings.HasPrefix(err.Error(), v.Name) {
		return err
	}
	return fmt.Errorf("%s %w", v.Name, err)
}

// value returns what the environment, a secret's file or the default says. An
// empty variable counts as absent: compose files and shells leave such behind.
func (v Variable) value(env Lookup) (string, error) {
	value, _ := env(v.Name)
	if !v.Secret {
		if value == "" {
			value = v.Default
		}
		return value, nil
	}
	path, _ := env(v.FileName())
	switch {
	case path == "":
		return value, nil
	case value != "":
		return "", fmt.Errorf("%s and %s are both set: use only one of them", v.Name, v.FileName())
	}
	value, err := readFile(path)
	if err != nil {
		return "", fmt.Errorf("%s cannot be read: %w", v.FileName(), err)
	}
	if value == "" {
		return "", fmt.Errorf("%s points to an empty file: %s", v.FileName(), path)
	}
	return value, nil
}

// FileName is the variable that holds the path of a secret's file.
func (v Variable) FileName() string { return v.Name + "_FILE" }

func checkMail(value string) error {
	if _, err := netmail.ParseAddress(value); err != nil {
		return fmt.Errorf("must be an email address, such as Golive <golive@example.com>, not %q", value)
	}
	return nil
}

func checkLog(value string) error {
	if value != "text" && value != "json" {
		return fmt.Errorf("must be text or json, not %q", value)
	}
	return nil
}

func parseLease(value string) (time.Duration, error) {
	lease, err := time.ParseDuration(value)
	if err != nil || lease < time.Second || lease > time.Minute {
		return 0, errors.New("must be a duration between 1s and 1m, such as 10s")
	}
	return lease, nil
}

func parseSwitch(value string) (bool, error) {
	if value != "on" && value != "off" {
		return false, fmt.Errorf("must be on or off, not %q", value)
	}
	return value == "on", nil
}

// parseDays returns 0 for ever.
func parseDays(value string) (time.Duration, error) {
	if value == "forever" {
		return 0, nil
	}
	days, err := strconv.Atoi(strings.TrimSuffix(value, "d"))
	if err != nil || !strings.HasSuffix(value, "d") || days < 1 || days > 36_500 {
		return 0, fmt.Errorf("must be a number of days from 1d to 36500d, or forever, not %q", value)
	}
	return time.Duration(days) * 24 * time.Hour, nil
}

func setRate(field *int, value string) error {
	rate, err := strconv.Atoi(value)
	if err != nil || rate < 1 || rate > 1000 {
		return fmt.Errorf("must be a number of calls per second from 1 to 1000, not %q", value)
	}
	*field = rate
	return nil
}
