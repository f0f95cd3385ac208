package stripegw

import (
	"net"
	"net/http"
	"time"
)

// NewTransport returns the transport that a Gateway makes for itself, for those
// who want to wrap it. Connecting may take that long, and then the TLS handshake;
// the whole of a call is bounded by the gateway.
func NewTransport(connecting time.Duration) *http.Transport {
	// HTTP/2 stays off, as in stripe-go: Go's client may send an empty body again
	// after a GOAWAY, and Stripe would store that under the idempotency key.
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: connecting, KeepAlive: 15 * time.Second}).DialContext,
		Protocols:           &protocols,
		TLSHandshakeTimeout: connecting,
		MaxIdleConns:        256,
		MaxIdleConnsPerHost: 64,
		// Shorter than the patience of any load balancer: a write must not meet a
		// connection that the other side is closing, as nothing here repeats it.
		IdleConnTimeout: 45 * time.Second,
	}
}

// exchange carries one request and remembers what came back, since stripe-go
// tells neither status nor headers of an answer that it cannot read.
type exchange struct {
	transport http.RoundTripper
	began     time.Time
	status    int // 0 where there was no answer
	header    http.Header
}

// RoundTrip sends req at most once. Go's transport repeats any request with an
// Idempotency-Key whose connection breaks, as long as it can get the body again;
// without GetBody it cannot.
func (x *exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	once := req.WithContext(req.Context())
	once.GetBody = nil
	res, err := x.transport.RoundTrip(once)
	if err != nil {
		return nil, err
	}
	x.status, x.header = res.StatusCode, res.Header
	return res, nil
}

// refuseRedirect keeps a POST and its key from being sent on to another address.
func refuseRedirect(*http.Request, []*http.Request) error {
	return http.ErrUseLastResponse
}
