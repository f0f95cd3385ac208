package identity

import (
	"context"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/golive-hq/golive/internal/mailbox"
)

// Issuer is an OpenID Connect provider and what it knows us by.
type Issuer struct {
	// URL is the issuer's identifier; "" is no issuer.
	URL string
	// Name is what people call it.
	Name         string
	ClientID     string
	ClientSecret Secret
	// TrustEmail takes addresses for verified of which the issuer does not say so.
	TrustEmail bool
}

// Secret is a client's secret, which printing, logging and encoding do not show.
type Secret string

func (Secret) String() string { return "[secret]" }

// GoString keeps %#v from showing the text.
func (s Secret) GoString() string { return s.String() }

// LogValue keeps slog from showing the text.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText keeps encoders from showing the text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// claims are what an issuer says of somebody.
type claims struct {
	issuer, subject string
	// email is normal; verified tells whether it may be believed.
	email    string
	verified bool
	name     string
}

// provider speaks to an issuer.
type provider struct {
	Issuer
	callback string

	// turn is held by whoever asks; found, failed and when belong to its holder.
	turn   chan struct{}
	found  *oidc.Provider
	failed error
	when   time.Time
}

// awayFor is how long an issuer that was away is taken to be so: strangers who want to sign
// in meanwhile need not wait for it one after the other.
const awayFor = 3 * time.Second

// issuerClient asks issuers. They are configured by operators, so where they redirect to
// is their affair.
var issuerClient = &http.Client{Timeout: 10 * time.Second}

// discover asks the issuer once where it does what, and again after a failure.
func (p *provider) discover(ctx context.Context) (*oidc.Provider, error) {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return nil, away(p.Name, ctx.Err())
	}
	if p.found == nil && time.Since(p.when) >= awayFor {
		// The provider keeps the context for fetching keys later.
		p.found, p.failed = oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), issuerClient), p.URL)
		p.when = time.Now()
	}
	if p.found == nil {
		return nil, away(p.Name, p.failed)
	}
	return p.found, nil
}

func away(name string, cause error) error {
	return refused("issuer_away", name+" can't be reached right now. Try again in a moment.", cause)
}

func (p *provider) config(found *oidc.Provider) oauth2.Config {
	return oauth2.Config{
		ClientID: p.ClientID, ClientSecret: string(p.ClientSecret), Endpoint: found.Endpoint(), RedirectURL: p.callback,
		Scopes: []string{oidc.ScopeOpenID, "email", "profile"},
	}
}

// address is where the browser goes to prove who it is.
func (p *provider) address(ctx context.Context, f flow, otherAccount bool) (string, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	config := p.config(found)
	options := []oauth2.AuthCodeOption{oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)}
	if otherAccount {
		options = append(options, oauth2.SetAuthURLParam("prompt", "select_account"))
	}
	return config.AuthCodeURL(f.State, options...), nil
}

// redeem turns what the browser brought back into what the issuer says of the person.
func (p *provider) redeem(ctx context.Context, f flow, query url.Values) (claims, error) {
	if subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(f.State)) != 1 {
		return claims{}, refused("state", "This sign-in was not started in this browser. Start again.", nil)
	}
	if iss := query.Get("iss"); iss != "" && iss != p.URL {
		return claims{}, refused("issuer", "This sign-in came from another place than it was started at. Start again.", nil)
	}
	if problem := query.Get("error"); problem != "" {
		return claims{}, refused("issuer_refused", p.Name+" didn't sign you in. Try again, or ask whoever runs it.", errors.New("the issuer answers "+problem))
	}
	found, err := p.discover(ctx)
	if err != nil {
		return claims{}, err
	}
	ctx = oidc.ClientContext(ctx, issuerClient)
	config := p.config(found)
	token, err := config.Exchange(ctx, query.Get("code"), oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return claims{}, exchangeRefused(p.Name, err)
	}
	return p.verify(ctx, found, token, f.Nonce)
}

// exchangeRefused tells an issuer that says no from one that says nothing. Its words may
// quote the code, and so stay out.
func exchangeRefused(name string, err error) error {
	var answer *oauth2.RetrieveError
	if errors.As(err, &answer) {
		return refused("code", name+" didn't accept this sign-in. Start again.", errors.New("the issuer answers "+answer.ErrorCode))
	}
	return away(name, errors.New("the code could not be exchanged"))
}

// said is the part of an ID token, or of the user's information, that we read.
type said struct {
	Email    string `json:"email"`
	Verified flag   `json:"email_verified"`
	Name     string `json:"name"`
	Nickname string `json:"preferred_username"`
	Party    string `json:"azp"`
}

// flag is a boolean that some issuers send as a text, or not at all.
type flag bool

// UnmarshalJSON takes true and "true".
func (f *flag) UnmarshalJSON(b []byte) error {
	*f = flag(strings.Trim(string(b), `"`) == "true")
	return nil
}

// verify believes an ID token only if it was made for us, for this sign-in, by this issuer
// and is in its time.
func (p *provider) verify(ctx context.Context, found *oidc.Provider, token *oauth2.Token, nonce string) (claims, error) {
	text, _ := token.Extra("id_token").(string)
	id, err := found.Verifier(&oidc.Config{ClientID: p.ClientID}).Verify(ctx, text)
	if err != nil {
		return claims{}, badToken(p.Name, err)
	}
	var s said
	if err := id.Claims(&s); err != nil {
		return claims{}, badToken(p.Name, err)
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1:
		return claims{}, badToken(p.Name, errors.New("the nonce is another one"))
	case s.Party != "" && s.Party != p.ClientID:
		return claims{}, badToken(p.Name, errors.New("the authorized party is another one"))
	case id.Subject == "":
		return claims{}, badToken(p.Name, errors.New("there is no subject"))
	}
	if s.Email == "" {
		if err := p.complete(ctx, found, token, id.Subject, &s); err != nil {
			return claims{}, err
		}
	}
	return p.claimsOf(id, s), nil
}

func badToken(name string, cause error) error {
	return refused("id_token", name+" sent something that can't be trusted. Start again; if that doesn't help, tell whoever runs Golive.", cause)
}

// complete asks an issuer that says little in its tokens.
func (p *provider) complete(ctx context.Context, found *oidc.Provider, token *oauth2.Token, subject string, s *said) error {
	if found.UserInfoEndpoint() == "" {
		return nil
	}
	info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return away(p.Name, errors.New("the user's information could not be read"))
	}
	if info.Subject != subject {
		return badToken(p.Name, errors.New("the user's information is about another subject"))
	}
	party := s.Party
	s.Verified = false // was said of no address, and not of the one that comes
	if err := info.Claims(s); err != nil {
		return badToken(p.Name, err)
	}
	s.Party = party
	return nil
}

func (p *provider) claimsOf(id *oidc.IDToken, s said) claims {
	name := s.Name
	if name == "" {
		name = s.Nickname
	}
	return claims{
		issuer: id.Issuer, subject: id.Subject, email: mailbox.Normal(strings.TrimSpace(s.Email)),
		verified: bool(s.Verified) || p.TrustEmail, name: name,
	}
}
