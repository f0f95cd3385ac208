// Package smtpsim is a mail server for development and tests, as strict as the strictest
// that mails meet outside: what it takes, all take. It delivers nothing.
//
// Libraries for servers forgive what some servers don't: an address without its
// brackets, a name in EHLO that is none, 8-bit text that was not announced. A sender that
// only ever meets such a one looks right until its first customer.
package smtpsim
