package server

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/logid"
	"github.com/golive-hq/golive/internal/tenant"
)

// refusal answers a request that is not carried out, in the manner of its route.
type refusal func(w http.ResponseWriter, r *http.Request, status int, e *fault.Error)

// bearer finds out who is calling: by a token, or by the session of a browser.
type bearer struct {
	authenticate func(ctx context.Context, token string) (tenant.Actor, error)
	// session is of a request's cookie; nil where nobody signs in.
	session func(r *http.Request) whois
	cookies cookies
	rights  *tenant.Rights
	guesses *guesses
	limits  limits
	log     *slog.Logger
	// unavailable turns the database's trouble into UNAVAILABLE.
	unavailable func(error) error
}

func newBearer(c Config) bearer {
	return bearer{
		authenticate: c.API.Tenants.Authenticate, session: c.Session, cookies: cookiesFor(c.PublicURL),
		rights: c.Rights, guesses: newGuesses(strangersAtOnce), limits: newLimits(c.API.Rates), log: c.Log, unavailable: c.unavailable,
	}
}

// whois finds out, at any time, who somebody is by what they have shown:
// UNAUTHENTICATED where that holds no longer.
type whois = func(ctx context.Context) (tenant.Actor, error)

// doorTime is how long it may take to find out who is calling. The door has few connections:
// those who send one wrong token or cookie after the other share two of them, strangersAtOnce.
const (
	doorTime        = 10 * time.Second
	strangersAtOnce = 2
)

// shown is what a request shows of whoever asks: its Authorization header, else the
// session of its cookie, nil for nothing. Of requests that change something only those
// from our own pages get here (wrap).
func (b bearer) shown(r *http.Request) whois {
	if header := r.Header.Get("Authorization"); header != "" {
		return b.identified(header)
	}
	return b.bySession(r)
}

// bySession is by the session of a request's cookie, nil for none.
func (b bearer) bySession(r *http.Request) whois {
	if b.session == nil {
		return nil
	}
	who := b.session(r)
	if who == nil {
		return nil
	}
	return b.guarded(who)
}

// guarded keeps those who show one wrong secret after the other from taking the whole door.
func (b bearer) guarded(who whois) whois {
	return func(ctx context.Context) (actor tenant.Actor, err error) {
		ctx, cancel := context.WithTimeout(ctx, doorTime)
		defer cancel()
		_, err = b.guesses.look(ctx, fault.Unauthenticated, func(ctx context.Context) (err error) {
			actor, err = who(ctx)
			return err
		})
		return actor, err
	}
}

// require refuses a bad token or session at the door, and requests beyond their rate, before
// they are read. A request without a credential goes on, for some things need none; the
// domain refuses the rest. The cookie of a session that has
// ended stays: by the time the answer arrives another tab may have set a new one.
func (b bearer) require(next http.Handler, refuse refusal) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked := time.Now()
		ctx, err := b.counted(r)
		switch fault.CodeOf(err) {
		case "":
			b.whileAllowed(w, r.WithContext(ctx), asked, next, refuse)
		case fault.Unauthenticated:
			refuse(w, r, http.StatusUnauthorized, fault.As(err))
		case fault.Unavailable, fault.RateLimited:
			refuse(w, r, statusOf(fault.CodeOf(err)), fault.As(err))
		default:
			b.log.Log(r.Context(), levelOf(err), "could not check token", "error", err, "request_id", logid.Request(r.Context()))
			refuse(w, r, http.StatusInternalServerError, fault.New(fault.Internal, "We couldn't check your token. Try again."))
		}
	})
}

// counted returns the request's context with who is calling, once it has counted as a
// request of theirs.
func (b bearer) counted(r *http.Request) (context.Context, error) {
	who := b.shown(r)
	if who == nil {
		return r.Context(), b.limits.rates.Anonymous(addressOf(r))
	}
	credential := credentialOf(r)
	if err := b.limits.spent(credential); err != nil {
		return r.Context(), err
	}
	ctx, err := b.actor(r.Context(), who)
	if err != nil {
		return ctx, err
	}
	return ctx, b.limits.count(ctx, credential)
}

// shownTo refuses those who have no credential, but where everybody may see.
func shownTo(everybody bool, next http.Handler, refuse refusal) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := tenant.ActorFrom(r.Context()); err != nil && !everybody {
			refuse(w, r, http.StatusUnauthorized, fault.As(err))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// signInFirst leads people who want to read a page, and may not, to the sign-in and back;
// base is where they reach us. Programs are told as everywhere.
func signInFirst(base string) refusal {
	return func(w http.ResponseWriter, r *http.Request, status int, e *fault.Error) {
		if status != http.StatusUnauthorized || !strings.Contains(r.Header.Get("Accept"), "text/html") {
			graphqlRefusal(w, r, status, e)
			return
		}
		w.Header().Del("WWW-Authenticate")
		w.Header().Set("Location", base+"/login?return_to="+url.QueryEscape(r.URL.RequestURI()))
		w.WriteHeader(http.StatusFound)
	}
}

// once refuses a request that says twice who is calling, or what it sends: which of two
// is meant would depend on who reads them.
func once(next http.Handler, refuse refusal) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"Authorization", "Content-Type", "Content-Encoding"} {
			if len(r.Header.Values(name)) > 1 {
				refuse(w, r, http.StatusBadRequest, fault.New(fault.BadRequest, "The %s header is set more than once. Set it once.", name))
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// actor returns ctx with the actor that who finds out, nil being nobody.
func (b bearer) actor(ctx context.Context, who whois) (context.Context, error) {
	if who == nil {
		return ctx, nil
	}
	actor, err := who(ctx)
	if err != nil {
		return ctx, b.unavailable(err)
	}
	return tenant.WithActor(ctx, actor), nil
}

// identified is by credentials that aren't "".
func (b bearer) identified(credentials string) whois {
	scheme, token, _ := strings.Cut(credentials, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return func(context.Context) (tenant.Actor, error) {
			return tenant.Actor{}, fault.New(fault.Unauthenticated, "Send the token as `Authorization: Bearer glt_…`.")
		}
	}
	return b.guarded(func(ctx context.Context) (tenant.Actor, error) { return b.authenticate(ctx, strings.TrimSpace(token)) })
}
