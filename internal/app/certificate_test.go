package app_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/pgtest"
)

// pair is a certificate in files, as whoever renews it leaves them.
type pair struct{ cert, key string }

func newPair(t *testing.T) pair {
	t.Helper()
	dir := t.TempDir()
	return pair{filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")}
}

// issue writes a new certificate with that number, valid for that time from now on.
func (p pair) issue(t *testing.T, number int64, valid time.Duration) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(number), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(valid),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	cert, err := x509.CreateCertificate(rand.Reader, leaf, leaf, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	p.write(t, p.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
	p.write(t, p.cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}))
}

func (p pair) write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (p pair) env() map[string]string {
	return map[string]string{"GOLIVE_TLS_CERT": p.cert, "GOLIVE_TLS_KEY": p.key}
}

// served is the number of the certificate that addr shows, and the answer to one request.
func served(t *testing.T, addr string) (number int64, answer string) {
	t.Helper()
	d := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}
	c, err := d.DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte("GET /healthz HTTP/1.0\r\nHost: golive\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if _, err := text.ReadFrom(c); err != nil {
		t.Fatal(err)
	}
	return c.(*tls.Conn).ConnectionState().PeerCertificates[0].SerialNumber.Int64(), text.String()
}

// The API speaks TLS by itself, and a renewed certificate needs no restart; one that is
// not whole leaves the old one in use.
func TestTLSIsReadAgain(t *testing.T) {
	t.Parallel()
	files := newPair(t)
	files.issue(t, 1, 24*time.Hour)
	set := files.env()
	set["DATABASE_URL"] = pgtest.URL(t)
	p := run(t, "api", set)
	p.getAt(t, p.admin+"/readyz") // which speaks plain HTTP
	addr := strings.TrimPrefix(p.url, "http://")
	number, answer := served(t, addr)
	if number != 1 || !strings.Contains(answer, "200 OK") || !strings.Contains(answer, "Strict-Transport-Security: max-age=31536000\r\n") {
		t.Errorf("certificate %d: %s", number, answer)
	}
	files.write(t, files.cert, []byte("half a certificate"))
	for !strings.Contains(p.log.String(), "the TLS certificate was not read again") {
		if number, _ := served(t, addr); number != 1 {
			t.Fatalf("certificate %d", number)
		}
	}
	files.issue(t, 2, 24*time.Hour)
	for number = 1; number == 1; {
		number, _ = served(t, addr)
	}
	if number != 2 {
		t.Errorf("certificate %d", number)
	}
}

func TestTLSNeedsBothFiles(t *testing.T) {
	t.Parallel()
	one, other := newPair(t), newPair(t)
	one.issue(t, 1, time.Hour)
	other.issue(t, 2, time.Hour)
	for name, set := range map[string]map[string]string{
		"GOLIVE_TLS_KEY is not set":  {"GOLIVE_TLS_CERT": one.cert},
		"GOLIVE_TLS_CERT is not set": {"GOLIVE_TLS_KEY": one.key},
		"don't fit together":         {"GOLIVE_TLS_CERT": one.cert, "GOLIVE_TLS_KEY": other.key},
	} {
		_, err := app.Load(environment(t, set))
		wantError(t, err, "GOLIVE_TLS_CERT", "GOLIVE_TLS_KEY", name)
	}
	c, err := app.Load(environment(t, one.env()))
	if err != nil || c.PublicURL != "https://127.0.0.1:8080" {
		t.Errorf("%s, %v", c.PublicURL, err)
	}
}

func TestDoctorAsksForANewCertificate(t *testing.T) {
	t.Parallel()
	for valid, want := range map[time.Duration]string{-time.Minute: "expired on", 13 * 24 * time.Hour: "expires on", 30 * 24 * time.Hour: "valid until"} {
		files := newPair(t)
		files.issue(t, 1, valid)
		set := files.env()
		set["DATABASE_URL"], set["GOLIVE_STRIPE_API_BASE"] = "postgres://nobody@127.0.0.1:1/none", "http://127.0.0.1:1"
		ctx, cancel := context.WithCancel(t.Context())
		for f := range app.Examine(ctx, environment(t, set)) {
			if f.Subject == "tls" {
				if !strings.Contains(f.Says, want) || f.Fix == (want == "valid until") {
					t.Errorf("%v: %+v", valid, f)
				}
				want = ""
				break
			}
		}
		if cancel(); want != "" {
			t.Errorf("nothing is said of %v", valid)
		}
	}
}

// Live keys leave this machine by TLS only.
func TestStripeInTheClearIsForThisMachine(t *testing.T) {
	t.Parallel()
	for base, good := range map[string]bool{
		"https://stripe.example.com": true, "http://127.0.0.1:8082": true, "http://localhost:1": true, "http://[::1]:1": true, "http://127.9.9.9": true,
		"http://stripe.example.com": false, "http://10.0.0.1": false, "http://[::]:1": false, "http://localhost.example.com": false, "HTTP://stripe.example.com": false,
	} {
		_, err := app.Load(environment(t, map[string]string{"GOLIVE_STRIPE_API_BASE": base}))
		if good != (err == nil) {
			t.Errorf("%s: %v", base, err)
		}
		if err != nil {
			wantError(t, err, "GOLIVE_STRIPE_API_BASE ", "in the clear")
		}
	}
}

func TestTrustedProxies(t *testing.T) {
	t.Parallel()
	c, err := app.Load(environment(t, map[string]string{"GOLIVE_TRUSTED_PROXIES": "10.1.2.3/8, fd00::/8,192.0.2.1"}))
	var got []string
	for _, network := range c.TrustedProxies {
		got = append(got, network.String())
	}
	if err != nil || !slices.Equal(got, []string{"10.0.0.0/8", "fd00::/8", "192.0.2.1/32"}) {
		t.Errorf("%q, %v", got, err)
	}
	for trusted, want := range map[string]bool{"127.0.0.0/8": true, "10.0.0.0/8": false} {
		p := run(t, "api", map[string]string{"DATABASE_URL": pgtest.URL(t), "GOLIVE_TRUSTED_PROXIES": trusted})
		p.get(t, "/readyz")
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Request-Id", "trace-1")
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		if _ = res.Body.Close(); (res.Header.Get("X-Request-Id") == "trace-1") != want {
			t.Errorf("%s: %v", trusted, res.Header)
		}
	}
}
