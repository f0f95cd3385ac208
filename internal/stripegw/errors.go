package stripegw

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/golive-hq/golive/internal/catalog"
)

// failure turns what stripe-go returned into a *catalog.Error, or into ctx's own
// error where ctx ended the call.
func (x *exchange) failure(ctx context.Context, key string, c call, err error) error {
	var told *stripe.Error
	switch {
	case errors.As(err, &told) && told.Type != "":
		return x.refusal(key, c, told)
	case ctx.Err() != nil:
		return c.told(ctx.Err())
	case errors.Is(err, context.DeadlineExceeded):
		return &catalog.Error{
			Kind: catalog.KindNetwork, Status: x.status, RequestID: x.requestID(),
			Message: fmt.Sprintf("no response from Stripe within %s", time.Since(x.began).Round(time.Second/10)),
		}
	case x.status == 0:
		return x.unanswered(err)
	}
	return x.unreadable()
}

// refusal is an error in Stripe's own words.
func (x *exchange) refusal(key string, c call, told *stripe.Error) *catalog.Error {
	e := &catalog.Error{
		Kind:        kindOf(x.status, string(told.Code)),
		Status:      x.status,
		Code:        string(told.Code),
		Param:       told.Param,
		RequestID:   x.requestID(),
		LimitReason: x.header.Get("Stripe-Rate-Limited-Reason"),
		Message:     mask(told.Msg, key),
		// Only an error in Stripe's own shape comes from behind the idempotency
		// layer. A 500 of something on the way may hide a call that still runs, so
		// that a new key would do it twice.
		StoredFailure: x.status == http.StatusInternalServerError && c.key != "",
	}
	if e.Message == "" {
		e.Message = fmt.Sprintf("Stripe returned %d without a reason", x.status)
	}
	return e
}

// unanswered is a call whose effect, if it has one, nobody told. Its message is read by
// tenants, so it names no machine of ours: the cause, which may, is for the log.
func (x *exchange) unanswered(err error) *catalog.Error {
	var urlErr *url.Error
	if errors.As(err, &urlErr) {
		err = urlErr.Err
	}
	return &catalog.Error{Kind: catalog.KindNetwork, Cause: err, Message: "no response from Stripe" + why(err)}
}

// why says in our own words what keeps a call from Stripe, where that is known.
func why(err error) string {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &name):
		return ": its address couldn't be looked up"
	case errors.As(err, &certificate), errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return ": no secure connection"
	case errors.Is(err, syscall.ECONNREFUSED):
		return ": connection refused"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return ": the connection was closed"
	}
	return ""
}

// unreadable is an answer that is neither the object that was asked for nor one of
// Stripe's errors, each of which has a type. What it holds instead is left out,
// since it may hold anything.
//
// Its status is no verdict of Stripe's: a firewall or a proxy on the way may say 403
// for a minute, or 404 while it starts. 429 alone means the same whoever says it.
func (x *exchange) unreadable() *catalog.Error {
	e := &catalog.Error{
		Kind: catalog.KindUnavailable, Status: x.status, RequestID: x.requestID(),
		Message: fmt.Sprintf("Stripe returned %d with an unreadable response", x.status),
	}
	switch {
	case x.status == http.StatusTooManyRequests:
		e.Kind = catalog.KindRateLimit
	case tooLarge[x.status]:
		e.Kind = catalog.KindRequest
	case x.status >= 400 && x.status < 500:
		e.Message = fmt.Sprintf("something between Golive and Stripe, such as a proxy or firewall, returned %d", x.status)
	}
	return e
}

// tooLarge are verdicts on a request that no waiting makes smaller, whoever gives them.
var tooLarge = map[int]bool{
	http.StatusRequestEntityTooLarge: true, http.StatusRequestURITooLong: true, http.StatusRequestHeaderFieldsTooLarge: true,
}

// misread is an answer of JSON that is not the object that was asked for; err is what
// became of decoding it, nil where only the content is wrong.
func (a answer) misread(err error) *catalog.Error {
	e := (&exchange{status: http.StatusOK, header: a.header}).unreadable()
	e.Took = a.took
	if err == nil {
		e.Message += ": not the object requested"
	} else if why := misreading(err); why != "" {
		e.Message += ": " + why
	}
	return e
}

// unsendable is a request that never left, such as one with too long a key.
func unsendable(key string, err error) *catalog.Error {
	return &catalog.Error{Kind: catalog.KindRequest, Message: "the request couldn't be sent: " + mask(err.Error(), key)}
}

// garbledKey is a key that does not even fit into a header; net/http would blame
// the network for it.
func garbledKey() *catalog.Error {
	return &catalog.Error{Kind: catalog.KindPermission, Message: "this isn't a Stripe key: it contains spaces or other invalid characters"}
}

func (x *exchange) requestID() string { return x.header.Get("Request-Id") }

// kindOf sorts by status and code, never by Stripe's error type: sources
// disagree about the type of a conflict.
func kindOf(status int, code string) catalog.ErrorKind {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return catalog.KindPermission
	case status == http.StatusConflict, code == string(stripe.ErrorCodeLockTimeout):
		return catalog.KindConflict
	case status == http.StatusTooManyRequests:
		return catalog.KindRateLimit
	case status >= 400 && status < 500:
		return catalog.KindRequest
	}
	return catalog.KindUnavailable
}

var secrets = regexp.MustCompile(`((?:[srp]k_(?:test|live)|whsec)_)([\w*]+)`)

// address is one of email in a sentence: Stripe repeats what it refuses.
var address = regexp.MustCompile(`([^\s"'` + "`" + `<>(),;:@])[^\s"'` + "`" + `<>(),;:@]*@([^\s"'` + "`" + `<>(),;:@]+)`)

// mask hides Stripe's keys and secrets in message, key whatever its shape, and of addresses
// all but the first letter and the domain.
func mask(message, key string) string {
	if key != "" {
		message = strings.ReplaceAll(message, key, maskOne(key))
	}
	return address.ReplaceAllString(secrets.ReplaceAllStringFunc(message, maskOne), "$1…@$2")
}

// maskOne keeps what Stripe itself shows of a key: its kind and the last four.
func maskOne(secret string) string {
	prefix, rest := "", secret
	if m := secrets.FindStringSubmatch(secret); m != nil {
		prefix, rest = m[1], m[2]
	}
	switch {
	case strings.Contains(rest, "*"):
		return secret // masked already
	case len(rest) < 16:
		return prefix + "****"
	}
	return prefix + "****" + rest[len(rest)-4:]
}
