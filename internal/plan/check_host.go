package plan

import (
	"net/netip"
	"strings"
)

// privateSuffixes are names that no public resolver knows.
var privateSuffixes = []string{"localhost", "local", "internal", "lan", "test", "invalid", "home.arpa"}

// tunnelSuffixes are the hosts of tunnels to a developer's machine and of
// inspection bins: public today, gone tomorrow.
var tunnelSuffixes = []string{
	"ngrok.io", "ngrok.app", "ngrok.dev", "ngrok-free.app", "ngrok-free.dev", "ngrok.pizza",
	"trycloudflare.com", "loca.lt", "localtunnel.me", "serveo.net", "localhost.run", "lhr.life",
	"lhr.rocks", "pagekite.me", "webhook.site", "requestbin.com", "smee.io",
}

// sharedAddresses is the range of carrier-grade NAT, which netip does not count
// as private.
var sharedAddresses = netip.MustParsePrefix("100.64.0.0/10")

// privateHost tells that a host name or address cannot be reached from the internet.
func privateHost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if ip, err := netip.ParseAddr(host); err == nil {
		ip = ip.Unmap()
		return !ip.IsGlobalUnicast() || ip.IsPrivate() || sharedAddresses.Contains(ip)
	}
	return !strings.Contains(host, ".") || underAny(host, privateSuffixes)
}

// tunnelHost tells that a host leads to somebody's machine for a while.
func tunnelHost(host string) bool {
	return underAny(strings.ToLower(strings.TrimSuffix(host, ".")), tunnelSuffixes)
}

func underAny(host string, suffixes []string) bool {
	for _, s := range suffixes {
		if host == s || strings.HasSuffix(host, "."+s) {
			return true
		}
	}
	return false
}
