package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"
)

// certificate is the API's own, read again when its files have changed: whoever renews
// it need not restart anything.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu     sync.Mutex
	pair   *tls.Certificate
	looked time.Time
	stamp  string
}

// lookEvery bounds how often handshakes look at the files.
const lookEvery = time.Second

// withTLS answers on l by TLS where a certificate is configured.
func withTLS(l net.Listener, cfg Config, log *slog.Logger) (net.Listener, error) {
	if cfg.TLSCert == "" {
		return l, nil
	}
	c := &certificate{certFile: cfg.TLSCert, keyFile: cfg.TLSKey, log: log}
	if err := c.load(); err != nil {
		return nil, fmt.Errorf("GOLIVE_TLS_CERT and GOLIVE_TLS_KEY: %w", err)
	}
	// Without HTTP/2: a WebSocket takes a connection over, and so do the limits on one.
	return tls.NewListener(l, &tls.Config{GetCertificate: c.get, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}), nil
}

// get is asked at each handshake. Files that are half written, or don't fit together yet,
// leave the certificate in use.
func (c *certificate) get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.looked) >= lookEvery {
		c.looked = now
		c.reload(hello.Context())
	}
	return c.pair, nil
}

func (c *certificate) reload(ctx context.Context) {
	stamp, err := c.stamped()
	if err == nil && stamp == c.stamp {
		return
	}
	if err == nil {
		err = c.load()
	}
	if err != nil {
		c.log.WarnContext(ctx, "the TLS certificate was not read again; the old one stays in use", "error", err)
		return
	}
	c.log.InfoContext(ctx, "TLS certificate read again", "valid_until", c.pair.Leaf.NotAfter)
}

func (c *certificate) load() error {
	stamp, err := c.stamped()
	if err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return err
	}
	c.pair, c.stamp = &pair, stamp
	return nil
}

// stamped tells one state of the files from another.
func (c *certificate) stamped() (string, error) {
	cert, certErr := os.Stat(c.certFile)
	key, keyErr := os.Stat(c.keyFile)
	if err := errors.Join(certErr, keyErr); err != nil {
		return "", err
	}
	return fmt.Sprint(cert.ModTime().UnixNano(), cert.Size(), key.ModTime().UnixNano(), key.Size()), nil
}

// renewBefore is when the doctor asks for a new certificate.
const renewBefore = 14 * 24 * time.Hour

// examineTLS tells of a certificate that browsers will soon refuse.
func examineTLS(_ context.Context, cfg Config) []Finding {
	if cfg.TLSCert == "" || cfg.TLSKey == "" {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(cfg.TLSCert, cfg.TLSKey)
	if err != nil {
		return nil // said already
	}
	return []Finding{validity(pair.Leaf, time.Now())}
}

func validity(leaf *x509.Certificate, now time.Time) Finding {
	until := leaf.NotAfter.UTC().Format(time.RFC3339)
	switch {
	case now.Before(leaf.NotBefore):
		return Finding{"tls", "the certificate isn't valid before " + leaf.NotBefore.UTC().Format(time.RFC3339), true}
	case now.After(leaf.NotAfter):
		return Finding{"tls", "the certificate expired on " + until + ": renew it", true}
	case now.Add(renewBefore).After(leaf.NotAfter):
		return Finding{"tls", "the certificate expires on " + until + ": renew it", true}
	}
	return Finding{"tls", "the certificate is valid until " + until, false}
}
