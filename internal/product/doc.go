// Package product owns what was imported from Stripe test, and what of it is in
// live: products with their prices, the links between test and live objects, and
// the live status.
//
// It asks Stripe nothing: package importing reads there, and Arrivals keep what it has read
// until all of it is stored at once. Use cases are methods of Service and ask who acts; the
// functions that take a transaction are for those who asked already.
package product
