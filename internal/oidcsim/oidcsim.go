package oidcsim

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	_ "embed" // for the page beside this file
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

//go:embed choose.html
var chooseText string

var choosePage = template.Must(template.New("choose").Parse(chooseText))

// chooseStyle is what a content policy calls the page's style by.
var chooseStyle = func() string {
	sum := sha256.Sum256([]byte(regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(chooseText)[1]))
	return base64.StdEncoding.EncodeToString(sum[:])
}()

// Person is somebody who can be chosen.
type Person struct {
	// Subject identifies the person for ever.
	Subject, Email, Name string
	// About is what the page says of the person: "admin".
	About string
	// Unverified tells that nobody has proved the address.
	Unverified bool
}

// Config is what an Issuer needs.
type Config struct {
	// URL is where the issuer answers, without a slash at the end.
	URL string
	// ClientID, ClientSecret and Redirect are those of its one client.
	ClientID, ClientSecret, Redirect string
	People                           []Person
	// Tamper, if it is set, changes the claims of an ID token before it is signed: for
	// tests of whoever must not believe them.
	Tamper func(claims map[string]any)
}

// Issuer answers as one.
type Issuer struct {
	Config

	mux    *http.ServeMux
	signer jose.Signer
	keys   jose.JSONWebKeySet

	mu    sync.Mutex
	codes map[string]grant
}

// grant is what a code stands for.
type grant struct {
	person                     Person
	redirect, challenge, nonce string
	expires                    time.Time
}

const codeTime = time.Minute

// New returns an issuer with a key of its own.
func New(c Config) (*Issuer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	id := rand.Text()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: id}}, nil)
	if err != nil {
		return nil, err
	}
	i := &Issuer{Config: c, mux: http.NewServeMux(), signer: signer, codes: map[string]grant{}}
	i.keys.Keys = []jose.JSONWebKey{{Key: key.Public(), KeyID: id, Algorithm: string(jose.ES256), Use: "sig"}}
	i.mux.HandleFunc("GET /.well-known/openid-configuration", i.discovery)
	i.mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, i.keys) })
	i.mux.HandleFunc("GET /authorize", i.authorize)
	i.mux.HandleFunc("POST /token", i.token)
	return i, nil
}

// ServeHTTP answers browsers and the client.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) { i.mux.ServeHTTP(w, r) }

func (i *Issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{
		"issuer": i.URL, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{string(jose.ES256)}, "code_challenge_methods_supported": []string{"S256"},
	})
}

// authorize shows who can be chosen, and sends the browser back with a code for whoever was.
// A request that is wrong is told here: it may not come from the client at all.
func (i *Issuer) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if wrong := i.wrong(q); wrong != "" {
		http.Error(w, "This request to sign in is wrong: "+wrong, http.StatusBadRequest)
		return
	}
	if !q.Has("as") {
		i.choose(w, q)
		return
	}
	at := slices.IndexFunc(i.People, func(p Person) bool { return p.Subject == q.Get("as") })
	if at < 0 {
		http.Error(w, "There is nobody of that name.", http.StatusBadRequest)
		return
	}
	code := i.grant(grant{i.People[at], q.Get("redirect_uri"), q.Get("code_challenge"), q.Get("nonce"), time.Now().Add(codeTime)})
	back := url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {i.URL}}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

func (i *Issuer) wrong(q url.Values) string {
	switch {
	case q.Get("client_id") != i.ClientID:
		return "the client is unknown"
	case q.Get("redirect_uri") != i.Redirect:
		return "the redirect_uri is not the client's"
	case q.Get("response_type") != "code":
		return "the response_type must be code"
	case !slices.Contains(strings.Fields(q.Get("scope")), "openid"):
		return "the scope must contain openid"
	case q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43:
		return "it needs a code_challenge by S256"
	case q.Get("state") == "" || q.Get("nonce") == "":
		return "it needs a state and a nonce"
	}
	return ""
}

// choose is a page of links: a click is enough.
func (i *Issuer) choose(w http.ResponseWriter, q url.Values) {
	type choice struct {
		Person
		Path string
	}
	var choices []choice
	for _, p := range i.People {
		q.Set("as", p.Subject)
		choices = append(choices, choice{p, "/authorize?" + q.Encode()})
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+chooseStyle+"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	_ = choosePage.Execute(w, choices) // the browser has gone away where this fails
}

func (i *Issuer) grant(g grant) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	code := rand.Text() + rand.Text()
	i.codes[code] = g
	return code
}

// take returns what a code stands for, once.
func (i *Issuer) take(code string) (grant, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	g, ok := i.codes[code]
	delete(i.codes, code)
	return g, ok && time.Now().Before(g.expires)
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		panic(fmt.Errorf("encode an answer: %w", err))
	}
}
