package server

import (
	"context"
	"net/http"
	"net/netip"
	"strings"

	"github.com/golive-hq/golive/internal/logid"
)

// proxies are the networks whose word on a request counts: where it comes from, by which
// protocol, and which id it has. Anybody else could say whatever suits them.
type proxies []netip.Prefix

type secureKey struct{}

// locate finds out where a request comes from, before anything else happens to it.
// logid.Remote and network tell the address, isSecure the protocol.
func (p proxies) locate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer := addrOf(r.RemoteAddr)
		ctx := logid.WithRemote(r.Context(), shownAddr(p.origin(peer, r.Header.Values("X-Forwarded-For"))))
		secure := r.TLS != nil
		if p.trusts(peer) {
			secure = secure || strings.EqualFold(lastValue(r.Header.Values("X-Forwarded-Proto")), "https")
		} else {
			r.Header.Del(requestIDHeader)
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(ctx, secureKey{}, secure)))
	})
}

// origin is the first address, seen from us, that no trusted proxy has: each proxy adds
// the one that it was asked from.
func (p proxies) origin(peer netip.Addr, forwarded []string) netip.Addr {
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for i := len(hops) - 1; i >= 0 && p.trusts(peer); i-- {
		hop := addrOf(strings.TrimSpace(hops[i]))
		if !hop.IsValid() {
			break // what the proxy could not tell, nobody can
		}
		peer = hop
	}
	return peer
}

func (p proxies) trusts(addr netip.Addr) bool {
	for _, network := range p {
		if network.Contains(addr) {
			return true
		}
	}
	return false
}

// isSecure tells whether the request came by HTTPS, to us or to a trusted proxy.
func isSecure(ctx context.Context) bool {
	secure, _ := ctx.Value(secureKey{}).(bool)
	return secure
}

// network is whom a limit on a remote address holds for: one IPv4 address, or the /64 that
// one household or machine has of IPv6. Zero where no address is known.
func network(ctx context.Context) netip.Prefix {
	addr := addrOf(logid.Remote(ctx))
	bits := 64
	if addr.Is4() {
		bits = 32
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}

// addrOf reads an address with or without a port; it is not valid where there is none.
func addrOf(text string) netip.Addr {
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		return withPort.Addr().Unmap().WithZone("")
	}
	addr, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap().WithZone("")
}

func shownAddr(addr netip.Addr) string {
	if !addr.IsValid() {
		return ""
	}
	return addr.String()
}

// lastValue is the last of a header's values, which the nearest proxy wrote.
func lastValue(values []string) string {
	all := strings.Join(values, ",")
	return strings.TrimSpace(all[strings.LastIndex(all, ",")+1:])
}
