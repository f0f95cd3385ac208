package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/logid"
)

// located is the context of a request with those headers, behind these proxies.
func located(t *testing.T, trusted []string, peer string, header http.Header) (ctx context.Context, w *httptest.ResponseRecorder) {
	t.Helper()
	var networks proxies
	for _, text := range trusted {
		networks = append(networks, netip.MustParsePrefix(text))
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.RemoteAddr, r.Header = peer, header
	w = httptest.NewRecorder()
	networks.locate(identify(secure(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { ctx = r.Context() })))).ServeHTTP(w, r)
	return ctx, w
}

// Only trusted proxies are believed, each for the one before it.
func TestRemoteAddress(t *testing.T) {
	t.Parallel()
	ours := []string{"10.0.0.0/8", "fd00::/8"}
	for name, c := range map[string]struct {
		trusted   []string
		peer      string
		forwarded []string
		want      string
	}{
		"nobody trusted":       {nil, "203.0.113.7:1234", []string{"198.51.100.1"}, "203.0.113.7"},
		"not a proxy":          {ours, "203.0.113.7:1234", []string{"198.51.100.1"}, "203.0.113.7"},
		"a proxy":              {ours, "10.0.0.1:1234", []string{"198.51.100.1"}, "198.51.100.1"},
		"a proxy over IPv6":    {ours, "[fd00::1]:1234", []string{"2001:db8::1"}, "2001:db8::1"},
		"mapped":               {ours, "[::ffff:10.0.0.1]:1234", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		"with ports":           {ours, "10.0.0.1:1234", []string{"198.51.100.1:99"}, "198.51.100.1"},
		"in brackets":          {ours, "10.0.0.1:1234", []string{"[2001:db8::1]:99"}, "2001:db8::1"},
		"two proxies":          {ours, "10.0.0.1:1234", []string{"198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
		"in two headers":       {ours, "10.0.0.1:1234", []string{"198.51.100.1", "10.0.0.2"}, "198.51.100.1"},
		"forged in front":      {ours, "10.0.0.1:1234", []string{"192.0.2.1, 198.51.100.1"}, "198.51.100.1"},
		"forged as a proxy":    {ours, "10.0.0.1:1234", []string{"192.0.2.1, 10.9.9.9, 198.51.100.1"}, "198.51.100.1"},
		"garbage":              {ours, "10.0.0.1:1234", []string{"unknown"}, "10.0.0.1"},
		"garbage in front":     {ours, "10.0.0.1:1234", []string{"<script>, 10.0.0.2"}, "10.0.0.2"},
		"a proxy asks itself":  {ours, "10.0.0.1:1234", nil, "10.0.0.1"},
		"a zone":               {ours, "[fe80::1%eth0]:1234", nil, "fe80::1"},
		"no address of IP":     {ours, "@", []string{"198.51.100.1"}, ""},
		"nothing but proxies":  {ours, "10.0.0.1:1234", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		"spaces and emptiness": {ours, "10.0.0.1:1234", []string{" , 198.51.100.1 "}, "198.51.100.1"},
	} {
		header := http.Header{"X-Forwarded-For": c.forwarded}
		ctx, _ := located(t, c.trusted, c.peer, header)
		if got := logid.Remote(ctx); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// A limit holds for what one person can change of an address.
func TestNetworks(t *testing.T) {
	t.Parallel()
	for remote, want := range map[string]string{
		"203.0.113.7": "203.0.113.7/32", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "": "invalid Prefix",
	} {
		if got := network(logid.WithRemote(t.Context(), remote)).String(); got != want {
			t.Errorf("%q: %s, want %s", remote, got, want)
		}
	}
}

// The protocol and the request's id are a trusted proxy's to say, too.
func TestProxiesTellProtocolAndRequest(t *testing.T) {
	t.Parallel()
	header := http.Header{"X-Forwarded-Proto": {"https"}, "X-Request-Id": {"trace-1"}}
	for peer, believed := range map[string]bool{"10.0.0.1:1": true, "203.0.113.7:1": false} {
		ctx, w := located(t, []string{"10.0.0.0/8"}, peer, header.Clone())
		if isSecure(ctx) != believed || (w.Header().Get("Strict-Transport-Security") != "") != believed {
			t.Errorf("%s: secure is %t, %v", peer, isSecure(ctx), w.Header())
		}
		if id := w.Header().Get("X-Request-Id"); id == "" || (id == "trace-1") != believed || id != logid.Request(ctx) {
			t.Errorf("%s: request %q", peer, id)
		}
	}
	if ctx, _ := located(t, []string{"10.0.0.0/8"}, "10.0.0.1:1", http.Header{"X-Forwarded-Proto": {"https, http"}}); isSecure(ctx) {
		t.Error("the nearest proxy was asked by http")
	}
}

// Ten wrong secrets at once, then one each six seconds, whoever else guesses, and no debt
// beyond that.
func TestGuessesAreBounded(t *testing.T) {
	t.Parallel()
	now := time.Unix(1e9, 0)
	g := newGuesses(1)
	g.now = func() time.Time { return now }
	here, there := netip.MustParsePrefix("203.0.113.7/32"), netip.MustParsePrefix("2001:db8::/64")
	made := 0
	for range 100 {
		if g.take(here) == 0 {
			made++
		}
	}
	if wait := g.take(here); made != guessesAtOnce || wait != guessesEvery || g.take(there) != 0 {
		t.Errorf("%d guesses, then %v", made, wait)
	}
	now = now.Add(guessesEvery)
	if g.take(here) != 0 || g.take(here) == 0 {
		t.Error("nothing is forgiven in time, or too much")
	}
	for i := range 2 * bucketsAtOnce {
		g.take(netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 32))
	}
	if len(g.empty) > bucketsAtOnce {
		t.Errorf("%d networks are remembered", len(g.empty))
	}
}

// What is known is found however much was guessed, one after the other; what is right is no
// guess.
func TestGuessersKeepNothingFromOthers(t *testing.T) {
	t.Parallel()
	g, ctx := newGuesses(1), logid.WithRemote(t.Context(), "203.0.113.7")
	known := func(context.Context) error { return nil }
	unknown := func(context.Context) error { return fault.New(fault.NotFound, "") }
	for range 3 * guessesAtOnce {
		if wait, err := g.look(ctx, fault.NotFound, known); wait != 0 || err != nil {
			t.Fatalf("one who never guesses waits %v: %v", wait, err)
		}
	}
	if len(g.empty) != 0 {
		t.Errorf("%v are remembered", g.empty)
	}
	for range 3 * guessesAtOnce {
		_, _ = g.look(ctx, fault.NotFound, unknown)
	}
	if wait, err := g.look(ctx, fault.NotFound, unknown); wait == 0 || fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a guesser waits %v: %v", wait, err)
	}
	_, err := g.look(ctx, fault.NotFound, func(context.Context) error {
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := g.look(gone, fault.NotFound, known); fault.CodeOf(err) != fault.RateLimited {
			t.Errorf("a second at once: %v", err)
		}
		return nil
	})
	if err != nil || len(g.line) != 0 {
		t.Errorf("what is known: %v, %d in line", err, len(g.line))
	}
}

// However a path with a secret is written, the log does not have the secret.
func TestLoggablePathsHoldNoSecret(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/calendar/SECRET.ics": "/calendar/…", "//calendar/SECRET": "/calendar/…", "/x/../calendar/SECRET": "/calendar/…",
		"/./calendar//SECRET": "/calendar/…", "calendar/SECRET": "/calendar/…", "/tools/golive/calendar/SECRET": "/tools/golive/calendar/…",
		"/Calendar/SECRET": "/Calendar/…", "/calendar/SECRET/../..": "/", "//unsubscribe/SECRET": "/unsubscribe/…", "/graphql": "/graphql",
		"/hooks/stripe/SECRET": "/hooks/stripe/…", "/tools/golive//hooks/./stripe/SECRET": "/tools/golive/hooks/stripe/…", "/Hooks/Stripe/SECRET": "/Hooks/Stripe/…",
	} {
		if got := loggable(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
