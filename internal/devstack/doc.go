// Package devstack is all of Golive in one process, for `golive dev`: Postgres,
// a Stripe simulator, a mail sink, the API, a worker, and a demo tenant. What it
// keeps survives however the process ends.
package devstack
