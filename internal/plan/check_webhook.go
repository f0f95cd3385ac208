package plan

import (
	"net/url"

	"github.com/golive-hq/golive/internal/catalog"
)

func checkWebhookEndpoint(e *Evidence) Result {
	var problems []problem
	for _, w := range e.Webhooks.Value {
		p := webhookProblem(w)
		if p == nil {
			return passed("A live webhook endpoint is ready at %s.", bareURL(w.URL))
		}
		problems = append(problems, *p)
	}
	if problems == nil {
		problems = []problem{warning(nil, "There is no live webhook endpoint, so add one if your systems act on payments.")}
	}
	return verdict(Result{}, problems)
}

// webhookProblem tells why events would not arrive as the systems behind the
// endpoint expect them, nil where they would.
func webhookProblem(w catalog.WebhookEndpoint) *problem {
	at := bareURL(w.URL)
	about := map[string]any{"webhookEndpoint": w.ID, "url": at, "apiVersion": w.APIVersion}
	var p problem
	u, err := url.Parse(w.URL)
	switch {
	case err != nil || u.Scheme != "https":
		p = warning(about, "The live webhook endpoint %s is not on https, so change its address in Stripe.", at)
	case privateHost(u.Hostname()):
		p = warning(about, "The live webhook endpoint %s is on a host that Stripe cannot reach, so give it a public address in Stripe.", at)
	case tunnelHost(u.Hostname()):
		p = warning(about, "The live webhook endpoint %s leads through a tunnel to a developer's machine, so give it the address of your production system in Stripe.", at)
	case w.Status != "enabled":
		p = warning(about, "The live webhook endpoint %s is not enabled, so enable it in Stripe.", at)
	case w.APIVersion == "":
		p = warning(about, "The live webhook endpoint %s sends events in the account's default API version, so replace it by one of version %s.", at, catalog.APIVersion)
	case w.APIVersion != catalog.APIVersion:
		p = warning(about, "The live webhook endpoint %s sends events in API version %s, so replace it by one of version %s.", at, w.APIVersion, catalog.APIVersion)
	default:
		return nil
	}
	return &p
}

// bareURL is an address without what may be secret in it: user, query, fragment.
func bareURL(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "(no web address)"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
