// Package importing reads what a tenant has in Stripe test, page by page, and hands it to
// package product once it has all of it. One import of a tenant runs at a time, by a job of
// a queue of its own, so that imports keep no deployment waiting.
//
// The row says how far an import has come: whichever worker takes it over goes on from the
// last page stored. Its owner has a lease and an epoch that fences out every earlier one, so
// that each page, and the end, is written once.
package importing
