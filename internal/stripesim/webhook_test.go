package stripesim_test

import "testing"

func TestWebhookEndpointTellsItsSecretOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.ok("POST", "/v1/webhook_endpoints",
		"url=https://a.example/hook&enabled_events[]=product.created&enabled_events[]=*&api_version=2023-10-16&description=D&metadata[a]=b", b.live())
	a.wants(t, "url", "https://a.example/hook", "enabled_events", "[product.created *]", "api_version", "2023-10-16", "status", "enabled",
		"livemode", "true", "description", "D", "application", "<nil>")
	if secret := a.get("secret"); len(secret) != len("whsec_")+32 {
		t.Errorf("secret is %q", secret)
	}
	path := "/v1/webhook_endpoints/" + a.get("id")
	for _, again := range []reply{
		b.ok("GET", path, "", b.live()),
		b.ok("POST", path, "disabled=true&description=", b.live()),
	} {
		if again.has("secret") {
			t.Errorf("the secret is told again: %s", again.text)
		}
	}
	b.ok("GET", "/v1/webhook_endpoints", "", b.live()).wants(t, "data.0.status", "disabled", "data.0.description", "<nil>", "data.0.secret", "<nil>")
	b.ok("POST", path, "disabled=false&url=https://b.example&enabled_events[]=charge.succeeded", b.live()).wants(t,
		"status", "enabled", "url", "https://b.example", "enabled_events", "[charge.succeeded]")
	b.ok("DELETE", path, "", b.live()).wants(t, "deleted", "true", "object", "webhook_endpoint")
	b.must("GET", path, "", b.live()).isRefusal(t, 404, "code", "resource_missing")
}

func TestWebhookEndpointIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const events = "&enabled_events[]=*"
	b.must("POST", "/v1/webhook_endpoints", "url=http://a.example"+events, b.live()).isRefusal(t, 400, "code", "url_invalid", "message", "https")
	b.ok("POST", "/v1/webhook_endpoints", "url=http://localhost:3000"+events)
	for form, param := range map[string]string{
		"url=a.example" + events:                            "url",
		"url=https://a.example":                             "enabled_events",
		"enabled_events[]=*":                                "url",
		"url=https://a.example&enabled_events[]=Everything": "enabled_events",
		"url=https://a.example&api_version=latest" + events: "api_version",
		"url=https://a.example&status=disabled" + events:    "status",
	} {
		b.refused(400, "POST", "/v1/webhook_endpoints", form, "param", param)
	}
	for range 15 {
		b.ok("POST", "/v1/webhook_endpoints", "url=https://a.example"+events)
	}
	b.refused(400, "POST", "/v1/webhook_endpoints", "url=https://a.example"+events, "message", "maximum of 16")
}
