package smtpsim_test

import (
	"bufio"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/smtpsim"
)

func start(t *testing.T, rules smtpsim.Rules) *smtpsim.Server {
	t.Helper()
	s, err := smtpsim.Start(t.Context(), "127.0.0.1:0", rules)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// client is a connection on which a test says what it likes.
type client struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
}

func dial(t *testing.T, s *smtpsim.Server) *client {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	return &client{t, conn, bufio.NewReader(conn)}
}

// code is the next answer's.
func (c *client) code() string {
	c.t.Helper()
	for {
		line, err := c.r.ReadString('\n')
		if err != nil {
			c.t.Fatal(err)
		}
		if line[3] == ' ' {
			return line[:3]
		}
	}
}

// say writes lines, each with its end, and wants a code for the last of them.
func (c *client) say(text, want string) {
	c.t.Helper()
	if _, err := c.conn.Write([]byte(text)); err != nil {
		c.t.Fatal(err)
	}
	if got := c.code(); got != want {
		c.t.Errorf("%.80q is answered %s, not %s", text, got, want)
	}
}

func TestJudgesCommands(t *testing.T) {
	t.Parallel()
	s := start(t, smtpsim.Rules{PerSecond: 1000})
	long := strings.Repeat("a", 64)
	for text, want := range map[string]string{
		"EHLO mail-1.golive.example":                          "250",
		"EHLO [10.1.2.3]":                                     "250",
		"EHLO [IPv6:fe80::1]":                                 "250",
		"EHLO localhost":                                      "501",
		"EHLO golive_worker_1.example":                        "501",
		"EHLO wörker.example":                                 "501",
		"EHLO " + long + ".example":                           "501",
		"EHLO 10.1.2.3":                                       "501",
		"EHLO [10.1.2.3":                                      "501",
		"EHLO [fe80::1]":                                      "501",
		"EHLO -a.example":                                     "501",
		"EHLO":                                                "501",
		"MAIL FROM:<a@b.example>":                             "503",
		"+MAIL FROM:<a@b.example>":                            "250",
		"+MAIL FROM:<a@b.example> BODY=8BITMIME SIZE=1":       "250",
		"+MAIL FROM:a@b.example":                              "501",
		"+MAIL FROM: <a@b.example>":                           "501",
		"+MAIL FROM:<a@b.example>X":                           "501",
		"+MAIL FROM:<a b@b.example>":                          "501",
		"+MAIL FROM:<a@b_c.example>":                          "501",
		"+MAIL FROM:<a@" + long + ".example>":                 "501",
		"+MAIL FROM:<" + long + "a@b.example>":                "501",
		"+MAIL FROM:<a@b.example> SMTPUTF8":                   "555",
		"+MAIL FROM:<a@b.example> RET=HDRS":                   "555",
		"+MAIL FROM:<ä@b.example>":                            "553",
		"+MAIL FROM:<a@bücher.example>":                       "553",
		"+RCPT TO:<a@b.example>":                              "503",
		"+DATA":                                               "503",
		"+NOOP " + strings.Repeat("a", 600):                   "500",
		"+NOOP\r":                                             "500",
		"+VRFY ada":                                           "502",
		"+AUTH PLAIN AGEAYg==":                                "504",
		"+STARTTLS":                                           "503",
		"+MAIL FROM:<a@b.example>\r\nMAIL FROM:<a@b.example>": "250 503",
	} {
		c := dial(t, s)
		c.code()
		command, greeted := strings.CutPrefix(text, "+")
		if greeted {
			c.say("EHLO [127.0.0.1]\r\n", "250")
		}
		first, second, two := strings.Cut(want, " ")
		c.say(command+"\r\n", first)
		if two && c.code() != second {
			t.Errorf("%q is not answered %s at last", text, second)
		}
		_ = c.conn.Close()
	}
}

func TestJudgesTexts(t *testing.T) {
	t.Parallel()
	got := make(chan smtpsim.Message, 10)
	s := start(t, smtpsim.Rules{Data: func(_ net.Conn, m smtpsim.Message) error { got <- m; return nil }})
	c := dial(t, s)
	c.code()
	c.say("EHLO [127.0.0.1]\r\n", "250")
	for text, want := range map[string]string{
		"Subject: a\r\n\r\n..\r\n":                               "250",
		"Subject: a\r\n\r\n" + strings.Repeat("a", 998) + "\r\n": "250",
		"Subject: a\r\n\r\n" + strings.Repeat("a", 999) + "\r\n": "500",
		"Subject: a\n\r\nb\r\n":                                  "500",
		"Subject: a\r\n\r\nb\rc\r\n":                             "500",
		"Subject: a\r\n\r\nb\x00\r\n":                            "500",
		"Subject: a\r\n\r\nä\r\n":                                "554",
		"Subject: ä\r\n\r\na\r\n":                                "554",
		"8 Subject: a\r\n\r\nä\r\n":                              "250",
		"8 Subject: ä\r\n\r\na\r\n":                              "554",
	} {
		body := ""
		text, eight := strings.CutPrefix(text, "8 ")
		if eight {
			body = " BODY=8BITMIME"
		}
		c.say("MAIL FROM:<a@b.example>"+body+"\r\n", "250")
		c.say("RCPT TO:<c@d.example>\r\n", "250")
		c.say("DATA\r\n", "354")
		c.say(text+".\r\n", want)
		if want == "250" {
			m := <-got
			if expect := strings.Replace(text, "\r\n..\r\n", "\r\n.\r\n", 1); m.From != "a@b.example" || m.To[0] != "c@d.example" || string(m.Data) != expect {
				t.Errorf("%+v", m)
			}
		}
	}
}

func TestTakesSoManyConnectionsASecond(t *testing.T) {
	t.Parallel()
	s := start(t, smtpsim.Rules{PerSecond: 1})
	if first, second := dial(t, s).code(), dial(t, s).code(); first != "220" || second != "421" {
		t.Errorf("%s, %s", first, second)
	}
}
