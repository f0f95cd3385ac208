package smtpsim

import (
	"net/netip"
	"strings"
	"unicode"
)

// isHello tells whether EHLO may say that (RFC 5321, 4.1.1.1 and 4.1.3): a domain of two
// labels or more, or the address that the client has, in brackets.
func isHello(name string) bool {
	if literal, bracket := strings.CutPrefix(name, "["); bracket {
		return isLiteral(literal)
	}
	labels := strings.Split(name, ".")
	last := labels[len(labels)-1]
	return len(labels) > 1 && isDomain(name) && strings.Trim(last, "0123456789") != ""
}

// isLiteral takes an address literal without its first bracket.
func isLiteral(text string) bool {
	text, closed := strings.CutSuffix(text, "]")
	text, six := strings.CutPrefix(text, "IPv6:")
	addr, err := netip.ParseAddr(text)
	return err == nil && closed && addr.Zone() == "" && addr.Is6() == six
}

// isDomain wants letters, digits and hyphens.
func isDomain(name string) bool {
	if len(name) > 255 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		other := strings.Trim(label, "-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
		if label == "" || len(label) > 63 || other != "" || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	return true
}

// splitPath takes what follows MAIL or RCPT: FROM:<path>, without a blank before it.
func splitPath(rest, word string) (path string, parameters []string, err error) {
	bad := Reply{501, "5.5.4 syntax: " + word + "<address>"}
	if len(rest) < len(word) || !strings.EqualFold(rest[:len(word)], word) {
		return "", nil, bad
	}
	rest, opened := strings.CutPrefix(rest[len(word):], "<")
	path, rest, closed := strings.Cut(rest, ">")
	if !opened || !closed || rest != "" && rest[0] != ' ' {
		return "", nil, bad
	}
	return path, strings.Fields(rest), nil
}

// checkPath takes an address without quoted parts, which we never have.
func checkPath(path string, utf8 bool) error {
	local, domain, _ := strings.Cut(path, "@")
	switch {
	case !utf8 && !isASCII(path):
		return Reply{553, "5.6.7 an address is ASCII without SMTPUTF8"}
	case len(path) > 254 || len(local) > 64 || !isLocal(local):
		return Reply{501, "5.1.3 no address: " + path}
	case !isDomain(strings.Map(plain(utf8), domain)):
		return Reply{501, "5.1.3 no domain: " + domain}
	default:
		return nil
	}
}

// isLocal tells whether it is a dot-atom.
func isLocal(local string) bool {
	for atom := range strings.SplitSeq(local, ".") {
		strange := strings.ContainsFunc(atom, func(r rune) bool {
			return r <= ' ' || r == unicode.MaxASCII || strings.ContainsRune(`()<>[]:;@\,"`, r)
		})
		if atom == "" || strange {
			return false
		}
	}
	return true
}

// plain lets letters of any script pass for one of ours where they may.
func plain(utf8 bool) func(rune) rune {
	return func(r rune) rune {
		if utf8 && r > unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsMark(r)) {
			return 'x'
		}
		return r
	}
}

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII })
}
