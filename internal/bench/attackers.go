package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// attackKind is one kind of attack. Each attacker strikes again as soon as it has been
// answered, but not more often than every.
type attackKind struct {
	name  string
	every time.Duration
	// hands are how many strikes of one attacker are under way at once; 0 is one.
	hands  int
	strike func(ctx context.Context, a *attacker)
	// prepare makes ready what only this kind needs; nil for nothing.
	prepare func(ctx context.Context, b *battle) error
}

// Each strikes at the rate at which it was found to hurt, or at a higher one, and both as it
// was found and in the largest form that is let through.
var attackKinds = []attackKind{
	{name: "introspection bomb", every: 100 * time.Millisecond, strike: asking(introspectionBomb, wholeSchema)},
	{name: "overflow in skipped fields", every: 100 * time.Millisecond, strike: asking(overflow, largest)},
	{name: "1,000 documents of 16 KB", every: 20 * time.Millisecond, strike: asking(longDocument, longNames)},
	{name: "43 KB of one field", every: 100 * time.Millisecond, strike: asking(oneField, noFragments)},
	{name: "120 aliases of a counted list", every: 50 * time.Millisecond, strike: asking(aliases(120), aliases(4))},
	{name: "clients that do not read", every: 50 * time.Millisecond, strike: deaf},
	{name: "3,000 sockets of nobody", hands: 375, every: lurkers, strike: lurk},
	{name: "token guessers", hands: 4, every: time.Millisecond, strike: guess},
	{name: "subscribe and complete", every: 10 * time.Millisecond, strike: flutter},
	{name: "imports of 4,000 products", every: 10 * time.Millisecond, strike: importAll, prepare: fillCatalogue},
}

// attacker is one of them, in a process that holds all of one kind.
type attacker struct {
	orders
	token string
	n     int // strikes so far
}

// abroad is where attackers come from: not from the address of those who have work to do,
// because what is counted by address would then be the honest ones', too.
var (
	abroad    = &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	attackWeb = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DialContext: abroad.DialContext, MaxIdleConnsPerHost: 64}}
)

// dialSocket opens a socket, nil where it's refused.
func (a *attacker) dialSocket(ctx context.Context) *websocket.Conn {
	ws, res, err := websocket.Dial(ctx, a.Target+"/graphql", &websocket.DialOptions{HTTPClient: attackWeb, Subprotocols: []string{"graphql-transport-ws"}})
	if res != nil && res.Body != nil {
		_ = res.Body.Close()
	}
	if err != nil {
		return nil
	}
	return ws
}

// beAttackers strikes as it is told to by in, until it is killed.
func beAttackers(ctx context.Context, in io.Reader) error {
	var o orders
	if err := json.NewDecoder(in).Decode(&o); err != nil {
		return err
	}
	for _, kind := range attackKinds {
		if kind.name != o.Kind {
			continue
		}
		for _, token := range o.Tokens {
			for range max(1, kind.hands) {
				go (&attacker{orders: o, token: token}).attack(ctx, kind)
			}
		}
		<-ctx.Done()
		return nil
	}
	return fmt.Errorf("there is no attack %q", o.Kind)
}

func (a *attacker) attack(ctx context.Context, kind attackKind) {
	for ctx.Err() == nil {
		next := time.Now().Add(kind.every)
		kind.strike(ctx, a)
		a.n++
		_ = until(ctx, next)
	}
}

// form is a document, and whether it needs no token.
type form func(a *attacker) (document string, anonymous bool)

// asking sends one form after the other.
func asking(forms ...form) func(context.Context, *attacker) {
	return func(ctx context.Context, a *attacker) {
		document, anonymous := forms[a.n%len(forms)](a)
		token := a.token
		if anonymous {
			token = ""
		}
		a.post(ctx, token, document)
	}
}

func (a *attacker) post(ctx context.Context, token, document string) {
	body, err := json.Marshal(map[string]string{"query": document})
	if err != nil {
		return
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.Target+"/graphql", bytes.NewReader(body))
	if err != nil {
		return
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if res, err := attackWeb.Do(req); err == nil {
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	}
}

func repeated(n int, each func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(each(i))
	}
	return b.String()
}

func introspectionBomb(*attacker) (string, bool) {
	return `{__schema{types{fields{type{...F ofType{...F ofType{...F ofType{...F}}}}}}}} fragment F on __Type{fields{` +
		repeated(1200, func(i int) string { return fmt.Sprintf("a%d:name ", i) }) + `}}`, true
}

func wholeSchema(*attacker) (string, bool) {
	return `{__schema{types{name description fields{name description args{name description} type{name}} enumValues{name description}}}}`, false
}

func overflow(a *attacker) (string, bool) {
	return fmt.Sprintf(`{tenant(slug:%q){products(first:100){nodes{id deployments(first:100){nodes{id status requestedBy progressMessage events(first:100){sequence message status}}}
		s0:deployments(first:2147483647)@skip(if:true){nodes{events(first:2147483646){sequence}}} s1:deployments(first:2147453043)@skip(if:true){totalCount}}}}}`, a.Slug), false
}

