package app

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/ratelimit"
	"github.com/golive-hq/golive/internal/seal"
)

// Config is what the API and the worker read from their environment; Variables
// lists the variables. It can be logged: it shows no secret.
type Config struct {
	DatabaseURL Secret
	// Keys seals the tenants' Stripe keys.
	Keys *seal.Keys
	// KeysFile is where Keys were read from, "" where that is no file.
	KeysFile string
	// Addr, WorkerAddr and AdminAddr are host:port. An empty host is every interface.
	Addr, WorkerAddr, AdminAddr string
	// PublicURL is where people reach the page, without a slash at the end.
	PublicURL string
	// TrustedProxies are the networks whose word on where a request comes from counts.
	TrustedProxies []netip.Prefix
	// TrustedOnly lets the API run the page's own documents alone.
	TrustedOnly bool
	// TLSCert and TLSKey are the paths of a certificate chain and its key, "" for plain HTTP.
	TLSCert, TLSKey string
	// StripeAPIBase is where Stripe answers, without a slash at the end.
	StripeAPIBase string
	// SMTPURL is empty where mail is off.
	SMTPURL  Secret
	MailFrom string
	// Issuer vouches for people who sign in; its URL is empty where operators' links do.
	Issuer identity.Issuer
	// LogFormat is "text" or "json".
	LogFormat string
	// Lease is how long a worker that shows no sign of life keeps its deployments.
	Lease time.Duration
	// AuditKeep is how long entries of audit logs are kept; 0 for ever.
	AuditKeep time.Duration
	// EventsKeep is how long events of deployments that ended are kept; 0 for ever.
	EventsKeep time.Duration
	// Rates bound the calls to Stripe, of all processes together.
	Rates ratelimit.Rates
	// CallerRates holds callers to their rates.
	CallerRates bool
}

// Lookup finds a variable of an environment, as os.LookupEnv does.
type Lookup func(name string) (value string, ok bool)

// Load reads a Config. Its error joins one sentence per fault, so that whoever
// configures mends all of them at once; Faults takes it apart.
func Load(env Lookup) (Config, error) {
	var c Config
	var faults []error
	for _, v := range Variables {
		if err := v.read(env, &c); err != nil {
			faults = append(faults, err)
		}
	}
	c.KeysFile = fileOf(env, "GOLIVE_SEALING_KEYS")
	c.fallBack()
	if len(faults) == 0 {
		faults = append(faults, c.checkTLS(), c.checkSignIn())
	}
	return c, errors.Join(faults...)
}

// fallBack takes the API's own address for the one that people use.
func (c *Config) fallBack() {
	switch {
	case c.PublicURL != "":
	case c.TLSCert != "":
		c.PublicURL = "https://" + c.Addr
	default:
		c.PublicURL = "http://" + c.Addr
	}
}

// checkTLS holds a certificate and its key against each other.
func (c *Config) checkTLS() error {
	switch {
	case c.TLSCert == "" && c.TLSKey == "":
		return nil
	case c.TLSCert == "":
		return errors.New("GOLIVE_TLS_CERT is not set, but GOLIVE_TLS_KEY is: set both or neither")
	case c.TLSKey == "":
		return errors.New("GOLIVE_TLS_KEY is not set, but GOLIVE_TLS_CERT is: set both or neither")
	}
	if _, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey); err != nil {
		return fmt.Errorf("GOLIVE_TLS_CERT and GOLIVE_TLS_KEY don't fit together: %w", err)
	}
	return nil
}

// LoadPublicURL reads where people reach the page, for commands that print links.
func LoadPublicURL(env Lookup) (string, error) {
	var c Config
	if err := errors.Join(variable("GOLIVE_ADDR").read(env, &c), variable("GOLIVE_PUBLIC_URL").read(env, &c), variable("GOLIVE_TLS_CERT").read(env, &c)); err != nil {
		return "", err
	}
	c.fallBack()
	return c.PublicURL, nil
}

// LoadDatabaseURL reads the one variable that commands on the database need.
func LoadDatabaseURL(env Lookup) (Secret, error) {
	var c Config
	err := variable("DATABASE_URL").read(env, &c)
	return c.DatabaseURL, err
}

// LoadKeys reads the sealing keys: their text, which commands that change it
// need, and what they open.
func LoadKeys(env Lookup) (Secret, *seal.Keys, error) {
	var c Config
	v := variable("GOLIVE_SEALING_KEYS")
	if err := v.read(env, &c); err != nil {
		return "", nil, err
	}
	text, err := v.value(env)
	return Secret(text), c.Keys, err
}

// Faults returns the sentences that err of Load joins.
func Faults(err error) []string {
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")
}

// LogValue shows what helps to tell one deployment of Golive from another.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("public_url", c.PublicURL),
		slog.String("stripe_api_base", c.StripeAPIBase),
		slog.Bool("mail", c.SMTPURL != ""),
		slog.String("issuer", c.Issuer.URL),
	)
}

// readFile returns a secret's file without the newline that editors leave.
func readFile(path string) (string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	return strings.TrimRight(string(content), "\r\n"), nil
}
