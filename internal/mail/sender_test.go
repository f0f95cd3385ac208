package mail_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/mail"
	"github.com/golive-hq/golive/internal/smtpsim"
)

func TestSendsHoweverTheServerWantsIt(t *testing.T) {
	t.Parallel()
	for _, s := range []*sink{{}, {tls: "STARTTLS"}, {tls: "TLS"}, {tls: "STARTTLS", login: true}, {tls: "TLS", login: true}, {login: true}} {
		s.start(t)
		sender := s.sender(t)
		if err := send(t.Context(), t, sender, sample(mail.Scheduled)); err != nil {
			t.Errorf("%q, login %v: %v", s.tls, s.login, err)
			continue
		}
		got := s.mails()
		if len(got) != 1 || got[0].from != "golive@example.com" || got[0].to != "ada@harbour.example" || !bytes.Contains(got[0].data, []byte("Subject: Scheduled: Pine Storage")) {
			t.Errorf("%q, login %v: %+v", s.tls, s.login, got)
		}
		if _, err := sender.Check(t.Context()); err != nil {
			t.Error(err)
		}
		if len(s.mails()) != 1 {
			t.Error("a check sends mail")
		}
	}
}

func TestManySendersOneConnection(t *testing.T) {
	t.Parallel()
	s := (&sink{}).start(t)
	sender := s.sender(t)
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := range 10 {
				n := sample(mail.Reminder)
				n.To = fmt.Sprintf("u%d.%d@harbour.example", worker, i)
				if err := send(t.Context(), t, sender, n); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	got := map[string]bool{}
	for _, m := range s.mails() {
		got[m.to] = bytes.Contains(m.data, []byte("\r\nTo: <"+m.to+">\r\n"))
	}
	if len(got) != 80 || s.opened() != 1 {
		t.Errorf("%d different mails over %d connections", len(got), s.opened())
	}
	for to, ok := range got {
		if !ok {
			t.Errorf("%s got somebody else's mail", to)
		}
	}
}

// A server that hangs up between two mails costs nobody a mail, and nobody a
// second one.
func TestConnectsAgainWhereTheServerHungUp(t *testing.T) {
	t.Parallel()
	for how, hangUp := range map[string]func(net.Conn){
		"without a word": func(c net.Conn) { _ = c.Close() },
		"with 421":       func(c net.Conn) { _ = c.SetReadDeadline(time.Now()) }, // an idle timeout
	} {
		s := (&sink{}).start(t)
		sender := s.sender(t)
		if err := send(t.Context(), t, sender, sample(mail.Scheduled)); err != nil {
			t.Fatalf("%s: %v", how, err)
		}
		s.each(hangUp)
		<-s.left
		if err := send(t.Context(), t, sender, sample(mail.Rescheduled)); err != nil {
			t.Errorf("%s: %v", how, err)
		}
		if len(s.mails()) != 2 || s.opened() != 2 {
			t.Errorf("%s: %d mails over %d connections", how, len(s.mails()), s.opened())
		}
	}
}

// Some servers take so many mails per connection and no more.
func TestConnectsAgainWhereTheServerWantsIt(t *testing.T) {
	t.Parallel()
	s := &sink{}
	s.mailFrom = func() error {
		if len(s.mails()) == 1 && s.opened() == 1 {
			return smtpsim.Reply{Code: 421, Text: "4.7.0 too many mails on this connection"}
		}
		return nil
	}
	s.start(t)
	sender := s.sender(t)
	for range 2 {
		if err := send(t.Context(), t, sender, sample(mail.Scheduled)); err != nil {
			t.Error(err)
		}
	}
	if len(s.mails()) != 2 || s.opened() != 2 {
		t.Errorf("%d mails over %d connections", len(s.mails()), s.opened())
	}
}

func TestRefusedMails(t *testing.T) {
	t.Parallel()
	answer := func(code int, text string) error {
		return smtpsim.Reply{Code: code, Text: fmt.Sprintf("%d.1.1 %s", code/100, text)}
	}
	s := &sink{
		rcpt: func(to string) error {
			switch to {
			case "gone@harbour.example":
				return answer(550, "no such user")
			case "full@harbour.example":
				return answer(452, "mailbox full")
			}
			return nil
		},
	}
	var last string
	rcpt := s.rcpt
	s.rcpt = func(to string) error { last = to; return rcpt(to) }
	s.data = func(net.Conn) error {
		switch last {
		case "spam@harbour.example":
			return answer(554, "looks like spam")
		case "busy@harbour.example":
			return answer(451, "try later")
		}
		return nil
	}
	s.start(t)
	sender := s.sender(t)
	for to, want := range map[string]mail.RefusedError{
		"gone@harbour.example": {Code: 550, Text: "refused an email to gone@harbour.example (550 5.1.1 no such user)."},
		"full@harbour.example": {Code: 452, Temporary: true, Text: "temporarily refused an email to full@harbour.example (452 4.1.1 mailbox full)."},
		"spam@harbour.example": {Code: 554, Text: "refused an email to spam@harbour.example (554 5.1.1 looks like spam)."},
		"busy@harbour.example": {Code: 451, Temporary: true, Text: "temporarily refused an email to busy@harbour.example (451 4.1.1 try later)."},
	} {
		n := sample(mail.Completed)
		n.To = to
		got := refusal(t, send(t.Context(), t, sender, n))
		if got.Code != want.Code || got.Temporary != want.Temporary || got.Server || got.Begun || got.Text != "The mail server "+s.addr+" "+want.Text {
			t.Errorf("%+v", got)
		}
		if err := send(t.Context(), t, sender, sample(mail.Completed)); err != nil {
			t.Errorf("after %s the next mail has trouble: %v", to, err)
		}
	}
	if s.opened() != 1 {
		t.Errorf("%d connections", s.opened())
	}
}

// Some servers take the sender of anybody, and ask for a login with the recipient.
func TestLoginIsAskedForLate(t *testing.T) {
	t.Parallel()
	s := (&sink{rcpt: func(string) error {
		return smtpsim.Reply{Code: 530, Text: "5.7.0 log in first"}
	}}).start(t)
	got := refusal(t, send(t.Context(), t, s.sender(t), sample(mail.Failed)))
	if !got.Server || !got.Temporary || got.Begun || !strings.Contains(got.Text, "requires a user and password in GOLIVE_SMTP_URL") {
		t.Errorf("%+v", got)
	}
}

func TestTroubleWithTheServer(t *testing.T) {
	t.Parallel()
	untrusted := (&sink{tls: "STARTTLS"}).start(t)
	smtps := (&sink{tls: "TLS"}).start(t)
	plain := (&sink{}).start(t)
	login := (&sink{login: true}).start(t)
	sender := (&sink{mailFrom: func() error {
		return smtpsim.Reply{Code: 550, Text: "5.7.1 not your address"}
	}}).start(t)
	for url, want := range map[string]string{
		"smtp://" + rude(t, "") + "?tls=none":                        "doesn't respond like a mail server (EOF)",
		"smtp://" + rude(t, "HTTP/1.1 400 Bad\r\n") + "?tls=none":    "doesn't respond like a mail server",
		"smtp://" + rude(t, "554 go away\r\n") + "?tls=none":         "doesn't respond like a mail server (554 go away)",
		"smtp://127.0.0.1:1?tls=none":                                "can't be reached (dial tcp 127.0.0.1:1: connect: connection refused)",
		untrusted.url(""):                                            "a certificate this machine doesn't trust",
		smtps.url(""):                                                "a certificate this machine doesn't trust",
		"smtp://" + plain.addr:                                       "doesn't support STARTTLS",
		"smtps://" + plain.addr:                                      "failed the TLS handshake",
		"smtp://golive:hunter2@" + plain.addr + "?tls=none":          "supports none of our login methods",
		"smtp://golive:hunter2%20%26%20@" + login.addr + "?tls=none": "rejected the user and password (535 5.7.8 no …)",
		"smtp://" + login.addr + "?tls=none":                         "log in first",
		sender.url(""):                                               "doesn't accept email from golive@example.com (550 5.7.1 not your address)",
	} {
		got := refusal(t, send(t.Context(), t, newSender(t, url), sample(mail.Failed)))
		if !got.Server || got.Begun || !got.Temporary || !strings.Contains(got.Text, want) || strings.Contains(got.Text, "hunter2") {
			t.Errorf("%s: %+v", url, got)
		}
	}
}

// Nobody knows whether the server has such a mail. It is told as trouble, and
// sent again by whoever keeps the outbox; not here, where it would be a second
// one in most cases.
func TestConnectionDiesUnderAMail(t *testing.T) {
	t.Parallel()
	s := &sink{data: func(conn net.Conn) error { return conn.Close() }}
	s.start(t)
	sender := s.sender(t)
	for i := range 3 {
		got := refusal(t, send(t.Context(), t, sender, sample(mail.Failed)))
		if !got.Server || !got.Begun || !got.Unanswered || !got.Temporary || got.Code != 0 {
			t.Errorf("%+v", got)
		}
		if len(s.mails()) != i+1 {
			t.Fatalf("sent %d times", len(s.mails()))
		}
	}
}

func TestNothingIsSentOnceTimeIsOver(t *testing.T) {
	t.Parallel()
	s := (&sink{}).start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := send(ctx, t, s.sender(t), sample(mail.Failed)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}

	ctx, cancel = context.WithCancel(t.Context())
	during := &sink{rcpt: func(string) error { cancel(); return nil }}
	during.start(t)
	if err := send(ctx, t, during.sender(t), sample(mail.Failed)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if len(s.mails())+len(during.mails()) != 0 {
		t.Error("a mail was sent all the same")
	}
}

// watched tells when somebody waits for its end.
type watched struct {
	context.Context
	asked chan struct{}
}

func (w watched) Done() <-chan struct{} {
	w.asked <- struct{}{}
	return w.Context.Done()
}

func TestWaitingForTurnEnds(t *testing.T) {
	t.Parallel()
	inside, goOn := make(chan struct{}), make(chan struct{})
	s := &sink{data: func(net.Conn) error { close(inside); <-goOn; return nil }}
	s.start(t)
	sender := s.sender(t)
	first := make(chan error, 1)
	go func() { first <- send(t.Context(), t, sender, sample(mail.Failed)) }()
	<-inside
	ctx, cancel := context.WithCancel(t.Context())
	waits := watched{ctx, make(chan struct{}, 10)}
	second := make(chan error, 1)
	go func() { second <- send(waits, t, sender, sample(mail.Completed)) }()
	<-waits.asked
	cancel()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(goOn)
	if err := <-first; err != nil {
		t.Error(err)
	}
}

// A stop that comes while the server takes its time leaves no doubt whether the
// mail arrived.
func TestMailUnderWayIsFinished(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := &sink{data: func(net.Conn) error { cancel(); <-ctx.Done(); return nil }}
	s.start(t)
	if err := send(ctx, t, s.sender(t), sample(mail.Failed)); err != nil {
		t.Error(err)
	}
}

func TestIdleConnectionIsClosed(t *testing.T) {
	t.Parallel()
	s := (&sink{}).start(t)
	sender := s.sender(t)
	sender.IdleFor(1)
	for i := range 2 {
		if err := send(t.Context(), t, sender, sample(mail.Failed)); err != nil {
			t.Fatal(err)
		}
		<-s.left
		if s.opened() != i+1 {
			t.Errorf("%d connections", s.opened())
		}
	}
}

func TestCheckSaysWhatIsInUse(t *testing.T) {
	t.Parallel()
	s := (&sink{tls: "STARTTLS", login: true}).start(t)
	says, err := s.sender(t).Check(t.Context())
	if want := s.addr + " is reachable over STARTTLS, and accepts the user and password"; err != nil || says != want {
		t.Errorf("%q, %v", says, err)
	}
	if _, err := newSender(t, "smtp://127.0.0.1:1").Check(t.Context()); err == nil {
		t.Error("nobody answers, and all is well")
	}
}

func TestURLs(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"smtp://mail:587": "", "smtp://mail:25?tls=none": "", "smtps://u:p@mail:465": "", "smtp://u:p%40@[::1]:587?tls=mandatory": "",
		"smtp://mail":                   "must look like",
		"http://mail:25":                "must look like",
		"smtp://golive:hunter2@mail:po": "must look like",
		"smtp://mail:25/inbox":          "must look like",
		"smtp://mail:25?tls=maybe":      "allows only tls=mandatory or tls=none",
		"smtp://mail:25?tsl=none":       "allows only tls=mandatory or tls=none",
		"smtps://mail:465?tls=none":     "always encrypted",
		"smtp://golive@mail:25":         "a user and a password, or neither",
	} {
		err := mail.CheckURL(url)
		switch {
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v", url, err)
		case err != nil && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%s: the password is told", url)
		}
	}
}
