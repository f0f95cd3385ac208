package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed" // for the page beside this file
	"encoding/base64"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/logid"
	"github.com/golive-hq/golive/internal/tenant"
)

//go:embed sign_in.html
var signInText string

var (
	signInPage   = template.Must(template.New("sign-in").Parse(signInText))
	signInPolicy = "default-src 'none'; img-src 'self'; style-src 'sha256-" + styleHash(signInText) +
		"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

// styleHash is what a content policy calls the page's style by.
func styleHash(page string) string {
	sum := sha256.Sum256([]byte(regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(page)[1]))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// signing signs people in and out. Its pages are plain forms and links: they work where no
// script does.
type signing struct {
	people *identity.Service
	// session finds out whose session a request has, nil where it has none.
	session func(r *http.Request) whois
	cookies cookies
	// base is where people reach us, without a slash at the end.
	base string
	log  *slog.Logger
	// guesses counts links that are none, and sign-ins that nobody has begun.
	guesses *guesses
	// unavailable turns the database's trouble into UNAVAILABLE.
	unavailable func(error) error
}

// signInView is what the page shows.
type signInView struct {
	Base, Title string
	Lines       []string
	// Form and Link are where its button and its link lead.
	Form, Button, Link, LinkText string
	SignOut                      bool
}

func (s signing) routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /login", s.begin)
	mux.HandleFunc("GET /login/callback", s.unlessGuessing(s.finish))
	mux.HandleFunc("GET /login/welcome", s.welcome)
	mux.HandleFunc("GET /login/link/{secret}", s.unlessGuessing(s.askLink))
	mux.HandleFunc("POST /login/link/{secret}", s.unlessGuessing(s.useLink))
	mux.HandleFunc("POST /logout", s.end)
}

// begin leads straight to the issuer: there is one, and nothing to choose.
func (s signing) begin(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	switch {
	case s.people.Issuer.URL == "":
		if _, err := identity.LocalPath(query.Get("return_to")); err != nil {
			s.refuse(w, r, err)
			return
		}
		s.show(w, http.StatusOK, signInView{Title: "Sign in to Golive", Lines: []string{
			"Nobody has set up a sign-in provider here yet.", "Ask whoever runs Golive for a sign-in link.",
		}})
	case query.Has("signed_out"):
		s.show(w, http.StatusOK, signInView{Title: "You're signed out", Link: "/login", LinkText: "Sign in again"})
	default:
		begun, err := s.people.Begin(r.Context(), query.Get("return_to"), query.Has("other"))
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		s.cookies.setFlow(w, begun.Name, begun.Ticket)
		w.Header().Set("Location", begun.Location)
		w.WriteHeader(http.StatusFound)
	}
}

// finish takes what the issuer sent back by the browser.
func (s signing) finish(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	name := identity.FlowName(query.Get("state"))
	ticket := s.cookies.flow(r, name)
	s.cookies.endFlow(w, name)
	secret, returnTo, err := s.people.Finish(r.Context(), ticket, query, s.browser(r))
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.guesses.giveBack(network(r.Context()))
	s.enter(w, r, secret, returnTo)
}

// enter gives the browser its session. Whoever belongs nowhere learns whom to ask.
func (s signing) enter(w http.ResponseWriter, r *http.Request, secret, returnTo string) {
	s.cookies.setSession(w, secret)
	actor, err := s.people.Authenticate(r.Context(), secret)
	if err == nil && len(actor.Memberships) == 0 {
		returnTo = "/login/welcome"
	}
	s.goTo(w, returnTo)
}

func (s signing) goTo(w http.ResponseWriter, path string) {
	w.Header().Set("Location", s.base+path)
	w.WriteHeader(http.StatusSeeOther)
}

// welcome tells somebody without any membership whom to ask.
func (s signing) welcome(w http.ResponseWriter, r *http.Request) {
	actor, err := s.visitor(r)
	switch {
	case fault.CodeOf(err) == fault.Unauthenticated:
		s.goTo(w, "/login")
	case fault.CodeOf(err) == fault.RateLimited:
		s.turnAway(w, guessesEvery)
	case err != nil:
		s.refuse(w, r, err)
	case len(actor.Memberships) > 0:
		s.goTo(w, "/")
	default:
		view := signInView{Title: "You're signed in, but not a member yet", SignOut: true, Lines: []string{
			actor.Email + " isn't a member of any business here.",
			"Ask an admin of your business to invite this address, then reload this page.",
		}}
		if s.people.Issuer.URL != "" {
			view.Link, view.LinkText = "/login?other", "Use another account"
		}
		s.show(w, http.StatusForbidden, view)
	}
}

// visitor is whose session a request has, UNAUTHENTICATED for nobody's.
func (s signing) visitor(r *http.Request) (tenant.Actor, error) {
	who := s.session(r)
	if who == nil {
		return tenant.Actor{}, tenant.SessionEnded()
	}
	return who(r.Context())
}

// turnAway tells those who have guessed too often how long to wait.
func (s signing) turnAway(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", seconds(wait))
	s.show(w, http.StatusTooManyRequests, signInView{Title: "You're not signed in", Lines: []string{
		"Too many sign-ins from your network didn't work. Try again in " + seconds(wait) + " seconds.",
	}})
}

// unlessGuessing turns whoever tries many links or codes away before anything is asked.
func (s signing) unlessGuessing(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if wait := s.guesses.take(network(r.Context())); wait > 0 {
			s.turnAway(w, wait)
			return
		}
		next(w, r)
	}
}

