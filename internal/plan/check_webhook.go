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
		problems = []problem{warning(nil, "There's no live webhook endpoint. Add one if your systems act on payments.")}
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
		p = warning(about, "The live webhook endpoint %s doesn't use https. Change its URL in Stripe.", at)
	case privateHost(u.Hostname()):
		p = warning(about, "The live webhook endpoint %s is on a host Stripe can't reach. Give it a public URL in Stripe.", at)
	case tunnelHost(u.Hostname()):
		p = warning(about, "The live webhook endpoint %s goes through a tunnel to a developer's machine. Point it at your production system in Stripe.", at)
	case w.Status != "enabled":
		p = warning(about, "The live webhook endpoint %s is disabled. Enable it in Stripe.", at)
	case w.APIVersion == "":
		p = warning(about, "The live webhook endpoint %s sends events in the account's default API version. Replace it with one that uses version %s.", at, catalog.APIVersion)
	case w.APIVersion != catalog.APIVersion:
		p = warning(about, "The live webhook endpoint %s sends events in API version %s. Replace it with one that uses version %s.", at, w.APIVersion, catalog.APIVersion)
	default:
		return nil
	}
	return &p
}

// bareURL is an address without what may be secret in it: user, query, fragment.
func bareURL(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "(not a web address)"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
