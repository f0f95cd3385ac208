package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/golive-hq/golive/internal/fault"
)

// Mutate sends the mutation of that name, with its one argument: the contract names
// its type after it, goLive takes a GoLiveInput. selection is what is wanted of the
// payload, and T its shape. What the payload has as userErrors comes back as a
// *fault.Error, the first of them, beside the payload; other errors are those of Do.
func Mutate[T any](ctx context.Context, c *Client, name string, input any, selection string) (payload T, err error) {
	inputType := strings.ToUpper(name[:1]) + name[1:] + "Input"
	data, err := Do[map[string]json.RawMessage](ctx, c,
		`mutation($input: `+inputType+`!) { `+name+`(input: $input) { `+selection+` userErrors { code message field } } }`,
		map[string]any{"input": input})
	if err != nil {
		return payload, err
	}
	var refused struct{ UserErrors []*fault.Error }
	if err := errors.Join(json.Unmarshal(data[name], &refused), json.Unmarshal(data[name], &payload)); err != nil {
		return payload, fmt.Errorf("the API returned an unexpected result of %s: %w", name, err)
	}
	if len(refused.UserErrors) > 0 {
		return payload, refused.UserErrors[0]
	}
	return payload, nil
}
