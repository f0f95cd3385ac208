package mail

import (
	"net"
	"net/netip"
	"os"
	"strings"
)

// nameFor is what EHLO says over a connection: this machine's name, where it is a full
// one, else the connection's own address, which the protocol takes in place of a name
// (RFC 5321, 4.1.4). Containers and laptops have names that strict servers refuse.
func nameFor(conn net.Conn) string {
	host, _ := os.Hostname() // "" is no domain
	return helloName(host, conn.LocalAddr())
}

func helloName(host string, local net.Addr) string {
	if isDomain(host) {
		return host
	}
	return literal(local)
}

// literal is an address as the protocol writes it.
func literal(of net.Addr) string {
	at, err := netip.ParseAddrPort(of.String())
	if err != nil {
		return "[127.0.0.1]" // a connection of a test
	}
	addr := at.Addr().Unmap().WithZone("")
	if addr.Is4() {
		return "[" + addr.String() + "]"
	}
	return "[IPv6:" + addr.String() + "]"
}

// isDomain tells whether a name is one that can be looked up: two labels or more, of
// letters, digits and hyphens, and none that every machine has.
func isDomain(name string) bool {
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if !isLabel(label) {
			return false
		}
	}
	last := strings.ToLower(labels[len(labels)-1])
	return len(labels) > 1 && len(name) <= 255 && strings.Trim(last, "0123456789") != "" &&
		last != "localhost" && last != "localdomain" && last != "local"
}

func isLabel(label string) bool {
	other := strings.Trim(label, "-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
	return label != "" && len(label) <= 63 && other == "" && label[0] != '-' && label[len(label)-1] != '-'
}
