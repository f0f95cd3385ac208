package devstack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
)

// free returns an error that names each address that somebody else listens on: all of them,
// before anything is started.
func (o Options) free(ctx context.Context) error {
	api, _ := o.Env("GOLIVE_ADDR")
	worker, _ := o.Env("GOLIVE_WORKER_ADDR")
	admin, _ := o.Env("GOLIVE_ADMIN_ADDR")
	var taken []error
	for _, a := range []struct{ what, addr, choose string }{
		{"the API's", cmp.Or(api, "127.0.0.1:8080"), "GOLIVE_ADDR"},
		{"the worker's", cmp.Or(worker, "127.0.0.1:8081"), "GOLIVE_WORKER_ADDR"},
		{"the API's admin", cmp.Or(admin, "127.0.0.1:9090"), "GOLIVE_ADMIN_ADDR"},
		{"the Stripe simulator's", o.StripeAddr, "--stripe-addr"},
		{"the mail server's", o.MailAddr, "--mail-addr"},
		{"the sign-in's", o.IssuerAddr, "--sign-in-addr"},
	} {
		var c net.ListenConfig
		l, err := c.Listen(ctx, "tcp", a.addr)
		if err == nil {
			err = l.Close()
		}
		if errors.Is(err, syscall.EADDRINUSE) {
			taken = append(taken, fmt.Errorf("%s (%s address) is in use: stop what runs there (is it golive dev? see golive dev --show), or choose another with %s", a.addr, a.what, a.choose))
		}
	}
	return errors.Join(taken...)
}
