package server

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/tenant"
)

// cookies are those of sessions and sign-ins. No script reads them, no other website has
// them sent but by a link that a person follows, and over https no other host of the same
// domain can set them (__Host-). Plain http is for this machine: everywhere else they need
// https, and browsers drop them without.
type cookies struct {
	secure bool
}

// cookiesFor are those for the address that browsers know the server by.
func cookiesFor(publicURL string) cookies {
	u, err := url.Parse(publicURL)
	return cookies{secure: err != nil || u.Scheme == "https" || !IsLoopback(u.Hostname())}
}

// IsLoopback tells that a host is this machine. What may go by plain http, and what browsers
// keep of it, must be judged alike.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

const (
	sessionCookie = "golive"
	flowCookie    = "golive-sign-in-"
	flowLasts     = 10 * time.Minute
	sessionLasts  = 14 * 24 * time.Hour
)

// Sessions finds out who the session of a request's cookie belongs to, at any time; nil is
// a request without one. publicURL is the address that browsers know the server by.
func Sessions(people *identity.Service, publicURL string) func(*http.Request) func(context.Context) (tenant.Actor, error) {
	c := cookiesFor(publicURL)
	return func(r *http.Request) func(context.Context) (tenant.Actor, error) {
		secret := c.session(r)
		if secret == "" {
			return nil
		}
		return func(ctx context.Context) (tenant.Actor, error) { return people.Authenticate(ctx, secret) }
	}
}

func (c cookies) named(name string) string {
	if c.secure {
		return "__Host-" + name
	}
	return name
}

func (c cookies) set(w http.ResponseWriter, name, value string, lasts time.Duration) {
	age := int(lasts / time.Second)
	if value == "" {
		age = -1
	}
	http.SetCookie(w, &http.Cookie{
		Name: c.named(name), Value: value, Path: "/", MaxAge: age, Secure: c.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func (c cookies) get(r *http.Request, name string) string {
	cookie, err := r.Cookie(c.named(name))
	if err != nil {
		return ""
	}
	return cookie.Value
}

func (c cookies) setSession(w http.ResponseWriter, secret string) {
	c.set(w, sessionCookie, secret, sessionLasts)
}
func (c cookies) endSession(w http.ResponseWriter)           { c.set(w, sessionCookie, "", 0) }
func (c cookies) session(r *http.Request) string             { return c.get(r, sessionCookie) }
func (c cookies) endFlow(w http.ResponseWriter, name string) { c.set(w, flowCookie+name, "", 0) }
func (c cookies) flow(r *http.Request, name string) string   { return c.get(r, flowCookie+name) }
func (c cookies) setFlow(w http.ResponseWriter, name, ticket string) {
	c.set(w, flowCookie+name, ticket, flowLasts)
}
