package stripegw

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
)

// errNUL is of an object that no database keeps.
var errNUL = errors.New("a text in it contains the character U+0000")

// readObject reads an object of Stripe's, also where something on the way wrote its
// integers as 1E3.
func readObject[T any](raw []byte) (T, error) {
	var object, none T
	if holdsNUL(raw) {
		return none, errNUL
	}
	err := json.Unmarshal(raw, &object)
	if err == nil {
		return object, nil
	}
	object = none
	if json.Unmarshal(catalog.PlainNumbers(raw), &object) == nil {
		return object, nil
	}
	return none, err
}

// holdsNUL tells whether a text in JSON holds U+0000, and not the words for it.
func holdsNUL(raw []byte) bool {
	for {
		i := bytes.Index(raw, []byte(`\u0000`))
		if i < 0 {
			return false
		}
		before := raw[:i]
		if (len(before)-len(bytes.TrimRight(before, `\`)))%2 == 0 {
			return true
		}
		raw = raw[i+1:]
	}
}

// named is what an object is told by where the rest of it cannot be read.
type named struct {
	ID        string `json:"id"`
	Product   string `json:"product"`
	LookupKey string `json:"lookup_key"`
}

func nameOf(raw []byte) (n named) {
	_ = json.Unmarshal(raw, &n) // what is not a text stays empty
	return n
}

// unreadable is an object that Stripe returned, and that nobody can read however often
// it is asked for; "" for why is none.
func unreadable(noun, id, why string) error {
	if why == "" {
		return nil
	}
	return unsound(catalog.KindUnavailable, "Golive can't read the %s %q as Stripe returned it: %s. Change it in Stripe, or report it if it looks right there.", noun, id, why)
}

// unsound is an answer of Stripe's that cannot be, in a sentence for people.
func unsound(kind catalog.ErrorKind, format string, args ...any) *catalog.Error {
	return &catalog.Error{Kind: kind, Status: http.StatusOK, Unsound: true, Message: fmt.Sprintf(format, args...)}
}

// misreading tells which field was of which type, so that somebody can find out why,
// but no value; "" where that is not known.
func misreading(err error) string {
	var field *json.UnmarshalTypeError
	switch {
	case errors.Is(err, errNUL):
		return err.Error()
	case !errors.As(err, &field):
		return ""
	}
	got := field.Value
	if strings.HasPrefix(got, "number ") {
		got = "number" // the number itself follows
	}
	where := ""
	if field.Field != "" {
		where = field.Field + ": "
	}
	return fmt.Sprintf("%sgot %s, want %s", where, got, field.Type.Kind())
}
