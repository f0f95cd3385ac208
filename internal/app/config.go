package app

import (
	"errors"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/golive-hq/golive/internal/ratelimit"
	"github.com/golive-hq/golive/internal/seal"
)

// Config is what the API and the worker read from their environment; Variables
// lists the variables. It can be logged: it shows no secret.
type Config struct {
	DatabaseURL Secret
	// Keys seals the tenants' Stripe keys.
	Keys *seal.Keys
	// Addr, WorkerAddr and AdminAddr are host:port. An empty host is every interface.
	Addr, WorkerAddr, AdminAddr string
	// PublicURL is where people reach the page, without a slash at the end.
	PublicURL string
	// StripeAPIBase is where Stripe answers, without a slash at the end.
	StripeAPIBase string
	// SMTPURL is empty where mail is off.
	SMTPURL  Secret
	MailFrom string
	// LogFormat is "text" or "json".
	LogFormat string
	// Lease is how long a worker that shows no sign of life keeps its deployments.
	Lease time.Duration
	// Rates bound the calls to Stripe, of all processes together.
	Rates ratelimit.Rates
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
	c.fallBack()
	return c, errors.Join(faults...)
}

// fallBack takes the API's own address for the one that people use.
func (c *Config) fallBack() {
	if c.PublicURL == "" {
		c.PublicURL = "http://" + c.Addr
	}
}

// LoadPublicURL reads where people reach the page, for commands that print links.
func LoadPublicURL(env Lookup) (string, error) {
	var c Config
	if err := errors.Join(variable("GOLIVE_ADDR").read(env, &c), variable("GOLIVE_PUBLIC_URL").read(env, &c)); err != nil {
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
