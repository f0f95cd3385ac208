package devstack

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// addDraft adds to the demo shop a product that is not ready: its checks fail, and say
// what to do. One that is there already, mended or not, stays as it is.
func (s *stripe) addDraft(ctx context.Context) error {
	draft := url.Values{
		"id": {"prod_TastingBox"}, "name": {"Tasting Box"},
		"description": {"Four coffees of the season, in small bags."}, "metadata[team]": {"roastery"},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/v1/products", strings.NewReader(draft.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.account.TestKey)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusBadRequest { // 400: it is there
		return fmt.Errorf("add the draft product: %s", res.Status)
	}
	return nil
}
