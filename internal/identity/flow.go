package identity

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// flow is one way to the issuer and back, which the browser carries sealed: whoever comes
// back with another one did not start here.
type flow struct {
	State, Nonce, Verifier string
	ReturnTo               string
	Begun                  time.Time
}

const flowPurpose = "sign-in"

// Begun is a sign-in that the browser takes to the issuer.
type Begun struct {
	// Location is where the browser goes, Ticket what it keeps meanwhile, under a name
	// that tells it from the sign-ins of other tabs.
	Location, Name, Ticket string
}

// Begin starts a sign-in that shall end at returnTo, a path of this server. otherAccount
// asks the issuer to let people choose.
func (s *Service) Begin(ctx context.Context, returnTo string, otherAccount bool) (Begun, error) {
	returnTo, err := LocalPath(returnTo)
	if err != nil {
		return Begun{}, err
	}
	f := flow{
		State: rand.Text() + rand.Text(), Nonce: rand.Text() + rand.Text(), Verifier: oauth2.GenerateVerifier(),
		ReturnTo: returnTo, Begun: time.Now(),
	}
	location, err := s.provider.address(ctx, f, otherAccount)
	if err != nil {
		return Begun{}, err
	}
	text, err := json.Marshal(f)
	if err != nil {
		return Begun{}, err
	}
	ticket, err := s.Keys.Ticket(flowPurpose, string(text))
	return Begun{Location: location, Name: FlowName(f.State), Ticket: ticket}, err
}

// FlowName is what the sign-in with that state is kept under: letters and digits.
func FlowName(state string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, state[:min(len(state), 8)])
}

// Browser is what a request tells of whoever signs in.
type Browser struct {
	// Session is the secret of the session that it has had, "" for none: it ends.
	Session   string
	UserAgent string
}

// Finish ends a sign-in: the browser has brought the ticket and the issuer's answer. It
// returns the secret of a new session and where to go.
func (s *Service) Finish(ctx context.Context, ticket string, query url.Values, from Browser) (secret, returnTo string, err error) {
	f, err := s.flowIn(ticket)
	if err != nil {
		return "", "", err
	}
	who, err := s.provider.redeem(ctx, f, query)
	if err != nil {
		return "", "", err
	}
	secret, err = s.signIn(ctx, who, from)
	return secret, f.ReturnTo, err
}

func (s *Service) flowIn(ticket string) (f flow, err error) {
	text, err := s.Keys.Redeem(flowPurpose, ticket)
	if err != nil || json.Unmarshal([]byte(text), &f) != nil {
		return flow{}, refused("state", "This sign-in was not started in this browser. Start again.", nil)
	}
	if time.Since(f.Begun) > flowTime {
		return flow{}, refused("late", "This sign-in took longer than ten minutes. Start again.", nil)
	}
	return f, nil
}

// LocalPath returns a path of this server to go on to, "/" for "". Whatever a browser could
// take for another place is refused.
func LocalPath(path string) (string, error) {
	if path == "" {
		return "/", nil
	}
	u, err := url.Parse(path)
	strange := strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f })
	if err != nil || strange || len(path) > 2000 || path[0] != '/' || strings.HasPrefix(path, "//") || u.Scheme != "" || u.Host != "" || strings.HasPrefix(u.Path, "//") {
		return "", refused("return_to", "This link would lead to another website after you sign in, so it was not followed.", nil)
	}
	return path, nil
}