// askLink changes nothing: programs that look for harmful links follow them all.
func (s signing) askLink(w http.ResponseWriter, r *http.Request) {
	email, err := s.people.LinkFor(r.Context(), r.PathValue("secret"))
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.guesses.giveBack(network(r.Context()))
	s.show(w, http.StatusOK, signInView{
		Title: "Sign in to Golive", Lines: []string{"This link signs you in as " + email + "."},
		Form: "/login/link/" + url.PathEscape(r.PathValue("secret")), Button: "Sign in",
	})
}

func (s signing) useLink(w http.ResponseWriter, r *http.Request) {
	secret, err := s.people.UseLink(r.Context(), r.PathValue("secret"), s.browser(r))
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.guesses.giveBack(network(r.Context()))
	s.enter(w, r, secret, "/")
}

func (s signing) end(w http.ResponseWriter, r *http.Request) {
	_, err := s.visitor(r)
	if err == nil {
		err = s.people.SignOut(r.Context(), s.cookies.session(r))
	}
	switch fault.CodeOf(err) {
	case "", fault.Unauthenticated:
	case fault.RateLimited:
		s.turnAway(w, guessesEvery)
		return
	default:
		s.refuse(w, r, err)
		return
	}
	s.cookies.endSession(w)
	s.goTo(w, "/login?signed_out")
}

func (s signing) browser(r *http.Request) identity.Browser {
	return identity.Browser{Session: s.cookies.session(r), UserAgent: strings.ToValidUTF8(r.UserAgent(), "")}
}

// refuse tells why somebody is not signed in, and notes it.
func (s signing) refuse(w http.ResponseWriter, r *http.Request, err error) {
	view, status := signInView{Title: "You're not signed in"}, http.StatusForbidden
	var refusal *identity.RefusedError
	if errors.As(err, &refusal) {
		view.Lines = []string{refusal.Told}
		// It is noted even where whoever failed doesn't wait for the answer.
		ctx, stop := context.WithTimeout(context.WithoutCancel(r.Context()), doorTime)
		defer stop()
		err = s.people.Failed(ctx, refusal)
	}
	if err != nil {
		s.log.Log(r.Context(), levelOf(err), "sign-in failed", "error", err, "request_id", logid.Request(r.Context()))
		if refusal == nil {
			s.guesses.giveBack(network(r.Context()))
			view.Lines, status = []string{"Something went wrong on our side. Try again later."}, http.StatusInternalServerError
			if fault.CodeOf(s.unavailable(err)) == fault.Unavailable {
				w.Header().Set("Retry-After", retryAfter)
				status = http.StatusServiceUnavailable
			}
		}
	}
	if s.people.Issuer.URL != "" {
		view.Link, view.LinkText = "/login", "Start again"
		if refusal != nil && refusal.Email != "" {
			view.Link, view.LinkText = "/login?other", "Use another account"
		}
	}
	s.show(w, status, view)
}

func (s signing) show(w http.ResponseWriter, status int, view signInView) {
	view.Base = s.base
	var page bytes.Buffer
	if err := signInPage.Execute(&page, view); err != nil {
		http.Error(w, "The page couldn't be shown.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", signInPolicy)
	// Without a referrer browsers would say that a button's request comes from nowhere.
	h.Set("Referrer-Policy", "same-origin")
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes())
}
