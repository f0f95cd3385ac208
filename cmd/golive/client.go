package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// api says where the service answers and who asks.
type api struct {
	URL   string `env:"GOLIVE_URL" default:"http://127.0.0.1:8080" help:"Address of the Golive API."`
	Token string `env:"GOLIVE_TOKEN" help:"API token (glt_…); better given by the environment, since arguments show in process lists."`
}

// apiError is a top-level GraphQL error.
type apiError struct {
	Message    string `json:"message"`
	Extensions struct {
		Code      string `json:"code"`
		RequestID string `json:"requestId"`
	} `json:"extensions"`
}

func (e *apiError) Error() string {
	text := plain(e.Message)
	if e.Extensions.RequestID != "" {
		text += " (request " + plain(e.Extensions.RequestID) + ")"
	}
	return text
}

// userError is a problem that the caller can mend.
type userError struct {
	Code    string   `json:"code"`
	Message string   `json:"message"`
	Field   []string `json:"field"`
}

// answers bounds what an API may send.
const answers = 32 << 20

var httpClient = &http.Client{Timeout: 2 * time.Minute} // checks ask Stripe many things

// errUnreachable is wrapped where no answer came, so that it is not known what
// became of the request.
var errUnreachable = errors.New("cannot be reached; is it running, and is GOLIVE_URL its address?")

// call sends one operation and decodes the answer's data.
func (a *api) call(ctx context.Context, operation string, variables map[string]any, data any) error {
	if err := a.check(); err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{"query": operation, "variables": variables})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.base()+"/graphql", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("GOLIVE_URL: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+a.Token)
	res, err := httpClient.Do(req)
	if err != nil {
		return fmt.Errorf("the API at %s %w (%w)", a.base(), errUnreachable, err)
	}
	defer res.Body.Close()
	return a.decode(res, data)
}

func (a *api) check() error {
	if a.Token == "" {
		return errors.New("GOLIVE_TOKEN is not set: an operator makes a token with `golive token create`")
	}
	if u, err := url.Parse(a.URL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("GOLIVE_URL must be an http or https URL, such as https://golive.example.com, not %q", a.URL)
	}
	return nil
}

func (a *api) decode(res *http.Response, data any) error {
	text, err := io.ReadAll(io.LimitReader(res.Body, answers))
	if err != nil {
		return fmt.Errorf("the API at %s broke off its answer: %w (%w)", a.base(), errUnreachable, err)
	}
	answer := struct {
		Data   json.RawMessage `json:"data"`
		Errors []*apiError     `json:"errors"`
	}{}
	if err := json.Unmarshal(text, &answer); err != nil {
		return fmt.Errorf("%s answers with status %d and no GraphQL: is GOLIVE_URL the address of a Golive API?", a.base(), res.StatusCode)
	}
	if len(answer.Errors) > 0 {
		return answer.Errors[0]
	}
	if len(answer.Data) == 0 {
		return fmt.Errorf("the API at %s answers with status %d and nothing", a.base(), res.StatusCode)
	}
	return json.Unmarshal(answer.Data, data)
}

func (a *api) base() string { return strings.TrimRight(a.URL, "/") }
