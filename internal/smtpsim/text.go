package smtpsim

import (
	"bufio"
	"bytes"
	"errors"
	"strings"
)

// How many bytes a line may have, its end among them (RFC 5321, 4.5.3.1). The options of
// MAIL lengthen a command.
const (
	mostCommand = 512 + 26
	mostText    = 1000
)

// errLine is a line that is none; what follows can still be read.
var errLine = errors.New("a line ends with CR LF, holds neither alone, and is not too long")

// line reads one to its end, without that.
func (c *session) line(most int) (string, error) {
	var line []byte
	for {
		part, err := c.r.ReadSlice('\n')
		if len(line) <= most {
			line = append(line, part...)
		}
		if err == nil {
			break
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return "", err
		}
	}
	text, ended := strings.CutSuffix(string(line), "\r\n")
	if !ended || len(line) > most || strings.ContainsAny(text, "\r\n\x00") {
		return text, errLine
	}
	return text, nil
}

// data takes a mail's text, and says at its end what is wrong with it.
func (c *session) data() {
	if len(c.now.To) == 0 {
		c.say(503, "5.5.1 nobody gets it")
		return
	}
	c.say(354, "go on, and end with a dot")
	var text bytes.Buffer
	var wrong error
	for {
		line, err := c.line(mostText)
		if errors.Is(err, errLine) {
			wrong = Reply{500, "5.6.0 " + err.Error()}
		} else if err != nil {
			return
		}
		if line == "." {
			break
		}
		if text.Len() < Most {
			text.WriteString(strings.TrimPrefix(line, ".") + "\r\n")
		}
	}
	if wrong == nil {
		wrong = c.checkText(text.Bytes())
	}
	m := c.now
	m.Data = text.Bytes()
	if wrong == nil && c.rules.Data != nil {
		wrong = c.rules.Data(c.raw, m)
	}
	c.answer(wrong)
	if wrong == nil && c.rules.Answered != nil {
		c.rules.Answered(m)
	}
	c.forget()
}

// checkText wants what was announced, and nothing else.
func (c *session) checkText(text []byte) error {
	header, _, _ := bytes.Cut(text, []byte("\r\n\r\n"))
	switch {
	case len(text) >= Most:
		return Reply{552, "5.3.4 too much"}
	case !isASCII(string(header)) && !c.utf8:
		return Reply{554, "5.6.7 a header is ASCII without SMTPUTF8"}
	case !isASCII(string(text)) && !c.eight:
		return Reply{554, "5.6.1 8-bit text that was not announced"}
	default:
		return nil
	}
}
