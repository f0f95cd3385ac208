package smtpsim

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// session is one connection. It reads with raw's deadline, which a test may set.
type session struct {
	rules   Rules
	raw     net.Conn // as it was accepted
	conn    net.Conn // raw, or TLS over it
	r       *bufio.Reader
	ended   bool
	greeted bool
	inside  bool // logged in
	begun   bool // a mail, which RSET or its end ends
	eight   bool // its text was announced as 8BITMIME
	utf8    bool // it was announced as SMTPUTF8
	now     Message
}

func (c *session) use(conn net.Conn) { c.conn, c.r = conn, bufio.NewReader(conn) }

// secure tells whether the connection is encrypted from now on.
func (c *session) secure() bool {
	conn := tls.Server(c.raw, c.rules.TLS)
	if conn.Handshake() != nil { //nolint:noctx // it ends with its connection
		return false
	}
	c.use(conn)
	return true
}

func (c *session) say(code int, lines ...string) {
	var b strings.Builder
	for i, line := range lines {
		between := "-"
		if i == len(lines)-1 {
			between = " "
		}
		fmt.Fprintf(&b, "%d%s%s\r\n", code, between, line)
	}
	if _, err := c.conn.Write([]byte(b.String())); err != nil {
		c.ended = true // its other end has gone
	}
}

func (c *session) run() {
	c.say(220, "sink.example ESMTP")
	for !c.ended {
		line, err := c.line(mostCommand)
		var timeout net.Error
		switch {
		case errors.As(err, &timeout) && timeout.Timeout():
			_ = c.raw.SetDeadline(time.Time{}) // or nothing could be said
			c.say(421, "4.4.2 idle for too long")
			return
		case errors.Is(err, errLine):
			c.say(500, "5.5.2 "+err.Error())
		case err != nil:
			return
		default:
			c.command(line)
		}
	}
}

func (c *session) command(line string) {
	verb, rest, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO", "HELO":
		c.hello(strings.ToUpper(verb), rest)
	case "STARTTLS":
		c.startTLS()
	case "AUTH":
		c.auth(rest)
	case "MAIL":
		c.answer(c.mail(rest))
	case "RCPT":
		c.answer(c.rcpt(rest))
	case "DATA":
		c.data()
	case "RSET":
		c.forget()
		c.say(250, "2.0.0 forgotten")
	case "NOOP":
		c.say(250, "2.0.0 well")
	case "QUIT":
		c.say(221, "2.0.0 bye")
		c.ended = true
	default:
		c.say(502, "5.5.1 what is "+verb+"?")
	}
}

// answer says what came of a command, after a while. 421 is the last word.
func (c *session) answer(err error) {
	time.Sleep(c.rules.Slow) //nolint:forbidigo // to be slow is what is asked for
	var reply Reply
	switch {
	case err == nil:
		reply = Reply{250, "2.0.0 good"}
	case !errors.As(err, &reply):
		reply = Reply{451, "4.0.0 " + err.Error()}
	}
	c.say(reply.Code, reply.Text)
	c.ended = c.ended || reply.Code == 421
}

func (c *session) hello(verb, name string) {
	if !isHello(name) {
		c.say(501, "5.5.2 "+name+" is neither a domain nor an address literal")
		return
	}
	c.greeted = true
	c.forget()
	if verb == "HELO" {
		c.say(250, "sink.example")
		return
	}
	offers := []string{"sink.example", "8BITMIME", fmt.Sprintf("SIZE %d", Most)}
	if c.rules.UTF8 {
		offers = append(offers, "SMTPUTF8")
	}
	if c.rules.TLS != nil && c.conn == c.raw {
		offers = append(offers, "STARTTLS")
	} else if c.rules.User != "" {
		offers = append(offers, "AUTH PLAIN")
	}
	c.say(250, offers...)
}

// startTLS forgets what was said in the clear.
func (c *session) startTLS() {
	if c.rules.TLS == nil || c.conn != c.raw || c.r.Buffered() > 0 {
		c.say(503, "5.5.1 no TLS here and now")
		return
	}
	c.say(220, "2.0.0 go on")
	c.greeted = false
	c.ended = c.ended || !c.secure()
}

func (c *session) auth(rest string) {
	mechanism, initial, _ := strings.Cut(rest, " ")
	if !strings.EqualFold(mechanism, "PLAIN") || !c.greeted || c.rules.User == "" {
		c.say(504, "5.5.4 only PLAIN, after EHLO")
		return
	}
	if initial == "" {
		c.say(334, "")
		initial, _ = c.line(mostText) // what is no line is no password
	}
	given, _ := base64.StdEncoding.DecodeString(initial) // nor is what is no Base64
	if string(given) != "\x00"+c.rules.User+"\x00"+c.rules.Password {
		// As some servers do, it says what it was told.
		words := strings.Split(string(given), "\x00")
		c.say(535, "5.7.8 no "+words[len(words)-1])
		return
	}
	c.inside = true
	c.say(235, "2.7.0 welcome")
}

func (c *session) forget() { c.begun, c.eight, c.utf8, c.now = false, false, false, Message{} }

func (c *session) mail(rest string) error {
	switch {
	case !c.greeted:
		return Reply{503, "5.5.1 say EHLO first"}
	case c.rules.User != "" && !c.inside:
		return Reply{530, "5.7.0 log in first"}
	case c.begun:
		return Reply{503, "5.5.1 one mail at a time"}
	}
	path, parameters, err := splitPath(rest, "FROM:")
	if err != nil {
		return err
	}
	for _, p := range parameters {
		switch p = strings.ToUpper(p); {
		case p == "BODY=8BITMIME":
			c.eight = true
		case p == "SMTPUTF8" && c.rules.UTF8:
			c.utf8 = true
		case p != "BODY=7BIT" && !strings.HasPrefix(p, "SIZE="):
			return Reply{555, "5.5.4 I never offered " + p}
		}
	}
	if err := checkPath(path, c.utf8); err != nil {
		return err
	}
	c.begun, c.now.From = true, path
	if c.rules.Mail == nil {
		return nil
	}
	return c.rules.Mail(path)
}

func (c *session) rcpt(rest string) error {
	if !c.begun {
		return Reply{503, "5.5.1 MAIL comes first"}
	}
	path, parameters, err := splitPath(rest, "TO:")
	if err != nil {
		return err
	}
	if len(parameters) > 0 {
		return Reply{555, "5.5.4 I never offered " + parameters[0]}
	}
	if err := checkPath(path, c.utf8); err != nil {
		return err
	}
	if c.rules.Rcpt != nil {
		if err := c.rules.Rcpt(path); err != nil {
			return err
		}
	}
	c.now.To = append(c.now.To, path)
	return nil
}
