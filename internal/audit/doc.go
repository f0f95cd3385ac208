// Package audit keeps who did what to which object of a tenant.
//
// It owns audit_log, which is append-only: a trigger refuses what its sweep and
// retention don't ask for. An entry is written in the transaction of the change that it
// tells of, so that there is never one without the other. It never decides who may read:
// tenant.Service does.
//
// Each tenant's entries are a chain: every one has a number, and an HMAC over itself and
// over the HMAC before it, under a key of the tenant's own. That key lies sealed in
// audit_heads, beside the chain's end, so that it stays the same, and old entries
// verifiable, however often the sealing keys change. Whoever can write to the database
// and has no sealing keys can change nothing, and take nothing away but from the end,
// without Verify telling where; and from the end only what no anchor (Anchor) has named.
// They can leave entries for the sweep to chain, which Verify therefore counts (late).
//
// The end is locked, and written, as the last thing in a transaction (postgres.Last), so
// that a tenant's changes wait for each other's commit and for nothing else. Who has no
// sealing keys, commands of operators and workers of earlier versions among them, leaves
// entries without a number; a worker's sweep chains them within seconds.
//
// No address of a person is in a chained entry: an alias stands for it (alias.go), which
// is signed with the chain's key and may be forgotten without changing the entry, where
// another entry says so.
//
// Whoever opens a pool in which something is recorded says whether it is chained at once:
// Chain.Attach or LeaveUnchained.
package audit
