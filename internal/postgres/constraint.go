package postgres

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// ViolatedConstraint returns the name of the constraint that err tells was
// violated (unique, foreign key, check, not null, exclusion), "" for any other
// error. Callers turn the names they know into a fault; the rest are ours.
func ViolatedConstraint(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && strings.HasPrefix(pg.Code, "23") {
		return pg.ConstraintName
	}
	return ""
}

// IsUnique reports whether err is a violation of this unique constraint or
// unique index.
func IsUnique(err error, constraint string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505" && pg.ConstraintName == constraint
}

// IsBadID reports whether Postgres refused a text as the value of another type.
// For a statement whose only such text is an id from a caller, it means that no
// row has this id.
func IsBadID(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "22P02"
}
