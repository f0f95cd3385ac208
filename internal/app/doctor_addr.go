package app

import (
	"context"
	"net"

	"github.com/golive-hq/golive/internal/server"
)

// examineAddresses tells what more than this machine may reach.
func examineAddresses(_ context.Context, cfg Config) []Finding {
	if cfg.AdminAddr == "" || onlyHere(cfg.AdminAddr) {
		return nil
	}
	return []Finding{{"addresses", cfg.AdminAddr + " (GOLIVE_ADMIN_ADDR) shows figures of all tenants, and profiles, " +
		"to everyone who can reach it: keep it off the internet", false}}
}

// onlyHere tells whether nobody but this machine reaches host:port.
func onlyHere(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err == nil && server.IsLoopback(host)
}