func largest(a *attacker) (string, bool) {
	return fmt.Sprintf(`{tenant(slug:%q){products(first:100){nodes{id name deployments(first:10){nodes{id status requestedBy progressMessage}}}}}}`, a.Slug), false
}

func longDocument(a *attacker) (string, bool) {
	return fmt.Sprintf("query q%s{", rand.Text()) + repeated(1000, func(i int) string { return fmt.Sprintf("b%d:__typename ", i) }) + "}", true
}

func longNames(a *attacker) (string, bool) {
	return fmt.Sprintf("query q%s{", rand.Text()) + repeated(130, func(i int) string { return fmt.Sprintf("b%0100d:__typename ", i) }) + "}", false
}

func oneField(*attacker) (string, bool) {
	return "{" + strings.Repeat("__typename ", 3900) + "}", true
}

func noFragments(*attacker) (string, bool) {
	return "{" + repeated(3900, func(i int) string { return fmt.Sprintf("...F%05d ", i) }) + "}", false
}

func aliases(n int) form {
	return func(a *attacker) (string, bool) {
		return fmt.Sprintf(`{tenant(slug:%q){products(first:100){nodes{`, a.Slug) +
			repeated(n, func(i int) string { return fmt.Sprintf("d%d:deployments(first:1){totalCount} ", i) }) + `}}}}`, false
	}
}

// deaf asks for much on a connection of its own and does not read. It holds 50 of those.
func deaf(ctx context.Context, a *attacker) {
	if a.n >= 50 {
		_ = until(ctx, time.Now().Add(time.Second))
		return
	}
	u, err := url.Parse(a.Target)
	if err != nil {
		return
	}
	conn, err := abroad.DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return
	}
	document, _ := wholeSchema(a)
	if a.n%2 == 1 {
		document, _ = largest(a)
	}
	body, _ := json.Marshal(map[string]string{"query": document})
	_, _ = fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		u.Host, a.token, len(body), body)
	context.AfterFunc(ctx, func() { _ = conn.Close() }) // nobody else does
}

// lurkers come within so long, and come back as often: 3,000 of them dial 300 times a second,
// nine times as often as it took to hurt.
const lurkers = 10 * time.Second

// lurk opens a socket, says nothing, and comes back once it is closed.
func lurk(ctx context.Context, a *attacker) {
	if a.n == 0 {
		_ = until(ctx, time.Now().Add(mathrand.N(lurkers)))
	}
	ws := a.dialSocket(ctx)
	if ws == nil {
		return
	}
	_, _, _ = ws.Read(ctx)
	_ = ws.CloseNow()
}

func guess(ctx context.Context, a *attacker) {
	a.post(ctx, "glt_"+rand.Text()+rand.Text(), `{viewer{email}}`)
}

// flutter subscribes and completes every two milliseconds until it is thrown out.
func flutter(ctx context.Context, a *attacker) {
	ws := a.dialSocket(ctx)
	if ws == nil {
		return
	}
	defer func() { _ = ws.CloseNow() }()
	say := func(text string) error { return ws.Write(ctx, websocket.MessageText, []byte(text)) }
	if say(`{"type":"connection_init","payload":{"authorization":"Bearer `+a.token+`"}}`) != nil {
		return
	}
	if _, _, err := ws.Read(ctx); err != nil {
		return
	}
	reading := ws.CloseRead(ctx)
	for i := 0; reading.Err() == nil; i++ {
		if say(fmt.Sprintf(`{"id":"%d","type":"subscribe","payload":{"query":"subscription{deploymentsChanged(tenantId:\"%s\"){id}}"}}`, i, a.TenantID)) != nil ||
			say(fmt.Sprintf(`{"id":"%d","type":"complete"}`, i)) != nil {
			return
		}
		_ = until(ctx, time.Now().Add(2*time.Millisecond))
	}
}

func importAll(ctx context.Context, a *attacker) {
	a.post(ctx, a.token, fmt.Sprintf(`mutation{importProducts(input:{tenantId:%q}){imported userErrors{code}}}`, a.TenantID))
}

// fillCatalogue gives the attackers as many products as an import may take, with as much
// metadata as Stripe keeps of each.
func fillCatalogue(ctx context.Context, b *battle) error {
	metadata := map[string]string{}
	for i := range 45 {
		metadata[fmt.Sprintf("key_%d", i)] = strings.Repeat("m", 500)
	}
	text, err := json.Marshal(metadata)
	if err != nil {
		return err
	}
	const lot = 200
	for from := 0; from < 4000; from += lot {
		products := repeated(lot, func(i int) string {
			return fmt.Sprintf(`,{"id": "prod_big_%d", "name": "Big %d", "metadata": %s}`, from+i, from+i, text)
		})
		_, err := request(ctx, http.MethodPost, b.stripe+"/_sim/state?mode=test&account="+b.account, "", []byte(`{"products": [`+products[1:]+`]}`))
		if err != nil {
			return err
		}
	}
	return nil
}
