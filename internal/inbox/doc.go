// Package inbox owns what Stripe tells by webhooks: a tenant's endpoint in each mode, the
// events that come in, and the objects that they are about.
//
// An event is a doorbell, and the object is the truth. An event is stored before it is
// answered, and does nothing else but make its object dirty. A job then reads the object
// itself, and whoever owns payments applies the difference (Refresh). So events may come in
// any order, twice, late or never: what counts is the newest read.
//
// It also owns whether a tenant sells in a mode at all: Enabled is what every order and every
// checkout asks in its own transaction.
package inbox
