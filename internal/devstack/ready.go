package devstack

import (
	"context"
	"net/http"
	"time"
)

// awaitReady waits until the process at addr can do its work; it returns false
// where ctx ends first.
func awaitReady(ctx context.Context, addr string) bool {
	client := &http.Client{Timeout: 5 * time.Second}
	for {
		if ready(ctx, client, "http://"+reachable(addr)+"/readyz") {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func ready(ctx context.Context, client *http.Client, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	res, err := client.Do(req)
	if err != nil {
		return false
	}
	return res.Body.Close() == nil && res.StatusCode == http.StatusOK
}
