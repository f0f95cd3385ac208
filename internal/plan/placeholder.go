package plan

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
)

// StampPlaceholder stands in a body for the deployment's own stamp, which is filled in
// when the journal is written.
const StampPlaceholder = "{stamp}"

// Ref stands for the live id of a test object that an earlier step creates.
type Ref Object

// String is the placeholder in a body: {price:id}, the id escaped. Ids hold what people
// like, and nothing of it can be read as the placeholder's end or as another field.
func (r Ref) String() string { return "{" + string(r.Resource) + ":" + url.QueryEscape(r.ID) + "}" }

// MarshalJSON is the placeholder in a step's Want: an object, for any text may be an id.
func (r Ref) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{wantRef: r.String()})
}

const wantRef = "placeholder"

var refs = regexp.MustCompile(`\{\w+:[^{}]*\}`)

// UnfilledError tells that nobody knows what a placeholder stands for.
type UnfilledError struct{ Placeholder string }

func (e *UnfilledError) Error() string {
	return "the placeholder " + e.Placeholder + " stands for nothing in live mode"
}

// LiveID finds the live id of a test object; ok is false where it has none (yet).
type LiveID func(Object) (id string, ok bool)

// Fill puts live ids in the place of a body's placeholders. All else in a body is
// escaped, so that a brace is always one. What is not known is an *UnfilledError: sent
// without a value, the field would be cleared.
func Fill(body string, liveID LiveID) (string, error) {
	var filled strings.Builder
	for {
		before, rest, found := strings.Cut(body, "{")
		filled.WriteString(before)
		if !found {
			return filled.String(), nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return "", &UnfilledError{"{" + name}
		}
		id, err := known("{"+name+"}", liveID)
		if err != nil {
			return "", err
		}
		filled.WriteString(url.QueryEscape(id))
		body = after
	}
}

// known is the live id that a placeholder stands for.
func known(placeholder string, liveID LiveID) (string, error) {
	kind, escaped, named := strings.Cut(strings.Trim(placeholder, "{}"), ":")
	testID, err := url.QueryUnescape(escaped)
	if err == nil && named {
		if id, ok := liveID(Object{catalog.Resource(kind), testID}); ok && id != "" {
			return id, nil
		}
	}
	return "", &UnfilledError{placeholder}
}

// FillWant is Fill for a step's Want, new or as it was stored. The default price alone
// can be a placeholder.
func FillWant(want map[string]any, liveID LiveID) (map[string]any, error) {
	b, err := json.Marshal(want)
	if err != nil {
		return nil, err
	}
	filled := map[string]any{}
	if err := json.Unmarshal(b, &filled); err != nil {
		return nil, err
	}
	if placeholder, ok := members(filled["default_price"])[wantRef].(string); ok {
		filled["default_price"], err = known(placeholder, liveID)
	}
	return filled, err
}
