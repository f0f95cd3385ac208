// Package postgres is Golive's way to its database: the pool, transactions,
// migrations, the doorbell between processes, and what a constraint's
// complaint means. SQL of the domain lives in the domain's own stores.
package postgres
