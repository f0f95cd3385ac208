// Package journal owns the steps of deployments: what each is to write, as stored before
// anything was written, and what came of it. It knows no deployment but by its id, and
// asks nobody who may act: each note is made in the transaction of a caller who has
// proved that.
package journal
