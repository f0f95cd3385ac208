package inbox

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
)

// mostOrigins bounds where customers may be sent back to.
const mostOrigins = 20

// isLoopback tells whether an address is this machine.
func isLoopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || strings.HasSuffix(u.Hostname(), ".localhost") || err == nil && ip.IsLoopback()
}

// reachable returns INVALID_STATE where Stripe would send no events to this address: it takes
// https alone, but for a simulator that is on the same machine.
func (s *Service) reachable() error {
	if strings.HasPrefix(s.PublicURL, "https://") || isLoopback(s.PublicURL) && isLoopback(s.StripeBase) {
		return nil
	}
	return fault.New(fault.InvalidState, "Stripe sends events only to https addresses, and GOLIVE_PUBLIC_URL is %s. Set it to an https address that Stripe can reach. "+
		"On a laptop with test keys, use a tunnel's https address; `stripe listen --forward-to %[1]s%s` shows what Stripe sends.", s.PublicURL, HookPath)
}

// checkOrigins returns origins as browsers write them.
func (s *Service) checkOrigins(mode catalog.Mode, origins []string) ([]string, error) {
	if len(origins) > mostOrigins {
		return nil, fault.New(fault.InvalidInput, "There are %d origins, and at most %d are allowed.", len(origins), mostOrigins).At("input", "origins")
	}
	checked := make([]string, 0, len(origins))
	for i, origin := range origins {
		o, ok := s.origin(mode, origin)
		if !ok {
			return nil, fault.New(fault.InvalidInput, "An origin is https:// and a host, such as https://shop.example.com, without a path. "+
				"In test mode, http://localhost:3000 is one, too.").At("input", "origins", strconv.Itoa(i))
		}
		if !slices.Contains(checked, o) {
			checked = append(checked, o)
		}
	}
	return checked, nil
}

// origin takes plain http for the developer's own machine: in test mode, and where Golive
// itself is on it.
func (s *Service) origin(mode catalog.Mode, text string) (string, bool) {
	u, err := url.Parse(strings.TrimSuffix(text, "/"))
	if err != nil || u.Hostname() == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || u.Opaque != "" || len(text) > 300 || strings.HasSuffix(u.Host, ":") || strings.Contains(text, "*") {
		return "", false
	}
	u.Host = strings.ToLower(u.Host)
	switch {
	case u.Scheme == "https":
		u.Host = strings.TrimSuffix(u.Host, ":443")
	case u.Scheme == "http" && isLoopback(text) && (mode == catalog.Test || isLoopback(s.PublicURL)):
		u.Host = strings.TrimSuffix(u.Host, ":80")
	default:
		return "", false
	}
	return u.Scheme + "://" + u.Host, true
}
