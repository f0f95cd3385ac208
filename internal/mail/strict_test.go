package mail_test

import (
	"bytes"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/mail"
	"github.com/golive-hq/golive/internal/smtpsim"
)

// Whatever a machine is called, EHLO says what a strict server takes.
func TestHelloSaysWhatStrictServersTake(t *testing.T) {
	t.Parallel()
	four, six := &net.TCPAddr{IP: net.IPv4(10, 1, 2, 3), Port: 9}, &net.TCPAddr{IP: net.ParseIP("fe80::1"), Zone: "eth0", Port: 9}
	for host, want := range map[string]string{
		"mail-1.golive.example":              "mail-1.golive.example",
		"golive_worker_1":                    "[10.1.2.3]",
		"a_b.golive.example":                 "[10.1.2.3]",
		"localhost":                          "[10.1.2.3]",
		"localhost.localdomain":              "[10.1.2.3]",
		"worker":                             "[10.1.2.3]",
		"wörker.example":                     "[10.1.2.3]",
		"10.1.2.3":                           "[10.1.2.3]",
		"-a.example":                         "[10.1.2.3]",
		"a..example":                         "[10.1.2.3]",
		"":                                   "[10.1.2.3]",
		strings.Repeat("a", 64) + ".example": "[10.1.2.3]",
	} {
		if got := mail.HelloName(host, four); got != want {
			t.Errorf("%q says %s, not %s", host, got, want)
		}
	}
	if got := mail.HelloName("worker", six); got != "[IPv6:fe80::1]" {
		t.Error(got)
	}
	mapped := &net.TCPAddr{IP: net.ParseIP("::ffff:10.1.2.3"), Port: 9}
	if got := mail.HelloName("worker", mapped); got != "[10.1.2.3]" {
		t.Error(got)
	}
}

// A server that refuses the name says so, and the name is told.
func TestRefusedHelloNamesTheWord(t *testing.T) {
	t.Parallel()
	addr := refusing(t, "EHLO", "501 5.5.2 no such name")
	got := refusal(t, send(t.Context(), t, newSender(t, "smtp://"+addr+"?tls=none"), sample(mail.Failed)))
	if !got.Server || !got.Temporary || got.Code != 501 || !strings.Contains(got.Text, "doesn't accept EHLO ") || !strings.Contains(got.Text, "501 5.5.2 no such name") ||
		strings.Contains(got.Text, "EHLO (") {
		t.Errorf("%+v", got)
	}
}

// Letters of other scripts in a domain need nothing of the server: they have an ASCII form.
func TestDomainsGoOutAsTheProtocolHasThem(t *testing.T) {
	t.Parallel()
	for _, utf8 := range []bool{false, true} {
		s := (&sink{rules: smtpsim.Rules{UTF8: utf8}}).start(t)
		n := sample(mail.Scheduled)
		n.From, n.To = "Golive <golive@Bücher.example>", "info@bücher.example"
		if err := send(t.Context(), t, s.sender(t), n); err != nil {
			t.Fatal(err)
		}
		got := s.mails()[0]
		if got.from != "golive@xn--bcher-kva.example" || got.to != "info@xn--bcher-kva.example" {
			t.Errorf("from %s to %s", got.from, got.to)
		}
		for _, line := range []string{"To: <info@xn--bcher-kva.example>", `From: "Golive" <golive@xn--bcher-kva.example>`} {
			if !bytes.Contains(got.data, []byte(line)) {
				t.Errorf("no %s", line)
			}
		}
	}
}

// Letters before the @ do need SMTPUTF8: without it that one is refused and told, and
// the next is served over the same connection.
func TestMailboxesInOtherScripts(t *testing.T) {
	t.Parallel()
	for _, utf8 := range []bool{false, true} {
		s := (&sink{rules: smtpsim.Rules{UTF8: utf8}}).start(t)
		sender := s.sender(t)
		n := sample(mail.Scheduled)
		n.To = "jürgen@bücher.example"
		err := send(t.Context(), t, sender, n)
		if utf8 && (err != nil || s.mails()[0].to != "jürgen@xn--bcher-kva.example") {
			t.Errorf("%v, %+v", err, s.mails())
		}
		if !utf8 {
			if got := refusal(t, err); got.Server || got.Temporary || got.Code != 553 || !strings.Contains(got.Text, "jürgen@") {
				t.Errorf("%+v", got)
			}
		}
		if err := send(t.Context(), t, sender, sample(mail.Scheduled)); err != nil || s.opened() != 1 {
			t.Errorf("the next: %v, over %d connections", err, s.opened())
		}
	}
}

// A sender that no server without SMTPUTF8 takes is the operator's affair, and no mail's.
func TestSenderInOtherScripts(t *testing.T) {
	t.Parallel()
	s := (&sink{}).start(t)
	n := sample(mail.Scheduled)
	n.From = "Löve <löve@golive.example>"
	if got := refusal(t, send(t.Context(), t, s.sender(t), n)); !got.Server || !got.Temporary || !strings.Contains(got.Text, "löve@") {
		t.Errorf("%+v", got)
	}
}

// What tenants are told names neither the server nor what it said.
func TestToldNamesNoServer(t *testing.T) {
	t.Parallel()
	internal := "mx1.corp.internal [10.9.8.7] says no"
	s := &sink{}
	s.rcpt = func(to string) error {
		switch to {
		case "gone@harbour.example":
			return smtpsim.Reply{Code: 550, Text: "5.1.1 " + internal}
		case "odd@harbour.example":
			return smtpsim.Reply{Code: 550, Text: internal}
		case "login@harbour.example":
			return smtpsim.Reply{Code: 530, Text: "5.7.0 " + internal}
		}
		return nil
	}
	s.mailFrom = func() error { return nil }
	s.data = func(conn net.Conn) error { return conn.Close() }
	s.start(t)
	for to, code := range map[string]string{
		"gone@harbour.example": "550 5.1.1", "odd@harbour.example": "550", "login@harbour.example": "", "ada@harbour.example": "", "jürgen@harbour.example": "",
	} {
		n := sample(mail.Completed)
		n.To = to
		got := refusal(t, send(t.Context(), t, s.sender(t), n))
		if got.Told == "" || !strings.Contains(got.Told, code) || strings.Contains(got.Told, "127.0.0.1") || strings.Contains(got.Told, "corp") ||
			strings.Contains(got.Told, "10.9") || !strings.Contains(got.Text, s.addr) {
			t.Errorf("%s: %+v", to, got)
		}
	}
}

// A server that takes its time, and one connection a second, gets its mails all the same.
func TestServersThatTakeOneAtATime(t *testing.T) {
	t.Parallel()
	s := (&sink{rules: smtpsim.Rules{PerSecond: 1, Slow: 300 * time.Millisecond}}).start(t)
	one, other := s.sender(t), s.sender(t)
	for _, sender := range []*mail.Sender{one, other, one} {
		if err := send(t.Context(), t, sender, sample(mail.Scheduled)); err != nil {
			t.Error(err)
		}
	}
	if got := len(s.mails()); got != 3 {
		t.Errorf("%d mails", got)
	}
}

// refusing is a server that answers one command so, and all others well.
func refusing(t *testing.T, command, answer string) (addr string) {
	t.Helper()
	return talking(t, func(line string) string {
		switch {
		case strings.HasPrefix(line, command), strings.HasPrefix(line, "HELO"):
			return answer
		default:
			return "250 well"
		}
	})
}
