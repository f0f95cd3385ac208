// Package scalar says how the schema's own scalars travel.
package scalar

import (
	"encoding/json"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/localtime"
)

// MarshalDateTime writes an instant as RFC 3339 in UTC, with a fraction only
// where it is not zero.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		_, _ = io.WriteString(w, strconv.Quote(t.UTC().Format(time.RFC3339Nano)))
	})
}

// UnmarshalDateTime reads an instant in RFC 3339, with whatever offset.
func UnmarshalDateTime(v any) (time.Time, error) {
	s, ok := v.(string)
	if !ok {
		return time.Time{}, fault.New(fault.BadRequest, "A DateTime must be a string such as 2026-12-25T09:00:00Z.")
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, fault.New(fault.BadRequest, "%q isn't a valid DateTime. Write it like 2026-12-25T09:00:00Z.", s)
	}
	return t, nil
}

// MarshalLocalDateTime writes a wall-clock reading, which has no offset.
func MarshalLocalDateTime(local localtime.DateTime) graphql.Marshaler {
	return graphql.MarshalString(local.String())
}

// UnmarshalLocalDateTime reads a wall-clock reading, and refuses one with an offset.
func UnmarshalLocalDateTime(v any) (localtime.DateTime, error) {
	s, ok := v.(string)
	if !ok {
		return localtime.DateTime{}, fault.New(fault.BadRequest, "A LocalDateTime must be a string such as 2026-12-25T09:00:00.")
	}
	local, err := localtime.ParseDateTime(s)
	if err != nil {
		return localtime.DateTime{}, fault.Wrap(err, fault.BadRequest, "%v.", err)
	}
	return local, nil
}

// MarshalTimeZone writes the name of a zone.
func MarshalTimeZone(name string) graphql.Marshaler { return graphql.MarshalString(name) }

// UnmarshalTimeZone reads the name of a zone; whether there is such a zone is for the
// service to say.
func UnmarshalTimeZone(v any) (string, error) {
	name, ok := v.(string)
	if !ok {
		return "", fault.New(fault.BadRequest, "A TimeZone must be a string such as Europe/Berlin.")
	}
	return name, nil
}

// MarshalJSON writes any value as JSON.
func MarshalJSON(v any) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		b, err := json.Marshal(v)
		if err != nil {
			// The value came out of JSON columns, so this cannot be the caller's doing.
			b = []byte("null")
		}
		_, _ = w.Write(b)
	})
}

// UnmarshalJSON takes any JSON value as it was decoded.
func UnmarshalJSON(v any) (any, error) { return v, nil }

// MarshalInt writes an integer.
func MarshalInt(i int) graphql.Marshaler { return graphql.MarshalInt(i) }

// UnmarshalInt reads an integer of GraphQL's 32 bits, and refuses what does not
// fit rather than passing on a number that a client could not read back.
func UnmarshalInt(v any) (int, error) {
	i, err := graphql.UnmarshalInt64(v)
	if err != nil {
		return 0, fault.New(fault.BadRequest, "An Int must be a whole number.")
	}
	if i < math.MinInt32 || i > math.MaxInt32 {
		return 0, fault.New(fault.BadRequest, "%d doesn't fit in a 32-bit Int.", i)
	}
	return int(i), nil
}
