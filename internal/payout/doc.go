// Package payout explains money: what moved a Stripe balance, what of it was paid out, what
// Stripe took for it, and whether Stripe and Golive agree.
//
// A payout is read when something rings (Refresh), with each balance transaction in it: their
// nets and the residual add up to it, to the unit. Once a night everything that moved the
// balance is read, and the orders of the last days are compared with Stripe (look.go). What
// differs is written down and told; it never goes away unseen.
package payout
