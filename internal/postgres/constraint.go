package postgres

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/golive-hq/golive/internal/fault"
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
	return errors.As(err, &pg) && (pg.Code == "22P02" || noText[pg.Code])
}

// noText are the codes with which Postgres refuses characters that it cannot store, in a
// text and in JSON.
var noText = map[string]bool{"22021": true, "22P05": true}

// blamed returns err as INVALID_INPUT where a text was refused: faces refuse such texts
// and name the field, and what slips through them is still no fault of ours.
func blamed(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && noText[pg.Code] && fault.As(err) == nil {
		return fault.Wrap(err, fault.InvalidInput, "A text contains a character that can't be stored, such as U+0000. Remove it and try again.")
	}
	return err
}
