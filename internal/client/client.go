// Package client speaks to Golive's GraphQL API: queries and mutations by POST,
// subscriptions by graphql-transport-ws.
//
// What the service says is wrong comes back as a *fault.Error, with the code and
// the sentence that the service gave it. Every other error is about the way there:
// no answer, a broken connection, somebody else's answer. Their sentences are for
// whoever runs the command line, and name its variables GOLIVE_URL and GOLIVE_TOKEN.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Client is one API as the holder of one token sees it. It may be copied, and used
// by many at once.
type Client struct {
	// URL is where the API answers, such as https://golive.example.com; slashes at
	// its end do not count.
	URL string
	// Token is the API token: glt_….
	Token string
}

// ErrUnreachable is wrapped where no answer came, so that it is not known what
// became of the request.
var ErrUnreachable = errors.New("can't be reached; check that it's running and that GOLIVE_URL is correct")

// mostBytes bounds what an API may send in one answer.
const mostBytes = 32 << 20

// web keeps enough connections for hundreds of callers at once. An import answers once it has
// ended, within five minutes.
var web = &http.Client{Timeout: 5*time.Minute + 10*time.Second, Transport: connections()}

func connections() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 0, 256
	return t
}

// request is an operation as it travels, by POST and by subscribe.
type request struct {
	Query     string         `json:"query"`
	Variables map[string]any `json:"variables"`
}

// Do sends a query or a mutation. T is the shape of the answer's data: a struct
// with a field for each root field of the operation. Its error is a *fault.Error
// where the service refuses, and wraps ErrUnreachable where no answer came.
func Do[T any](ctx context.Context, c *Client, query string, variables map[string]any) (data T, err error) {
	status, text, err := c.post(ctx, request{query, variables})
	if err != nil {
		return data, err
	}
	var a answer
	if json.Unmarshal(text, &a) != nil {
		return data, fmt.Errorf("%s returned status %d without a GraphQL response: check that GOLIVE_URL points to a Golive API", c.base(), status)
	}
	if err := refusal(a.Errors); err != nil {
		return data, err
	}
	if len(a.Data) == 0 {
		return data, fmt.Errorf("the API at %s returned status %d with no data", c.base(), status)
	}
	return data, json.Unmarshal(a.Data, &data)
}

func (c *Client) post(ctx context.Context, r request) (status int, text []byte, err error) {
	body, err := json.Marshal(r)
	if err != nil {
		return 0, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base()+"/graphql", bytes.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("GOLIVE_URL: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.Token)
	res, err := web.Do(req)
	if err != nil {
		return 0, nil, c.unreachable(err)
	}
	defer res.Body.Close()
	text, err = io.ReadAll(io.LimitReader(res.Body, mostBytes))
	if err != nil {
		return 0, nil, fmt.Errorf("the API at %s cut off its response: it %w (%w)", c.base(), ErrUnreachable, err)
	}
	return res.StatusCode, text, nil
}

func (c *Client) base() string { return strings.TrimRight(c.URL, "/") }

func (c *Client) unreachable(cause error) error {
	return fmt.Errorf("the API at %s %w (%w)", c.base(), ErrUnreachable, cause)
}
