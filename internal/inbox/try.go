package inbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
)

// triedType is that of events by which Golive tries an endpoint. They are not kept.
const triedType = "golive.tried"

// tryTime bounds one request of Golive's to itself.
const tryTime = 10 * time.Second

// try sends a signed event and a forged one to an endpoint, the way that Stripe's come. Only an
// endpoint that takes the one and refuses the other is of any use.
func (t *turn) try(ctx context.Context, address string) error {
	secrets, err := t.secretsOf(ctx, t.DB, t.TenantID, t.Livemode)
	if err != nil {
		return err
	}
	if len(secrets) == 0 {
		return errors.New("an endpoint has no secret to be tried with")
	}
	status, err := post(ctx, address, secrets[0], tried(t.Livemode))
	if err != nil || status != http.StatusOK {
		return t.unfit("a signed event", status, err)
	}
	status, err = post(ctx, address, "whsec_"+newPath(), tried(t.Livemode))
	if err != nil || status != http.StatusBadRequest {
		return t.unfit("a forged event", status, err)
	}
	return nil
}

func (t *turn) unfit(what string, status int, err error) error {
	if err != nil {
		return fault.Wrap(err, fault.InvalidState, "Golive can't reach its own webhook endpoint below %s%s. "+
			"Check GOLIVE_PUBLIC_URL and what's in front of Golive, such as a proxy, then try again.", t.PublicURL, HookPath)
	}
	return fault.New(fault.InvalidState, "The webhook endpoint below %s%s answered %s with %d. "+
		"Check GOLIVE_PUBLIC_URL and what's in front of Golive, such as a proxy, then try again.", t.PublicURL, HookPath, what, status)
}

func tried(livemode bool) []byte {
	body, _ := json.Marshal(map[string]any{ // it never fails
		"id": "evt_golive_" + uuid.NewString(), "object": "event", "type": triedType, "created": time.Now().Unix(),
		"livemode": livemode, "api_version": catalog.APIVersion, "data": map[string]any{"object": map[string]any{}},
	})
	return body
}

// client follows nobody elsewhere: what is tried is what Stripe would reach, and it doesn't either.
var client = &http.Client{Timeout: tryTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// post sends an event. Its errors don't name the address, which is a secret.
func post(ctx context.Context, address, secret string, body []byte) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, errors.New("the address is none")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Stripe-Signature", sign(secret, body, time.Now()))
	answer, err := client.Do(req)
	var failed *url.Error
	if errors.As(err, &failed) {
		return 0, fmt.Errorf("try a webhook endpoint: %w", failed.Err)
	}
	if err != nil {
		return 0, err
	}
	_, _ = io.CopyN(io.Discard, answer.Body, 1<<10)
	return answer.StatusCode, answer.Body.Close()
}
