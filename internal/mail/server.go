package mail

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"strings"
)

// server is what a mail server's URL says.
type server struct {
	host, addr     string // addr has the port
	user, password string
	encryption     encryption
	roots          *x509.CertPool // nil is the system's
}

// encryption says when a connection turns to TLS.
type encryption string

const (
	startTLS encryption = "STARTTLS"
	fromTLS  encryption = "TLS" // from the first byte
	noTLS    encryption = "none"
)

var errURL = errors.New("must look like smtp://user:password@host:587?tls=mandatory or smtps://user:password@host:465; percent-encode special characters in the password")

// errQuery does not quote what it found: that may be the end of a password.
var errQuery = errors.New("allows only tls=mandatory or tls=none after the question mark")

// splitInPassword tells that the user and password end elsewhere than at the only @: a
// part of the password would then be taken for a host, and named in messages.
func splitInPassword(text string, u *url.URL) bool {
	at := 0
	if u.User != nil {
		at = 1
	}
	return strings.Count(text, "@") != at
}

// CheckURL tells in a sentence what is wrong with a mail server's URL. It quotes
// nothing that may be a password.
func CheckURL(text string) error {
	_, err := parseServer(text)
	return err
}

func parseServer(text string) (server, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Port() == "" || strings.Trim(u.Path, "/") != "" || u.Fragment != "" || splitInPassword(text, u) {
		return server{}, errURL
	}
	s := server{host: u.Hostname(), addr: u.Host, user: u.User.Username()}
	s.password, _ = u.User.Password()
	if (s.user == "") != (s.password == "") {
		return server{}, errors.New("needs both a user and a password, or neither")
	}
	for name := range u.Query() {
		if name != "tls" {
			return server{}, errQuery
		}
	}
	s.encryption, err = parseEncryption(u.Scheme, u.Query().Get("tls"))
	return s, err
}

// parseEncryption takes an address without tls as one that wants it: whoever
// means to send passwords and plans in the clear has to say so.
func parseEncryption(scheme, tls string) (encryption, error) {
	switch {
	case scheme == "smtps" && (tls == "" || tls == "mandatory"):
		return fromTLS, nil
	case scheme == "smtps":
		return "", errors.New("uses smtps, which is always encrypted: remove tls=none")
	case scheme != "smtp":
		return "", errURL
	case tls == "" || tls == "mandatory":
		return startTLS, nil
	case tls == "none":
		return noTLS, nil
	default:
		return "", errQuery
	}
}

func (s server) tls() *tls.Config {
	return &tls.Config{ServerName: s.host, RootCAs: s.roots, MinVersion: tls.VersionTLS12}
}

// exposed tells that a password or a mail could be read on its way.
func (s server) exposed() bool {
	ip := net.ParseIP(s.host)
	return s.encryption == noTLS && s.host != "localhost" && (ip == nil || !ip.IsLoopback())
}
