// Package identity finds out who somebody is: it signs people in by OpenID Connect or by
// an operator's link, keeps their sessions, and brings whoever was invited into a tenant.
//
// Issuer and subject say who a person is, ever after. An address counts only where the
// issuer has verified it, and only to find who was meant before anybody had signed in. What
// a person may do is decided in package tenant: identity makes the tenant.Actor of a
// session, as tenant makes that of a token.
package identity
