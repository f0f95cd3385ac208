package client

import (
	"cmp"
	"encoding/json"

	"github.com/golive-hq/golive/internal/fault"
)

// answer is a GraphQL response; a subscription sends one for each result.
type answer struct {
	Data   json.RawMessage
	Errors []failure
}

// failure is a top-level error.
type failure struct {
	Message    string
	Extensions struct {
		Code      fault.Code
		RequestID string
	}
}

// refusal is the first of an answer's errors, nil where there is none.
func refusal(all []failure) error {
	if len(all) == 0 {
		return nil
	}
	text := all[0].Message
	code := cmp.Or(all[0].Extensions.Code, fault.Internal)
	if id := all[0].Extensions.RequestID; id != "" && code == fault.Internal {
		text += " (request " + id + ")" // for whoever runs the service; others say what to do
	}
	return fault.New(code, "%s", text)
}
