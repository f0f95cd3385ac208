package main

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

func (s *stack) get(t *testing.T, path string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// Whoever schedules something reads the email about it, as text that shows what somebody
// put into a name and does not carry it out.
func TestDevShowsItsEmails(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := startStack(t, dir)
	if status, list := s.get(t, "/dev/mail"); status != http.StatusOK || !strings.Contains(list, "None yet") {
		t.Errorf("%d %s", status, list)
	}
	s.stripePost(t, "test", "/v1/products/prod_PineFree", url.Values{"name": {"<script>alert(1)</script> Café"}})
	s.importProduct(t, "prod_PineFree")
	golive(t, s.env(), "schedule", "prod_PineFree", "in 2 days", "--yes").line(t)
	list := s.awaitMail(t)
	status, mail := s.get(t, "/dev/mail/000001.eml")
	if status != http.StatusOK || strings.Contains(mail+list, "<script>") || !strings.Contains(mail, "&lt;script&gt;alert(1)&lt;/script&gt; Café") {
		t.Errorf("%d %s\n%s", status, list, mail)
	}
	if !strings.Contains(mail, "text/plain") || !strings.Contains(mail, "BEGIN:VCALENDAR") || !strings.Contains(list, `href="mail/000001.eml"`) {
		t.Error(mail)
	}
	file, err := os.ReadFile(filepath.Join(dir, "mail", "000001.eml"))
	if _, raw := s.get(t, "/dev/mail/000001.eml/raw"); err != nil || raw != string(file) || raw == "" {
		t.Errorf("%v: %s", err, raw)
	}
	for _, path := range []string{"/dev/mail/1.eml", "/dev/mail/999999.eml", "/dev/mail/..%2ftoken", "/dev/mail/000001.eml/../../token", "/dev/", "/dev/mail/..%2f..%2ftoken/raw"} {
		if status, text := s.get(t, path); status == http.StatusOK && !strings.Contains(text, "None yet") && !strings.Contains(text, "<h1>Emails") {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
}

// awaitMail returns the list once it has an email.
func (s *stack) awaitMail(t *testing.T) string {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		if _, list := s.get(t, "/dev/mail"); strings.Contains(list, "000001.eml") {
			return list
		}
	}
	t.Fatal("no email came")
	return ""
}

// One table of addresses, there again for whoever closed that terminal.
func TestDevShow(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	env := []string{"GOLIVE_DATA_DIR=" + dir}
	golive(t, env, "dev", "--show").fails(t, 1, dir)
	s := startStack(t, dir)
	shown := golive(t, env, "dev", "--show")
	if shown.status != 0 || shown.out != s.banner {
		t.Errorf("%+v\n%s", shown, s.banner)
	}
	for _, row := range []string{`API +http://`, `worker +http://`, `metrics +http://` + regexp.QuoteMeta(s.admin) + `/metrics`, `Stripe +http://`, `mail +http://\S+/dev/mail`, `smtp://127`, `database +psql '`, `token +glt_`} {
		if !regexp.MustCompile(`(?m)` + row).MatchString(shown.out) {
			t.Errorf("no %s in %s", row, shown.out)
		}
	}
	// Nothing that a person would have to do something about.
	if status := s.end(syscall.SIGINT); status != 0 || s.log.String() != "" {
		t.Errorf("status %d, said %s", status, s.log.String())
	}
	golive(t, env, "dev", "--show").fails(t, 1, dir)
}

// The shop has one product that is not ready, and its checks teach what to do. The lines
// of README that change a product do what it says.
func TestDevTeaches(t *testing.T) {
	t.Parallel()
	s := startStack(t, dataDir(t))
	r := golive(t, s.env(), "go-live", "tasting box", "--yes")
	r.says(t, "✗ product_price: ", "✗ 1 of 21 checks failed, ")
	if r.status != 1 || r.out != "" {
		t.Errorf("%+v", r)
	}
	s.stripePost(t, "test", "/v1/prices", url.Values{"product": {"prod_TastingBox"}, "currency": {"eur"}, "unit_amount": {"2900"}})
	golive(t, s.env(), "go-live", "tasting box", "--yes").line(t)
}
