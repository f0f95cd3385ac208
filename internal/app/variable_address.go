package app

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/golive-hq/golive/internal/server"
)

// checkAddr takes port 0 too: the system then chooses one that is free, and the
// log says which.
func checkAddr(value string) error {
	_, port, err := net.SplitHostPort(value)
	if n, convErr := strconv.Atoi(port); err != nil || convErr != nil || n < 0 || n > 65535 {
		return fmt.Errorf("must be host:port, such as 127.0.0.1:8080, not %q", value)
	}
	return nil
}

// setURL keeps an http URL without the slash at its end, so that paths can be
// appended.
func setURL(field *string, value string) error {
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || strings.Contains(value, "@") {
		// Not quoted: it may hold credentials.
		return errors.New("must be an http or https URL without credentials or a query, such as https://golive.example.com")
	}
	*field = strings.TrimRight(value, "/")
	return nil
}

// setStripe takes plain http for this machine alone: every call carries a key.
func setStripe(field *string, value string) error {
	if err := setURL(field, value); err != nil {
		return err
	}
	if u, err := url.Parse(value); err != nil || u.Scheme == "http" && !server.IsLoopback(u.Hostname()) {
		return errors.New("must be an https URL: plain http would send Stripe keys in the clear, and is for simulators on this machine only")
	}
	return nil
}

func checkFile(path string) error {
	_, err := readFile(path)
	return err
}

// parseNetworks reads networks and single addresses with commas between them.
func parseNetworks(value string) (networks []netip.Prefix, err error) {
	for part := range strings.SplitSeq(value, ",") {
		part = strings.TrimSpace(part)
		network, err := netip.ParsePrefix(part)
		if addr, addrErr := netip.ParseAddr(part); addrErr == nil {
			network, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("must be networks such as 10.0.0.0/8,fd00::/8, and %q is none", part)
		}
		networks = append(networks, network.Masked())
	}
	return networks, nil
}
