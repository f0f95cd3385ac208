package stripesim

import (
	"net/http"
	"regexp"
	"strings"
	"time"
)

type webhook struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	APIVersion    *string           `json:"api_version"`
	Application   *string           `json:"application"`
	Created       int64             `json:"created"`
	Description   *string           `json:"description"`
	EnabledEvents []string          `json:"enabled_events"`
	Livemode      bool              `json:"livemode"`
	Metadata      map[string]string `json:"metadata"`
	// Secret is told once, in the answer to the request that created it.
	Secret string `json:"secret,omitempty"`
	// FailingSince is when it last began to fail; nil is not. It is never told.
	FailingSince *time.Time `json:"_failing_since,omitempty"`
	Status       string     `json:"status"`
	URL          string     `json:"url"`
}

// maxWebhooks per mode is unverified.
const maxWebhooks = 16

// Texts about webhook endpoints, unverified, as is the rule that live needs https. The
// machine's own addresses are let through, unlike at Stripe: here is no one else to reach.
const (
	textWebhookURL   = "Invalid URL: An explicit scheme (such as https) must be provided."
	textWebhookHTTPS = "Invalid URL: URL must be https in live mode."
	textWebhookCount = "You have reached the maximum of %d webhook endpoints."
	textWebhookEvent = "Invalid enabled_events: unknown event type %s"
)

var (
	eventTypePattern  = regexp.MustCompile(`^(\*|[a-z_]+(\.[a-z0-9_]+)+)$`)
	apiVersionPattern = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
)

func webhookRoutes() []*route {
	fields := func() params {
		return params{"description": text(5000), "metadata": metadataParam(), "enabled_events": array(name(0), 0), "url": name(0)}
	}
	creation, update := fields(), fields()
	creation["api_version"], creation["connect"] = name(0), boolean()
	creation["enabled_events"], creation["url"] = creation["enabled_events"].must(), name(0).must()
	update["disabled"] = boolean()
	return []*route{
		{method: "GET", template: "/v1/webhook_endpoints", resource: "webhook_endpoints", answers: targetPlainList, run: listWebhooks, params: listParams(nil)},
		{method: "POST", template: "/v1/webhook_endpoints", resource: "webhook_endpoints", run: createWebhook, params: creation},
		{method: "GET", template: "/v1/webhook_endpoints/{id}", resource: "webhook_endpoints", run: getWebhook},
		{method: "POST", template: "/v1/webhook_endpoints/{id}", resource: "webhook_endpoints", run: updateWebhook, params: update},
		{method: "DELETE", template: "/v1/webhook_endpoints/{id}", resource: "webhook_endpoints", run: deleteWebhook},
	}
}

// public hides the secret, and what Stripe doesn't tell.
func (w webhook) public() webhook {
	w.Secret, w.FailingSince = "", nil
	return w
}

func (o *op) findWebhook() (*webhook, *apiError) {
	w, ok := o.webhooks.get(o.pathID)
	if !ok {
		return nil, o.missing(http.StatusNotFound, nounWebhook, o.pathID, "id")
	}
	return w, nil
}

func getWebhook(o *op) (any, *apiError) {
	w, err := o.findWebhook()
	if err != nil {
		return nil, err
	}
	return w.public(), nil
}

func listWebhooks(o *op) (any, *apiError) {
	return listOf(o, o.webhooks, o.webhooks.all, nounWebhook,
		func(*webhook) bool { return true },
		func(w *webhook, _ expansion) any { return w.public() })
}

func createWebhook(o *op) (any, *apiError) {
	w := &webhook{
		ID: newID("we_1", 23), Object: "webhook_endpoint", APIVersion: orNull(o.in.text("api_version")),
		Created: o.created(), Livemode: o.mode == Live, Secret: newID("whsec_", 32), Status: "enabled",
	}
	if w.APIVersion != nil && !apiVersionPattern.MatchString(*w.APIVersion) {
		return nil, invalid("", "api_version", "Invalid API version: %s", *w.APIVersion)
	}
	if err := o.applyWebhook(w); err != nil {
		return nil, err
	}
	if len(o.webhooks.all) >= maxWebhooks {
		return nil, refused("", textWebhookCount, maxWebhooks)
	}
	o.webhooks.add(w.ID, w.Created, w)
	return *w, nil
}

func updateWebhook(o *op) (any, *apiError) {
	old, err := o.findWebhook()
	if err != nil {
		return nil, err
	}
	w := *old
	if err := o.applyWebhook(&w); err != nil {
		return nil, err
	}
	o.webhooks.replace(w.ID, &w)
	return w.public(), nil
}

func (o *op) applyWebhook(w *webhook) (err *apiError) {
	if w.Metadata, err = o.in.mergeMetadata(w.Metadata); err != nil {
		return err
	}
	o.in.setText("description", &w.Description)
	if o.in.has("url") {
		if err := checkWebhookURL(o.in.text("url"), o.mode); err != nil {
			return err
		}
		w.URL = o.in.text("url")
	}
	if o.in.has("disabled") {
		w.Status = map[bool]string{true: "disabled", false: "enabled"}[o.in.flag("disabled")]
		w.FailingSince = nil
	}
	if !o.in.has("enabled_events") {
		return nil
	}
	w.EnabledEvents = o.in.texts("enabled_events")
	for _, typ := range w.EnabledEvents {
		if !eventTypePattern.MatchString(typ) {
			return invalid("", "enabled_events", textWebhookEvent, typ)
		}
	}
	return nil
}

func checkWebhookURL(url string, mode Mode) *apiError {
	switch {
	case strings.HasPrefix(url, "https://"):
		return nil
	case !strings.HasPrefix(url, "http://"):
		return invalid("url_invalid", "url", textWebhookURL)
	case mode == Live && !loopback(url):
		return invalid("url_invalid", "url", textWebhookHTTPS)
	default:
		return nil
	}
}

func deleteWebhook(o *op) (any, *apiError) {
	w, err := o.findWebhook()
	if err != nil {
		return nil, err
	}
	o.webhooks.remove(w.ID)
	return deleted{ID: w.ID, Object: "webhook_endpoint", Deleted: true}, nil
}
