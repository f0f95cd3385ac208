package app

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/golive-hq/golive/internal/server"
)

// setIssuer keeps the URL as it is: issuers are compared letter by letter.
func setIssuer(field *string, value string) error {
	var without string
	if err := setURL(&without, value); err != nil {
		return err
	}
	if isOpen(value) {
		return errors.New("must be an https URL, because secrets travel to it; http is for this machine only")
	}
	*field = value
	return nil
}

// leadsHere tells whether a URL leads to this machine.
func leadsHere(address string) bool {
	u, err := url.Parse(address)
	return err == nil && server.IsLoopback(u.Hostname())
}

func setWord(field *string, value string) error {
	if strings.ContainsAny(value, " \t\r\n") {
		return errors.New("must not contain spaces or line breaks")
	}
	*field = value
	return nil
}

func setName(field *string, value string) error {
	if value = strings.TrimSpace(value); value == "" || len(value) > 60 || strings.ContainsAny(value, "\r\n") {
		return errors.New("must be a name of at most 60 characters")
	}
	*field = value
	return nil
}

func parseFlag(value string) (bool, error) {
	if value != "true" && value != "false" {
		return false, fmt.Errorf("must be true or false, not %q", value)
	}
	return value == "true", nil
}

// isOpen tells whether others can read what travels to a URL.
func isOpen(address string) bool {
	return strings.HasPrefix(address, "http://") && !leadsHere(address)
}

// LoadSignInURL is LoadPublicURL for links that sign in. Over plain http others could read
// them, and browsers keep no session.
func LoadSignInURL(env Lookup) (string, error) {
	page, err := LoadPublicURL(env)
	if err == nil && isOpen(page) {
		err = errors.New("GOLIVE_PUBLIC_URL must be an https URL for links that sign in; http is for this machine only")
	}
	return page, err
}

// checkSignIn tells what of the sign-in's variables does not go together.
func (c Config) checkSignIn() error {
	switch {
	case c.Issuer.URL == "":
		return nil
	case c.Issuer.ClientID == "":
		return errors.New("GOLIVE_OIDC_CLIENT_ID is not set: GOLIVE_OIDC_ISSUER needs it; register Golive at the provider")
	case isOpen(c.PublicURL):
		return errors.New("GOLIVE_PUBLIC_URL must be an https URL to sign in with GOLIVE_OIDC_ISSUER, because browsers keep the session's cookie from plain http")
	}
	return nil
}
