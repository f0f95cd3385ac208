// Package migrations embeds the numbered schema changes of Golive.
//
// River's own migrations are pinned among them: see postgres.Migrate.
package migrations

import "embed"

// FS holds NNNNN_name.sql files in goose's format.
//
//go:embed *.sql
var FS embed.FS
