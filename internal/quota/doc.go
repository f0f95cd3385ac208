// Package quota bounds how often somebody may ask for what costs others, such as calls to
// Stripe: exactly, and for all processes together, in Postgres.
package quota
