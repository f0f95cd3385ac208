// Package mailbox knows how the address of one mailbox may be spelled.
package mailbox

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// Normal returns the one spelling by which two addresses are compared: ASCII letters
// small, the domain in A-labels. Other letters stay as they are: what is the small form of
// one depends on a language, and İ@example.org is not i@example.org.
func Normal(address string) string { return lower(Wire(address)) }

// Spellings are those under which an address may be stored: as it is spelled now, and as it
// was written, which earlier versions kept.
func Spellings(address string) []string { return []string{Normal(address), address} }

// Readable returns an address with its domain in the letters that people read
// (bücher.example), which earlier versions stored.
func Readable(address string) string {
	at := strings.LastIndex(address, "@")
	domain, err := idna.Lookup.ToUnicode(address[at+1:])
	if err != nil {
		return address
	}
	return address[:at+1] + domain
}

// Wire returns an address as every mail server takes it: the domain in A-labels
// (xn--bcher-kva.example), the mailbox before it untouched. A domain that has none stays.
func Wire(address string) string {
	at := strings.LastIndex(address, "@")
	if at < 0 || IsASCII(address[at:]) {
		return address
	}
	domain, err := idna.Lookup.ToASCII(address[at+1:])
	if err != nil {
		return address
	}
	return address[:at+1] + domain
}

// IsASCII tells whether a server needs no SMTPUTF8 for it.
func IsASCII(address string) bool {
	return !strings.ContainsFunc(address, func(r rune) bool { return r > unicode.MaxASCII })
}

func lower(text string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}
