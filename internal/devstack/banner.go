package devstack

import (
	"fmt"
	"strings"
	"time"

	"github.com/golive-hq/golive/internal/app"
)

// banner is what the person reads once everything runs.
type banner struct {
	config  app.Config
	home    *folder
	stripe  *stripe
	sink    *Mail
	db      *database
	demo    *demo
	command string
	time    *Time
}

func (b banner) api() string { return "http://" + reachable(b.config.Addr) }

func (b banner) text() string {
	return fmt.Sprintf(`
Golive is running at %[1]s

  sign in   %[1]s/login as Ada (admin), Dan (deployer) or Vik (viewer), one click
  API       %[1]s (playground: %[1]s/playground)
  metrics   http://%[16]s/metrics (profiles: http://%[16]s/debug/pprof/)
  worker    http://%[2]s/healthz
  Stripe    %[3]s (simulator); account %[4]s, keys %[5]s and %[6]s
  mail      %[1]s/dev/mail shows every email; %[14]s, nothing is sent on
  database  %[15]s
  data      %[7]s
  token     %[8]s
%[13]s
To take "%[9]s" live, run this in another terminal:

  GOLIVE_URL=%[1]s GOLIVE_TOKEN=%[8]s %[10]s go-live %[11]s --yes

or send a mutation:

  curl -s %[1]s/graphql -H 'Authorization: Bearer %[8]s' -H 'Content-Type: application/json' \
    -d '{"query":"mutation { goLive(input: {productId: \"%[12]s\"}) { deployment { id status } userErrors { code message } } }"}'

%[10]s dev --show prints this again. Press Ctrl-C here to stop everything.
`, b.api(), reachable(b.config.WorkerAddr), b.stripe.url, b.stripe.account.ID, b.stripe.account.TestKey, b.stripe.account.LiveKey,
		b.home.path, b.demo.token, b.demo.product.Name, b.command, b.demo.product.StripeProductID, b.demo.product.ID, b.clock(),
		strings.TrimSuffix(b.sink.URL, "?tls=none"), b.db.shown(), reachable(b.config.AdminAddr))
}

// clock is a line where the time is not the real one.
func (b banner) clock() string {
	if b.time == nil {
		return ""
	}
	return fmt.Sprintf(`  clock     started at %s and keeps running: go-lives, reminders and emails use it;
            leases, retries and history use real time; restart without --time to reset it
`, b.time.UTC().Format(time.RFC3339))
}

// reachable is a listening address as somebody on this machine dials it.
func reachable(addr string) string {
	if host, port, found := strings.Cut(addr, ":"); found && (host == "" || host == "0.0.0.0") {
		return "127.0.0.1:" + port
	}
	return addr
}
