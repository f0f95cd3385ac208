// Package oidcsim is an OpenID Connect issuer for development and tests: it signs in
// whoever is chosen on its page, without a password. It keeps to the letter otherwise: codes
// hold once and for a minute, for the redirect address, the client and the PKCE challenge
// that they were asked with. It imports nothing of ours.
package oidcsim
