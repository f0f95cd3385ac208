package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/golive-hq/golive/internal/fault"
)

// files are read for as long as they take: ctx ends them.
var files = &http.Client{Transport: connections()}

// Download copies what is at a path of the API to w. Its error is a *fault.Error where
// the service refuses; where one comes later, w has a part.
func Download(ctx context.Context, c *Client, path string, w io.Writer) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base()+path, http.NoBody)
	if err != nil {
		return fmt.Errorf("GOLIVE_URL: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	res, err := files.Do(req)
	if err != nil {
		return c.unreachable(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return c.refused(res)
	}
	if _, err := io.Copy(w, res.Body); err != nil {
		return fmt.Errorf("the API at %s cut off its response: it %w (%w)", c.base(), ErrUnreachable, err)
	}
	return nil
}

func (c *Client) refused(res *http.Response) error {
	var answer struct {
		Error struct {
			Code    fault.Code
			Message string
		}
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, mostBytes))
	if err != nil || json.Unmarshal(text, &answer) != nil || answer.Error.Message == "" {
		return fmt.Errorf("%s returned status %d: check that GOLIVE_URL points to a Golive API", c.base(), res.StatusCode)
	}
	return fault.New(answer.Error.Code, "%s", answer.Error.Message)
}
