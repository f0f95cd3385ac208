// Package progress lets people watch deployments and imports: it hears a doorbell, reads what is new
// from the tables, once for all who watch the same, and sends it in order. A ring may get
// lost, merge, or come for nothing: whoever looks finds everything.
package progress
