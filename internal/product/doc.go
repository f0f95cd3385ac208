// Package product owns what was imported from Stripe test, and what of it is in
// live: products with their prices, the links between test and live objects, and
// the live status.
//
// It writes nothing to Stripe and reads there only in Import. Use cases are
// methods of Service and ask who acts; the functions that take a transaction are
// the deployment's, which asked already.
package product
